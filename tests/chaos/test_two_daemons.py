"""Two daemons on one pair, while three writers change the master."""

import time
from collections.abc import Callable

import pytest

from harness import mirror, records
from harness.exchanges import Write, assert_guarded, writes
from harness.samples import Sampler, assert_replaced_older
from harness.servers import Pair
from harness.strikes import Dawdles, HoldsBack
from harness.waiting import wait_until
from harness.writers import Writer

A_MINUTE = 60.0
STEPS = 300  # of each writer, at least


@pytest.fixture(params=["memory", "postgresql"])
def alike(request, servers) -> Pair:
    return Pair(servers.get(request.param, "master"), servers.get(request.param, "replica"))


def test_nothing_is_lost_and_nothing_goes_back(alike, name, rng, proxied, daemon):
    records.load(alike.master, name, [])
    alike.once("--collections", name).expect(0)
    fronts = [proxied(Dawdles(alike.replica.url, rng, longest=0.15)) for _ in range(2)]
    # Stamps of long ago are seen by audits only.
    often = ["--interval", "100ms", "--audit-interval", "2s", "--overlap", "2s", "--collections", name]
    for front in fronts:
        daemon(*mirror.servers(alike.master.url, front.url), *often)
    writers = [Writer(alike.master, name, rng, prefix=f"w{i}", ids=12, past=True) for i in range(3)]
    sampler = Sampler(alike.replica, name)
    begin = time.monotonic()
    for thread in (*writers, sampler):
        thread.start()
    wait_until(lambda: time.monotonic() - begin >= A_MINUTE and all(writer.steps >= STEPS for writer in writers),
               "the writers have done their work", timeout=300)
    for writer in writers:
        writer.stop()

    def equal() -> bool:
        return records.stored(alike.replica, name) == records.stored(alike.master, name)

    wait_until(equal, "both daemons together have made the replica equal", timeout=90)
    # Both must have seen that it is so, and let it be.
    before = [len(front.requests) for front in fronts]
    wait_until(lambda: all(len(front.requests) > n + 25 for front, n in zip(fronts, before)), "both go on")
    sampler.stop()

    found = records.assert_same(alike.master, alike.replica, name)
    history = {key: versions for writer in writers for key, versions in writer.history.items()}
    for record_id, versions in history.items():
        row = found.get(record_id)
        assert (row["text"] if row else None) == versions[-1].text, f"{record_id}: the last write was lost"
    if alike.replica.backend == "memory":
        sampler.assert_never_back(history)
    for front in fronts:
        written = list(writes(front.exchanges, name))
        assert_guarded(written)
        assert_replaced_older(written, history)
        assert sum(write.carried_out for write in written) > 30, "one daemon has hardly written anything"


def held_back(pair: Pair, name: str, proxied, daemon, change: Callable[[], object]) -> HoldsBack:
    """A following daemon whose write of this change waits in front of the replica."""
    front = proxied(HoldsBack(pair.replica.url))
    running = daemon(*mirror.servers(pair.master.url, front.url), "--interval", "100ms", "--collections", name)
    wait_until(lambda: "following the master" in running.log(), "it follows")
    front.closed = True
    change()
    assert front.holding.wait(30), running.log()
    return front


def released(front: HoldsBack, name: str) -> list[Write]:
    """Lets the write go that was held back; what the daemon wrote until it has polled again after it."""
    front.release()
    wait_until(lambda: front.quiet, "nothing is under way")
    polls = len(front.requests)
    wait_until(lambda: len(front.requests) > polls + 8, "it has gone on")
    return [write for write in writes(front.exchanges, name) if write.carried_out]


def become_equal(pair: Pair, name: str) -> None:
    wait_until(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "both are equal")


def test_a_late_update_does_not_overwrite_a_newer_one(alike, name, proxied, daemon):
    records.load(alike.master, name, [{"id": "one", "text": "first"}])
    alike.once("--collections", name).expect(0)
    front = held_back(alike, name, proxied, daemon,
                      lambda: records.put(alike.master, name, [{"id": "one", "text": "second"}]))
    records.put(alike.master, name, [{"id": "one", "text": "third"}])
    alike.once("--collections", name).expect(0)

    assert released(front, name) == []
    become_equal(alike, name)


def test_a_late_update_does_not_bring_back_a_deleted_record(alike, name, proxied, daemon):
    records.load(alike.master, name, [{"id": "one", "text": "first"}])
    alike.once("--collections", name).expect(0)
    front = held_back(alike, name, proxied, daemon,
                      lambda: records.put(alike.master, name, [{"id": "one", "text": "second"}]))
    records.delete(alike.master, name, "one")
    alike.once("--collections", name).expect(0)

    assert released(front, name) == [], "the replica showed a record again that the other daemon had deleted"
    become_equal(alike, name)


def test_a_late_delete_does_not_delete_a_newer_record_with_an_older_stamp(alike, name, proxied, daemon):
    records.load(alike.master, name, [{"id": "one", "text": "first"}, {"id": "other", "text": "other"}])
    alike.once("--collections", name).expect(0)
    front = held_back(alike, name, proxied, daemon, lambda: records.delete(alike.master, name, "one"))
    records.put(alike.master, name, [{"id": "one", "text": "again", "last_modified": 1_500_000_000_000}])
    alike.once("--collections", name).expect(0)

    assert released(front, name) == []
    become_equal(alike, name)


def test_a_late_create_of_a_deleted_record_does_not_last(alike, name, proxied, daemon):
    """Kinto has no guard against it: `If-None-Match: *` sees no tombstone."""
    records.load(alike.master, name, [{"id": "other", "text": "other"}])
    alike.once("--collections", name).expect(0)
    front = held_back(alike, name, proxied, daemon,
                      lambda: records.put(alike.master, name, [{"id": "one", "text": "first"}]))
    alike.once("--collections", name).expect(0)
    records.delete(alike.master, name, "one")
    alike.once("--collections", name).expect(0)

    assert "PUT" in {write.method for write in released(front, name)}
    become_equal(alike, name)
