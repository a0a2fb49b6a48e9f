"""Many small collections: what a first load of them and a look at them cost, of two binaries in one run."""

from collections.abc import Callable

from bare import BareClient
from harness.kinto import KintoServer
from harness.pg import PgCluster
from measured import Usage
from wizard import Counted, in_batches

BUCKETS = 10


def fill(master: KintoServer, collections: int) -> None:
    """One record each."""
    names = [(f"b{n % BUCKETS}", f"c{n // BUCKETS:04}") for n in range(collections)]
    client = BareClient(master)
    client.send_all(in_batches([{"method": "PUT", "path": f"/buckets/b{b}"} for b in range(BUCKETS)]))
    client.send_all(in_batches([{"method": "PUT", "path": f"/buckets/{b}/collections/{c}"} for b, c in names]))
    client.send_all(in_batches([{"method": "PUT", "path": f"/buckets/{b}/collections/{c}/records/r",
                                 "body": {"data": {"title": f"{b} {c}"}}} for b, c in names]))


def twice(binary: str, master, replica) -> list[float]:
    """A first load, and a look at what is equal."""
    seconds = []
    for _ in range(2):
        usage = Usage(binary, master, replica, "run", "--once")
        if usage.code != 0:
            raise RuntimeError(f"{binary}: exit {usage.code}, {usage.report}")
        seconds.append(usage.seconds)
        for side in (master, replica):
            if isinstance(side, Counted):
                side.next()
    return seconds


def loads(binaries: list[str], collections: int, what: str, new_server: Callable[[], KintoServer]) -> None:
    master = new_server()
    taken, counted = [], []
    try:
        fill(master, collections)
        for binary in binaries:
            replica = new_server()
            taken.append(twice(binary, master, replica))
            replica.close()
        for binary in binaries:
            replica = new_server()
            sides = [Counted(master), Counted(replica)]
            twice(binary, *sides)
            counted.append([[len(side.taken[nth]) for side in sides] for nth in range(2)])
            for side in sides:
                side.proxy.close()
            replica.close()
    finally:
        master.close()
    print(f"{collections} collections of one record in {BUCKETS} buckets, {what} to {what}")
    for nth, name in enumerate(("first", "again")):
        for binary, seconds, requests in zip(binaries, taken, counted, strict=True):
            print(f"  {name}: {seconds[nth]:6.2f} s, requests {requests[nth][0]:5} to the master, "
                  f"{requests[nth][1]:5} to the replica  {binary}")
        sums = [sum(requests[nth]) for requests in counted]
        print(f"  {name}: {taken[0][nth] / taken[1][nth]:.2f} of the other's time, {sums[0] / sums[1]:.3f} of its requests",
              flush=True)


def on_memory(binary: str, other: str, runs: int) -> None:
    """`runs` is of no use here: what is counted is the same each time."""
    loads([binary, other], 1_000, "memory", lambda: KintoServer("memory"))


def on_postgresql(binary: str, other: str, runs: int) -> None:
    cluster = PgCluster()
    try:
        loads([binary, other], 1_000, "PostgreSQL", lambda: KintoServer("postgresql", cluster))
    finally:
        cluster.close()
