"""Many collections at rest: the replica is asked after them in turns, and the master too where its history says that they
rest."""

import time

import pytest

from harness import mirror, records
from harness.kinto import KintoServer
from harness.proxy import Proxy
from harness.servers import Pair
from harness.waiting import wait_until

PLUGINS = "kinto.plugins.flush kinto.plugins.history"
COLLECTIONS = 100


class Site:
    """A pair with many collections of one bucket, followed at an interval of one second until nothing is late any more."""

    def __init__(self, master: KintoServer, pair: Pair, proxied, daemon, *flags: str):
        self.master, self.replica = master, pair.replica
        master.client().create_bucket(id="calm")
        self.names = [f"calm/c{number}" for number in range(COLLECTIONS)]
        for name in self.names:
            records.load(master, name, [{"id": "first"}])
        self.proxies = [proxied(Proxy(master.url)), proxied(Proxy(pair.replica.url))]
        daemon(*mirror.servers(*(proxy.url for proxy in self.proxies)), "--collections", "calm/*",
               "--interval", "1s", "--overlap", "1s", *flags)
        wait_until(lambda: records.count(self.replica, self.names[-1]) == 1, "all have arrived", timeout=90)
        self.wait_for_rest()

    def heads(self, side: int) -> int:
        """Questions for the number of a collection's records."""
        return sum(part.method == "HEAD" and part.path.split("?")[0].endswith("/records") and "/calm/" in part.path
                   for request in list(self.proxies[side].requests) for part in request.parts())

    def rounds(self) -> int:
        return sum(part.method == "HEAD" and part.path.split("?")[0].endswith("/buckets/calm/collections")
                   for request in list(self.proxies[1].requests) for part in request.parts())

    def wait_for_rest(self) -> None:
        """Nothing is listed any more."""
        def rests() -> bool:
            begun = len(self.proxies[0].requests)
            time.sleep(4)  # some rounds; what is looked for is that nothing happens in them
            fresh = list(self.proxies[0].requests)[begun:]
            return not any("_since" in part.path and "/records" in part.path for one in fresh for part in one.parts())
        wait_until(rests, "it rests", timeout=90)

    def asked_a_round(self) -> tuple[float, float]:
        """After collections, on the master and on the replica. (The first and the last round are met in their middle.)"""
        rounds, before = self.rounds(), [self.heads(0), self.heads(1)]
        wait_until(lambda: self.rounds() >= rounds + 16, "sixteen rounds", timeout=90)
        passed = self.rounds() - rounds
        return (self.heads(0) - before[0]) / passed, (self.heads(1) - before[1]) / passed

    def arrives(self, name: str, record: str, seconds: float) -> None:
        records.put(self.master, name, [{"id": record}])
        wait_until(lambda: record in records.stored(self.replica, name), f"{record} has arrived", timeout=seconds)


@pytest.fixture
def with_history():
    started = []

    def start(**more: str) -> KintoServer:
        started.append(KintoServer("memory", settings={"kinto.includes": PLUGINS} | more))
        return started[-1]

    yield start
    for server in started:
        server.close()


def test_the_replica_is_asked_in_turns_and_the_master_without_history_after_all(pair, proxied, daemon):
    site = Site(pair.master, pair, proxied, daemon)
    of_master, of_replica = site.asked_a_round()
    assert of_master >= 0.85 * COLLECTIONS
    assert of_replica <= 25
    records.delete(pair.replica, site.names[40], "first")
    wait_until(lambda: records.count(pair.replica, site.names[40]) == 1, "the loss is found and mended", timeout=60)


def test_a_history_spares_the_master(with_history, pair, proxied, daemon):
    site = Site(with_history(), pair, proxied, daemon)
    of_master, of_replica = site.asked_a_round()
    assert of_master <= 27 and of_replica <= 27
    for number in (3, 70):
        site.arrives(site.names[number], "second", 10)


def test_a_history_that_leaves_collections_out_costs_a_minute_once(with_history, pair, proxied, daemon):
    left_out = [f"/buckets/calm/collections/c{number}" for number in (10, 90)]
    site = Site(with_history(**{"kinto.history.exclude_resources": " ".join(left_out)}), pair, proxied, daemon)
    site.arrives(site.names[90], "second", 60)
    site.arrives(site.names[10], "second", 10)
