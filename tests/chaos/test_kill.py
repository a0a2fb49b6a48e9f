"""kill -9 at 52 chosen instants, and a new daemon each time: no loss, no duplicate, no re-stamp."""

import pytest

from harness import mirror, records
from harness.exchanges import assert_carried_out_once, assert_guarded, writes
from harness.servers import Pair
from harness.strikes import MOMENTS, StrikesAt
from harness.waiting import wait_until
from harness.writers import Version, Writer

LIVES = 13
LOADED = 2000


@pytest.fixture(params=["memory", "postgresql"])
def alike(request, servers) -> Pair:
    return Pair(servers.get(request.param, "master"), servers.get(request.param, "replica"))


def killed_at(front: StrikesAt, start, args: list[str], at: int, moment: str) -> None:
    """Starts a daemon that is killed at its `at`-th request to the replica."""
    running: list[mirror.Daemon] = []
    front.arm(at, moment, lambda: running[0].kill())
    running.append(start(*args))
    assert front.struck.wait(60), f"the daemon made no {at} requests:\n{running[0].log()}"


def test_during_a_load(alike, name, rng, proxied, daemon):
    made = [record | {"text": record["title"]} for record in records.random_records(rng, LOADED)]
    records.load(alike.master, name, made)
    wanted = records.stored(alike.master, name)
    front = proxied(StrikesAt(alike.replica.url))
    args = mirror.servers(alike.master.url, front.url) + ["--interval", "200ms", "--collections", name]
    seen: list[int] = []
    # The first requests of a life look at the server, those behind them write.
    for life, at in enumerate(rng.sample(range(1, 31), LIVES)):
        killed_at(front, daemon, args, at, MOMENTS[life % 3])
        if records.count(alike.replica, name) > 0:
            held = records.stored(alike.replica, name, tombstones=True)
            strange = [row for key, row in held.items() if wanted.get(key) != row]
            assert not strange, f"after kill {life}: the master never had {strange[:3]}"
            seen.append(len(held))
    assert seen == sorted(seen)
    assert len(set(seen)) > 3 and seen[-1] < LOADED, f"the kills were not spread over the load: {seen}"

    mirror.run("run", "--once", *args).expect(0)

    assert len(records.assert_same(alike.master, alike.replica, name)) == LOADED
    wait_until(lambda: front.quiet, "nothing is under way")
    written = list(writes(front.exchanges, name))
    assert_guarded(written)
    assert_carried_out_once(written)


def test_while_following_a_writer(alike, name, rng, proxied, daemon):
    records.load(alike.master, name, [{"id": f"first-{i}", "text": "first"} for i in range(40)])
    first = {key: [Version.of(row)] for key, row in records.stored(alike.master, name).items()}
    alike.once("--collections", name).expect(0)
    front = proxied(StrikesAt(alike.replica.url))
    args = mirror.servers(alike.master.url, front.url) + ["--interval", "100ms", "--collections", name]
    writer = Writer(alike.master, name, rng, ids=30)
    writer.start()
    for life in range(LIVES):
        killed_at(front, daemon, args, rng.randint(2, 30), MOMENTS[life % 3])
        held = records.stored(alike.replica, name, tombstones=True)
        step = writer.steps
        wait_until(lambda: writer.steps > step, "the writer remembers what it wrote")
        known = first | writer.history
        strange = [row for key, row in held.items() if Version.of(row) not in known.get(key, [])]
        assert not strange, f"after kill {life}: the master never had {strange[:3]}"
    writer.stop()

    mirror.run("run", "--once", *args).expect(0)

    records.assert_same(alike.master, alike.replica, name)
    wait_until(lambda: front.quiet, "nothing is under way")
    written = list(writes(front.exchanges, name))
    assert len([write for write in written if write.carried_out]) > 50, "too little was written to prove anything"
    assert_guarded(written)
    assert_carried_out_once(written)
