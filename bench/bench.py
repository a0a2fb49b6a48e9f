"""Measures the daemon beside what the same servers can do at most, in one run.

    python bench/bench.py build/release/kinto-mirror [loads] [audit] [idle] [pages] [containers]
    python bench/bench.py build/release/kinto-mirror --beside OTHER [--runs 10]
                          [loads] [loads-postgresql] [loads-far] [far] [audit] [idle] [active] [mixed]

Everything runs on loopback against real Kinto servers that this program starts and stops. It prints figures and
asserts nothing: machines differ, so compare the ratios within one run. With --beside two binaries take turns, and
are compared with each other; without parts these are the loads into a memory backend.
"""

import argparse
import random
import time

import requests

import beside
import wizard
from bare import BareClient, batches_for
from harness.kinto import AUTH, KintoServer
from harness.pg import PgCluster
from harness.status import free_port
from measured import (BUCKET, COLLECTION, Usage, cpu_seconds, following, make_containers, random_records, resident_mib,
                      seed_by_sql)


def load(binary: str, count: int) -> None:
    """A load into an empty replica, beside the same writes sent by a bare client to a server of the same kind."""
    rng = random.Random(count)
    records = random_records(count, rng)
    servers = [KintoServer("memory") for _ in range(3)]
    master, replica, ceiling = servers
    try:
        for server in (master, ceiling):
            make_containers(server)
        BareClient(master).send_all(batches_for(COLLECTION, records))
        stored = BareClient(master).records(COLLECTION)
        prepared = batches_for(COLLECTION, stored)
        begin = time.perf_counter()
        BareClient(ceiling).send_all(prepared)
        bare = time.perf_counter() - begin
        BareClient(replica).warm()  # as the other one is by its containers
        first = Usage(binary, master, replica, "run", "--once")
        changed = rng.sample(stored, max(1, count // 100))
        BareClient(master).send_all(batches_for(COLLECTION, [
            {key: value for key, value in record.items() if key != "last_modified"} | {"title": "changed"}
            for record in changed]))
        second = Usage(binary, master, replica, "run", "--once")
    finally:
        for server in servers:
            server.close()
    print(f"load of {count} records, memory to memory")
    print(f"  bare client, batches built beforehand   {bare:7.2f} s  {count / bare:8.0f} records/s")
    print(f"  kinto-mirror run --once                 {first.seconds:7.2f} s  {count / first.seconds:8.0f} records/s"
          f"  {bare / first.seconds:.2f} of the bare client's rate")
    print(f"  own CPU {first.cpu / count * 1e6:.0f} us a record, peak memory {first.peak_mib:.1f} MiB, "
          f"exit {first.code}, created {first.report[0]['created']}")
    print(f"  run --once after 1% changed             {second.seconds:7.2f} s, updated {second.report[0]['updated']}")


def audit(binary: str, count: int) -> None:
    cluster = PgCluster()
    servers = []
    try:
        servers = [KintoServer("postgresql", cluster) for _ in range(2)]
        for server in servers:
            make_containers(server)
            seed_by_sql(server.database_url, count)
        usage = Usage(binary, *servers, "run", "--once")
    finally:
        for server in servers:
            server.close()
        cluster.close()
    print(f"audit of {count} equal records, PostgreSQL to PostgreSQL")
    print(f"  {usage.seconds:.2f} s, own CPU {usage.cpu / count * 1e6:.1f} us a record, "
          f"peak memory {usage.peak_mib:.1f} MiB, exit {usage.code}, same {usage.report[0]['same']}")


def idle(binary: str, seconds: int) -> None:
    servers = [KintoServer("memory") for _ in range(2)]
    try:
        make_containers(servers[0])
        BareClient(servers[0]).send_all(batches_for(COLLECTION, random_records(100, random.Random(1))))
        process = following(binary, *servers, listen="off")
        time.sleep(3)  # the load is over; what is measured is a time, not a condition
        before = cpu_seconds(process.pid)
        time.sleep(seconds)
        used = cpu_seconds(process.pid) - before
        memory = resident_mib(process.pid)
        process.terminate()
        process.wait(timeout=15)
    finally:
        for server in servers:
            server.close()
    print(f"idle at the default interval for {seconds} s")
    print(f"  {used / seconds * 100:.2f}% of a core, resident {memory:.1f} MiB")


def pages(binary: str, collections: int) -> None:
    servers = [KintoServer("memory") for _ in range(2)]
    port = free_port()
    try:
        make_containers(servers[0])
        client = tuple(AUTH.split(":", 1))
        for first in range(0, collections, 25):
            puts = [{"method": "PUT", "path": f"{BUCKET}/collections/c{number}"} for number in range(first, first + 25)]
            requests.post(servers[0].url + "/batch", json={"requests": puts}, auth=client, timeout=60).raise_for_status()
        process = following(binary, *servers, listen=f"127.0.0.1:{port}")
        url = f"http://127.0.0.1:{port}"
        give_up = time.monotonic() + 300
        while not in_sync(url) and time.monotonic() < give_up:
            time.sleep(0.5)
        web, took = requests.Session(), []
        for _ in range(30):
            time.sleep(0.25)  # longer than a page is kept
            begin = time.perf_counter()
            size = len(web.get(url + "/metrics", timeout=10).content)
            took.append((time.perf_counter() - begin) * 1e3)
        took.sort()
        memory = resident_mib(process.pid)
        process.terminate()
        process.wait(timeout=15)
    finally:
        for server in servers:
            server.close()
    print(f"/metrics of {collections} collections, {size / 1024:.0f} KiB, each made anew")
    print(f"  least {took[0]:.1f} ms, median {took[len(took) // 2]:.1f} ms, most {took[-1]:.1f} ms; resident {memory:.1f} MiB")


def in_sync(url: str) -> bool:
    try:
        return requests.get(url + "/status", timeout=10).json()["in_sync"]
    except requests.RequestException:
        return False


PARTS = {
    "loads": lambda binary: (load(binary, 2_000), load(binary, 10_000)),
    "audit": lambda binary: audit(binary, 100_000),
    "idle": lambda binary: idle(binary, 60),
    "pages": lambda binary: pages(binary, 1_000),
    "containers": lambda binary: (wizard.containers(binary, 45, 4), wizard.containers(binary, 9, 40)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("parts", nargs="*", metavar="part")
    parser.add_argument("--beside", metavar="OTHER", help="a second binary, which takes turns with the first")
    parser.add_argument("--runs", type=int, default=10, help="of each of the two binaries")
    options = parser.parse_intermixed_args()
    known = beside.PARTS if options.beside else PARTS
    for part in options.parts:
        if part not in known:
            parser.error(f"{part!r} is none of {', '.join(known)}")
    if options.beside:
        for part in options.parts or ["loads"]:
            beside.PARTS[part](options.binary, options.beside, options.runs)
    else:
        for part in options.parts or PARTS:
            PARTS[part](options.binary)


if __name__ == "__main__":
    main()
