"""kill -9 at any instant, then a restart: no loss, no duplicate, no re-stamp."""

import pytest

from harness import mirror, records
from harness.faults import SlowWrites
from harness.servers import Pair
from harness.waiting import wait_until

COUNT = 400


@pytest.mark.parametrize("seed", range(4))
def test_killed_during_a_load_of_a_memory_replica(pair, name, rng, proxied, daemon, seed):
    records.load(pair.master, name, records.random_records(rng, COUNT))
    slow = proxied(SlowWrites(pair.replica.url, delay=0.15))
    strike = rng.randint(1, 12)
    running = daemon(*mirror.servers(pair.master.url, slow.url), "--interval", "1s")
    wait_until(lambda: slow.landed >= strike, f"{strike} writes have landed")
    running.kill()
    wait_until(lambda: slow.landed == len(slow.writes()), "what was under way has landed or failed", timeout=10)
    assert records.count(pair.replica, name) < COUNT, "the kill came too late to prove anything"

    pair.once().expect(0)

    assert len(records.assert_same(pair.master, pair.replica, name)) == COUNT


@pytest.mark.parametrize("seed", range(3))
def test_killed_during_a_load_of_a_postgresql_replica(servers, name, rng, daemon, seed):
    pair = Pair(servers.get("memory", "master"), servers.get("postgresql", "replica"))
    records.load(pair.master, name, records.random_records(rng, COUNT))
    strike = rng.randint(1, 200)
    running = daemon(*pair.args, "--interval", "1s")
    wait_until(lambda: records.count(pair.replica, name) >= strike, f"{strike} records have arrived", every=0.01)
    running.kill()
    assert records.count(pair.replica, name) < COUNT, "the kill came too late to prove anything"

    pair.once().expect(0)

    assert len(records.assert_same(pair.master, pair.replica, name)) == COUNT


def test_a_restarted_daemon_goes_on_by_itself(pair, name, rng, proxied, daemon):
    records.load(pair.master, name, records.random_records(rng, COUNT))
    slow = proxied(SlowWrites(pair.replica.url, delay=0.1))
    args = mirror.servers(pair.master.url, slow.url) + ["--interval", "1s"]
    for landed in (2, 6, 9):
        running = daemon(*args)
        wait_until(lambda: slow.landed >= landed, f"{landed} writes have landed")
        running.kill()

    daemon(*args)

    wait_until(lambda: records.count(pair.replica, name) == COUNT, "the whole load has arrived", timeout=60)
    assert len(records.assert_same(pair.master, pair.replica, name)) == COUNT
