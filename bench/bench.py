"""Measures the daemon beside what the same servers can do at most, in one run.

    python bench/bench.py build/release/kinto-mirror [loads] [audit] [idle] [pages]

Everything runs on loopback against real Kinto servers that this program starts and stops. It prints figures and
asserts nothing: machines differ, so compare the ratios within one run.
"""

import json
import os
import random
import subprocess
import sys
import threading
import time

import psycopg2
import requests

from bare import BareClient, batches_for
from harness.kinto import AUTH
from harness.pg import PgCluster
from harness.kinto import KintoServer
from harness.status import free_port

NAME = ("bench", "records")
BUCKET, COLLECTION = (f"/buckets/{NAME[0]}", f"/buckets/{NAME[0]}/collections/{NAME[1]}")


def random_records(count: int, rng: random.Random) -> list[dict]:
    return [{"id": f"{rng.getrandbits(128):032x}", "internal_id": number, "title": f"title {rng.random()}",
             "text": "x" * 120} for number in range(count)]


class PeakMemory:
    """The most memory that a process had, as the kernel last said so before it ended. (Its ru_maxrss would not do:
    that counts what it shared with this program before its exec.)"""

    def __init__(self, pid: int):
        self._status = f"/proc/{pid}/status"
        self._kib = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        try:
            while True:
                with open(self._status, encoding="ascii") as status:
                    lines = [line for line in status if line.startswith("VmHWM:")]
                if not lines:  # it has ended
                    return
                self._kib = int(lines[0].split()[1])
                time.sleep(0.005)
        except (FileNotFoundError, ProcessLookupError):
            return

    def mib(self) -> float:
        self._thread.join()
        return self._kib / 1024


class Usage:
    """What one run of the binary took."""

    def __init__(self, binary: str, master: KintoServer, replica: KintoServer, *command: str):
        begin = time.perf_counter()
        process = subprocess.Popen(
            [binary, *command, "--json", "--master", master.url, "--master-auth", AUTH,
             "--replica", replica.url, "--replica-auth", AUTH, "--log-level", "error"],
            stdout=subprocess.PIPE)
        peak = PeakMemory(process.pid)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        self.seconds = time.perf_counter() - begin
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak_mib = peak.mib()
        self.code = os.waitstatus_to_exitcode(status)
        self.report = json.loads(out)["replicas"][0]["collections"]
        process.returncode = self.code


def make_containers(server: KintoServer) -> None:
    client = BareClient(server)
    client.put(BUCKET)
    client.put(COLLECTION)


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


def seed_by_sql(url: str, count: int) -> None:
    """Kinto itself writes about a hundred records a second here."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO objects (id, parent_id, resource_name, last_modified, data, deleted)
               SELECT md5(n::text), %s, 'record', to_timestamp(1600000000 + n / 1000.0)::timestamp,
                      jsonb_build_object('internal_id', n, 'title', 'title ' || n), FALSE
               FROM generate_series(1, %s) AS n""", (COLLECTION, count))


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


def following(binary: str, master: KintoServer, replica: KintoServer, listen: str) -> subprocess.Popen:
    return subprocess.Popen(
        [binary, "run", "--listen", listen, "--master", master.url, "--master-auth", AUTH,
         "--replica", replica.url, "--replica-auth", AUTH, "--log-level", "error"])


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


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(binary: str, parts: list[str]) -> None:
    if not parts or "loads" in parts:
        load(binary, 2_000)
        load(binary, 10_000)
    if not parts or "audit" in parts:
        audit(binary, 100_000)
    if not parts or "idle" in parts:
        idle(binary, 60)
    if not parts or "pages" in parts:
        pages(binary, 1_000)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
