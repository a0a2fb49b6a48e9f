"""Both servers far away: what a load of a few hundred records takes, and a look at what changed little."""

import concurrent.futures
import json
import random
import statistics
import time

from bare import BareClient, batches_for
from far import FarServer
from harness.kinto import KintoServer
from measured import COLLECTION, Usage, make_containers, random_records

RECORDS = 500
CHANGED = RECORDS // 100
CONNECTIONS = 4
ROUND_TRIPS = (0.05, 0.1, 0.2)


def bare_load(server: FarServer, bodies: list[bytes]) -> float:
    """On four connections at once, which are open by then."""
    clients = [BareClient(server) for _ in range(CONNECTIONS)]
    for client in clients:
        client.connect()
    begin = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda n: clients[n].send_all(bodies[n::CONNECTIONS]), range(CONNECTIONS)))
    return time.perf_counter() - begin


def bare_look(master: FarServer, replica: FarServer, cursor: str) -> float:
    """What is newer than a cursor, read and written: the fewest requests that could do."""
    reader, writer = BareClient(master), BareClient(replica)
    begin = time.perf_counter()
    changes = reader.changes(COLLECTION, cursor)
    writer.send_all(batches_for(COLLECTION, changes))
    return time.perf_counter() - begin


def change(near: KintoServer, records: list[dict], run: int) -> None:
    chosen = random.Random(run).sample(records, CHANGED)
    BareClient(near).send_all(batches_for(COLLECTION, [{"id": one["id"], "title": f"run {run}"} for one in chosen]))


def one_run(binary: str, run: int, round_trip: float) -> dict[str, float]:
    """Four figures of one pair of servers: the binary's load and second look, and the bare client's."""
    near = [KintoServer("memory") for _ in range(3)]
    far = [FarServer(server, round_trip) for server in near]
    try:
        records = random_records(RECORDS, random.Random(run))
        make_containers(near[0])
        make_containers(near[2])
        BareClient(near[0]).send_all(batches_for(COLLECTION, records))
        prepared = batches_for(COLLECTION, BareClient(near[0]).records(COLLECTION))
        seconds = {"bare load": bare_load(far[2], prepared)}
        load = Usage(binary, far[0], far[1], "run", "--once")
        cursor = BareClient(near[0]).newest(COLLECTION)
        change(near[0], records, run)
        look = Usage(binary, far[0], far[1], "run", "--once")
        seconds["bare look"] = bare_look(far[0], far[2], cursor)
        if (load.code, look.code, load.report[0]["created"], look.report[0]["updated"]) != (0, 0, RECORDS, CHANGED):
            raise RuntimeError(f"{binary}: {load.code} {load.report}, {look.code} {look.report}")
        return seconds | {"load": load.seconds, "look": look.seconds}
    finally:
        for server in far:
            server.close()


def far_away(binary: str, other: str, runs: int) -> None:
    print(f"both servers far: a load of {RECORDS} records beside a bare client on {CONNECTIONS} connections, and "
          f"`run --once` after {CHANGED} changed beside one with a cursor, memory to memory")
    for round_trip in ROUND_TRIPS:
        taken: dict[str, list[dict[str, float]]] = {"A": [], "B": []}
        for run in range(runs):
            for name, which in (("A", binary), ("B", other)):
                taken[name].append(one_run(which, run, round_trip))
        for name, figures in taken.items():
            print(f"  {round_trip * 1000:3.0f} ms {name}: {json.dumps(medians(figures))}", flush=True)


def medians(figures: list[dict[str, float]]) -> dict[str, float]:
    """In seconds, and how many times the bare client's."""
    out = {name: round(statistics.median(one[name] for one in figures), 2) for name in figures[0]}
    for name in ("load", "look"):
        out[f"{name} to bare"] = round(statistics.median(one[name] / one[f"bare {name}"] for one in figures), 2)
    return out
