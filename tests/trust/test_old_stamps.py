"""An import under stamps of long ago while the master is busy: its ETag moves all the time, so that the polls have to
count as well, and soon."""

import pytest

from harness import records
from harness.kinto import BACKENDS
from harness.servers import Pair
from harness.status import StatusPages, events
from harness.waiting import wait_until
from harness.writers import Putting

IMPORTED = 300
YEARS_AGO = 1_500_000_000_000


def old(first: int) -> list[dict]:
    stamp = YEARS_AGO + 1000 * first
    return [{"id": f"old-{first}-{n:03}", "n": n, "last_modified": stamp + n} for n in range(IMPORTED)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_import_into_a_busy_collection_arrives_soon(servers, name, rng, daemon, backend):
    """Not with the next audit, and not when the collection rests for the length of an overlap. And it is no loss."""
    pair = Pair(servers.get(backend, "master"), servers.get(backend, "replica"))
    records.load(pair.master, name, records.random_records(rng, 30))
    running = daemon(*pair.args, "--collections", name, "--interval", "1s", "--overlap", "60s",
                     "--listen", "127.0.0.1:0")
    pages = StatusPages(running)
    wait_until(lambda: pages.collection(name)["state"] == "in-sync", "it is in sync")
    ticking = Putting(pair.master, name, 1, lambda number: {"id": "tick", "n": number})
    ticking.start()
    wait_until(lambda: ticking.times > 2 and records.stored(pair.replica, name).get("tick", {}).get("n", 0) > 1,
               "it follows the busy master")

    for first in range(2):
        records.put(pair.master, name, old(first))
        wanted = {record["id"] for record in old(first)}
        wait_until(lambda: wanted <= records.stored(pair.replica, name).keys(), "the import has arrived", timeout=12)

    ticking.stop()
    records.wait_same(pair.master, pair.replica, name, "both are equal", timeout=10)
    wait_until(lambda: pages.collection(name)["state"] == "in-sync", "and it says so", timeout=15)
    told = [line["msg"] for line in events(running, "sync.notice")]
    assert [line for line in told if name in line], "nothing is said of it"
    assert "lost" not in running.log(), told
