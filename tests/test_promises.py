"""Promises of the design that need an eye on the traffic."""

from harness import mirror, records
from harness.proxy import Proxy
from harness.waiting import wait_until


def test_idle_following_writes_nothing_and_asks_little(pair, name, rng, proxied, daemon):
    """A checkpoint may be stored once more after the load; then there is nothing to say."""
    records.load(pair.master, name, records.random_records(rng, 30))
    master, replica = proxied(Proxy(pair.master.url)), proxied(Proxy(pair.replica.url))
    daemon(*mirror.servers(master.url, replica.url), "--interval", "1s")
    wait_until(lambda: records.count(pair.replica, name) == 30, "the load has arrived")
    polls = len(master.requests)
    wait_until(lambda: len(master.requests) >= polls + 6, "some idle polls have passed")
    quiet = len(replica.writes())
    polls = len(master.requests)
    wait_until(lambda: len(master.requests) >= polls + 6, "more idle polls have passed")
    assert len(replica.writes()) == quiet
    assert len(records.assert_same(pair.master, pair.replica, name)) == 30
