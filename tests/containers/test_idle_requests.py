"""What a pair at rest is asked in each interval: the numbers of all endpoints, together, and no list; with containers that are
compared as without."""

import math

import pytest

from harness import mirror, records
from harness.containers import EVERYONE, put
from harness.proxy import Proxy, Request
from harness.waiting import wait_until

BATCH = 25
ROUNDS = 6
INTERVAL, A_TURN = 200, 60_000  # ms
WITHOUT = ("--metadata", "create", "--deletions", "records", "--closing-marks", "off")
SHAPES = [(1, 1), (1, 20), (20, 1)]  # buckets, collections in each


def rounds(front: Proxy) -> list[list[Request]]:
    """Each begins with the number of buckets; without the one that is not over."""
    found: list[list[Request]] = []
    for request in list(front.requests):
        if any((part.method, part.path.removeprefix("/v1")) == ("HEAD", "/buckets") for part in request.parts()):
            found.append([])
        if found:
            found[-1].append(request)
    return found[:-1]


def at_rest(front: Proxy) -> list[list[Request]]:
    """The last rounds, where they asked for nothing but numbers."""
    last = rounds(front)[-ROUNDS:]
    counted = all(part.method == "HEAD" for one in last for request in one for part in request.parts())
    return last if counted and len(last) == ROUNDS else []


@pytest.mark.parametrize("buckets, collections", SHAPES, ids=lambda n: str(n))
@pytest.mark.parametrize("more, endpoints", [((), 1), (WITHOUT, 1), (("--permissions", "copy"), 2)],
                         ids=["default", "records-only", "copy"])
def test_an_interval_at_rest(pair, proxied, daemon, buckets, collections, more, endpoints):
    """With groups a bucket has two endpoints, else one. The replica is asked for the checkpoints besides, and after its
    collections in turns, each within a minute, which fill the batches that go anyway."""
    names = [f"b{b}/c{c}" for b in range(buckets) for c in range(collections)]
    for b in range(buckets):
        put(pair.master, f"b{b}", {}, {"read": [EVERYONE]})
    for name in names:
        records.load(pair.master, name, [{"id": "one"}])
    master, replica = proxied(Proxy(pair.master.url)), proxied(Proxy(pair.replica.url))
    daemon(*mirror.servers(master.url, replica.url), "--interval", f"{INTERVAL}ms", "--overlap", "1s", *more)
    wait_until(lambda: at_rest(master) and at_rest(replica), "it rests", timeout=90)

    lists = 1 + endpoints * buckets
    turn = math.ceil(len(names) * INTERVAL / A_TURN)
    of_replica = min(lists + len(names), math.ceil((lists + turn) / BATCH) * BATCH)
    for front, counts, others in ((master, lists + len(names), 0), (replica, of_replica, 1)):
        for asked in at_rest(front):
            parts = sum(len(request.parts()) for request in asked)
            assert (parts, len(asked)) == (counts + others, math.ceil(counts / BATCH) + others)
    assert all(records.count(pair.replica, name) == 1 for name in names)
