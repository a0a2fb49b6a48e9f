"""Faults of the network and of what stands before a server, in front of either side."""

import threading
import time

import pytest

from harness import mirror, records
from harness.disturbed import Disturbed, Fault, bad_gateway, cut_answer, delay, drop_answer, silence, unavailable
from harness.disturbed import too_large
from harness.servers import Pair
from harness.waiting import wait_until

SIDES = ("master", "replica")
PASSING = (drop_answer, cut_answer, delay, bad_gateway, unavailable)
FAULTS = (*PASSING, silence)
BOUND = 120.0  # a single run under a fault that lasts
COUNT = 60


def named(fault: Fault) -> str:
    return fault.__name__.replace("_", "-")


each_side = pytest.mark.parametrize("side", SIDES)
each_passing_fault = pytest.mark.parametrize("fault", PASSING, ids=named)


def args_through(pair: Pair, side: str, front: Disturbed) -> list[str]:
    urls = {"master": pair.master.url, "replica": pair.replica.url} | {side: front.url}
    return mirror.servers(urls["master"], urls["replica"])


def test_a_single_run_under_a_lasting_fault_ends(pair, name, rng, proxied):
    """All at the same time, since most of it is waiting."""
    bucket, _ = name.split("/")
    results: dict[str, tuple[mirror.Result, float]] = {}
    threads = []

    def once(what: str, args: list[str]) -> None:
        begin = time.monotonic()
        result = mirror.run(*args)
        results[what] = result, time.monotonic() - begin

    for side in SIDES:
        for fault in FAULTS:
            what = f"{fault.__name__}-{side}"
            records.load(pair.master, f"{bucket}/{what}", records.random_records(rng, 5))
            front = proxied(Disturbed(getattr(pair, side).url, fault))
            args = ["run", "--once", "--json", *args_through(pair, side, front), "--collections", f"{bucket}/{what}"]
            threads.append(threading.Thread(target=once, args=(what, args)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(mirror.RUN_LIMIT + 30)

    assert len(results) == len(SIDES) * len(FAULTS), "a run did not end"
    for what, (result, took) in sorted(results.items()):
        slow_but_sound = what.startswith("delay")
        result.expect(*([0] if slow_but_sound else [69, 1]))
        assert took < BOUND, f"{what} took {took:.0f} s"
        if not slow_but_sound:
            assert what.rsplit("-", 1)[1] in result.err, f"{what} does not name the server: {result.err}"
            assert result.report["in_sync"] is False


@each_side
@each_passing_fault
def test_a_following_daemon_recovers_by_itself(pair, name, rng, proxied, daemon, side, fault):
    records.load(pair.master, name, records.random_records(rng, COUNT))
    front = proxied(Disturbed(getattr(pair, side).url, fault, active=False))
    running = daemon(*args_through(pair, side, front), "--interval", "200ms", "--collections", name)
    wait_until(lambda: "following the master" in running.log(), "it follows")
    front.active = True
    records.put(pair.master, name, [{"id": f"new-{i}", "title": "new"} for i in range(30)])
    wait_until(lambda: front.faults >= 5, "the fault was met")
    front.active = False
    records.put(pair.master, name, [{"id": "last", "title": "last"}])
    wait_until(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "all is equal")
    assert len(records.assert_same(pair.master, pair.replica, name)) == COUNT + 31


def test_following_daemons_recover_from_silence(pair, name, rng, proxied, daemon):
    """One behind each side, at the same time: a request is given up after 30 s."""
    names = {side: f"{name}-{side}" for side in SIDES}
    fronts = {side: proxied(Disturbed(getattr(pair, side).url, silence, active=False)) for side in SIDES}
    for side in SIDES:
        records.load(pair.master, names[side], records.random_records(rng, COUNT))
        running = daemon(*args_through(pair, side, fronts[side]), "--interval", "200ms", "--collections", names[side])
        wait_until(lambda: "following the master" in running.log(), "it follows")
        fronts[side].active = True
        records.put(pair.master, names[side], [{"id": "last", "title": "last"}])
    for side in SIDES:
        wait_until(lambda: fronts[side].faults >= 1, "the fault was met")
        fronts[side].active = False
    for side in SIDES:
        wait_until(lambda: records.count(pair.replica, names[side]) == COUNT + 1, "the last record has arrived",
                   timeout=90)
        records.assert_same(pair.master, pair.replica, names[side])


@each_side
@each_passing_fault
def test_the_records_of_a_single_run_survive_every_third_request(pair, name, rng, proxied, side, fault):
    made = records.random_records(rng, COUNT)
    records.load(pair.master, name, made)
    pair.once("--collections", name).expect(0)
    records.put(pair.master, name, [record | {"title": "edited"} for record in made[:40]])
    records.put(pair.master, name, [record | {"id": f"more-{i}"} for i, record in enumerate(made)])
    for record in made[40:45]:
        records.delete(pair.master, name, record["id"])
    front = proxied(Disturbed(getattr(pair, side).url, fault, every=3, only="collections/articles|/batch"))

    mirror.run("run", "--once", "--json", *args_through(pair, side, front), "--collections", name).expect(0)

    assert front.faults >= 1
    assert len(records.assert_same(pair.master, pair.replica, name)) == 2 * COUNT - 5


@pytest.mark.parametrize("fault", [drop_answer, cut_answer, bad_gateway, unavailable], ids=named)
def test_a_first_run_survives_every_third_request(pair, name, rng, proxied, fault):
    records.load(pair.master, name, records.random_records(rng, COUNT))
    front = proxied(Disturbed(pair.replica.url, fault, every=3))
    mirror.run("run", "--once", "--json", *args_through(pair, "replica", front), "--collections", name).expect(0)
    records.assert_same(pair.master, pair.replica, name)


@each_side
def test_requests_that_are_too_large_are_split(pair, name, rng, proxied, side):
    """The replica's batches; the master's addresses, which carry the ids that are asked for."""
    made = records.random_records(rng, 200)
    records.load(pair.master, name, made)
    pair.once("--collections", name).expect(0)
    records.put(pair.master, name, [record | {"title": "edited"} for record in made[::5]])
    front = proxied(Disturbed(getattr(pair, side).url, too_large(900)))

    entry = mirror.run("run", "--once", "--json", *args_through(pair, side, front), "--collections",
                       name).expect(0).collection(name)

    assert entry["updated"] == 40
    assert max(len(request.path) + len(request.body) for request in front.requests) > 900
    records.assert_same(pair.master, pair.replica, name)


def test_a_record_that_is_too_large_stands_alone_in_quarantine(pair, name, rng, proxied):
    records.load(pair.master, name, records.random_records(rng, 40) + [{"id": "large", "title": "x" * 3000}])
    front = proxied(Disturbed(pair.replica.url, too_large(2000)))
    entry = mirror.run("run", "--once", "--json", *args_through(pair, "replica", front), "--collections",
                       name).expect(1).collection(name)
    assert [(refused["id"], refused["status"]) for refused in entry["quarantined"]] == [("large", 413)]
    assert entry["created"] == 40 == records.count(pair.replica, name)
