"""Two binaries that take turns, in one run: what the machine does meanwhile meets both."""

import random
import statistics
import time
from collections.abc import Callable

import active
import distant
import many
import replicas
from bare import BareClient, batches_for
from far import FarServer
from harness.kinto import KintoServer
from harness.pg import PgCluster
from harness.proxy import Proxy
from measured import (COLLECTION, Usage, cpu_seconds, following, make_containers, random_records, seed_by_sql)

ENOUGH = 0.93  # of the bare client's rate


def turns(run: int, binaries: list[str]) -> list[tuple[int, str]]:
    """A B, B A, A B, ...: neither always comes first."""
    order = list(enumerate(binaries))
    return order if run % 2 == 0 else order[::-1]


def summary(name: str, ratios: list[float], wanted: str = "") -> None:
    print(f"  {name}: least {min(ratios):.2f}, median {statistics.median(ratios):.2f}, most {max(ratios):.2f}{wanted}")


def loads(binaries: list[str], runs: int, count: int, what: str, new_server: Callable[[], KintoServer | FarServer],
          master: KintoServer) -> None:
    """Each run: one binary, the bare client, the other binary; each into a server of its own."""
    records = random_records(count, random.Random(count))
    make_containers(master)
    BareClient(master).send_all(batches_for(COLLECTION, records))
    prepared = batches_for(COLLECTION, BareClient(master).records(COLLECTION))

    def bare() -> float:
        server = new_server()
        try:
            make_containers(server)
            begin = time.perf_counter()
            BareClient(server).send_all(prepared)
            return time.perf_counter() - begin
        finally:
            server.close()

    def mirrored(binary: str) -> float:
        server = new_server()
        try:
            BareClient(server).warm()  # the bare client's is warm by its containers
            usage = Usage(binary, master, server, "run", "--once")
        finally:
            server.close()
        if usage.code != 0 or usage.report[0]["created"] != count:
            raise RuntimeError(f"{binary}: exit {usage.code}, {usage.report}")
        return usage.seconds

    print(f"loads of {count} records, {what}; the ratio is that of the bare client's time to the binary's")
    ratios: list[list[float]] = [[], []]
    for run in range(runs):
        (first, one), (second, other) = turns(run, binaries)
        seconds = {first: mirrored(one)}
        ceiling = bare()
        seconds[second] = mirrored(other)
        for number in (0, 1):
            ratios[number].append(ceiling / seconds[number])
        print(f"  run {run + 1:2}: bare {ceiling:6.2f} s   A {seconds[0]:6.2f} s {ratios[0][-1]:5.2f}   "
              f"B {seconds[1]:6.2f} s {ratios[1][-1]:5.2f}", flush=True)
    for name, of_one in zip("AB", ratios):
        reached = sum(ratio >= ENOUGH for ratio in of_one)
        summary(name, of_one, f"; {reached} of {runs} reached {ENOUGH}")
    summary("A's rate to B's", [a / b for a, b in zip(*ratios)])


def loads_into_memory(binary: str, other: str, runs: int) -> None:
    master = KintoServer("memory")
    try:
        loads([binary, other], runs, 2_000, "memory to memory", lambda: KintoServer("memory"), master)
    finally:
        master.close()


def loads_into_postgresql(binary: str, other: str, runs: int) -> None:
    master, cluster = KintoServer("memory"), PgCluster()
    try:
        loads([binary, other], runs, 2_000, "memory to PostgreSQL", lambda: KintoServer("postgresql", cluster), master)
    finally:
        master.close()
        cluster.close()


def loads_far_away(binary: str, other: str, runs: int) -> None:
    master = KintoServer("memory")
    try:
        loads([binary, other], runs, 2_000, "memory to memory at a round trip of 50 ms",
              lambda: FarServer(KintoServer("memory"), 0.05), master)
    finally:
        master.close()


def audits(binary: str, other: str, runs: int) -> None:
    count = 100_000
    cluster, servers, seconds, cpu = PgCluster(), [], ([], []), ([], [])
    try:
        servers = [KintoServer("postgresql", cluster) for _ in range(2)]
        for server in servers:
            make_containers(server)
            seed_by_sql(server.database_url, count)
        print(f"audits of {count} equal records, PostgreSQL to PostgreSQL")
        for run in range(runs):
            for number, which in turns(run, [binary, other]):
                usage = Usage(which, *servers, "run", "--once")
                if usage.code != 0:
                    raise RuntimeError(f"{which}: exit {usage.code}, {usage.report}")
                seconds[number].append(usage.seconds)
                cpu[number].append(usage.cpu)
            print(f"  run {run + 1:2}: A {seconds[0][-1]:6.2f} s, own CPU {cpu[0][-1]:5.2f} s   "
                  f"B {seconds[1][-1]:6.2f} s, own CPU {cpu[1][-1]:5.2f} s", flush=True)
    finally:
        for server in servers:
            server.close()
        cluster.close()
    summary("A's time to B's", [a / b for a, b in zip(*seconds)])
    summary("A's own CPU to B's", [a / b for a, b in zip(*cpu)])


def idles(binary: str, other: str, runs: int, seconds: int = 30) -> None:
    servers = [KintoServer("memory") for _ in range(2)]
    proxies = [Proxy(server.origin) for server in servers]
    cpu, sent = ([], []), ([], [])
    try:
        for proxy, server in zip(proxies, servers):
            proxy.auth = server.auth
        make_containers(servers[0])
        BareClient(servers[0]).send_all(batches_for(COLLECTION, random_records(100, random.Random(1))))
        print(f"idle at the default interval for {seconds} s: own CPU, and requests to both servers")
        for run in range(runs):
            for number, which in turns(run, [binary, other]):
                process = following(which, *proxies, listen="off")
                time.sleep(5)  # what a start asks for is over; what is measured is a time, not a condition
                before, asked = cpu_seconds(process.pid), sum(len(proxy.requests) for proxy in proxies)
                time.sleep(seconds)
                cpu[number].append(cpu_seconds(process.pid) - before)
                sent[number].append(sum(len(proxy.requests) for proxy in proxies) - asked)
                process.terminate()
                process.wait(timeout=15)
            print(f"  run {run + 1:2}: A {cpu[0][-1] / seconds * 100:5.2f}% of a core, {sent[0][-1]} requests   "
                  f"B {cpu[1][-1] / seconds * 100:5.2f}% of a core, {sent[1][-1]} requests", flush=True)
    finally:
        for each in proxies + servers:
            each.close()
    print(f"  A {statistics.fmean(cpu[0]) / seconds * 100:.2f}% of a core, {statistics.fmean(sent[0]):.1f} requests; "
          f"B {statistics.fmean(cpu[1]) / seconds * 100:.2f}% of a core, {statistics.fmean(sent[1]):.1f} requests")


PARTS = {
    "loads": loads_into_memory,
    "loads-postgresql": loads_into_postgresql,
    "loads-far": loads_far_away,
    "far": distant.far_away,
    "audit": audits,
    "idle": idles,
    "replicas": replicas.replicas,
    "many": many.on_memory,
    "many-postgresql": many.on_postgresql,
    "active": active.active,
    "mixed": active.mixed_life,
}
