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


def test_what_changed_lately_is_looked_at_together(pair, proxied, daemon):
    """For the length of the overlap late commits may show up, in each of a hundred collections: ten requests a round."""
    client = pair.master.client()
    client.create_bucket(id="many")
    names = [f"many/c{number}" for number in range(100)]
    for name in names:
        records.load(pair.master, name, [{"id": "one"}])
    master = proxied(Proxy(pair.master.url))
    daemon(*mirror.servers(master.url, pair.replica.url), "--collections", "many/*", "--interval", "2s")
    wait_until(lambda: records.count(pair.replica, names[-1]) == 1, "all have arrived", timeout=60)
    for name in names:
        records.put(pair.master, name, [{"id": "one", "title": "changed"}])
    wait_until(lambda: all(records.stored(pair.replica, name)["one"].get("title") == "changed" for name in names),
               "the changes have arrived", timeout=60)

    def rounds() -> int:
        """Each counts the collections of the bucket once."""
        return sum(part.path.split("?")[0].endswith("/buckets/many/collections")
                   for request in list(master.requests) for part in request.parts())

    begun = rounds()
    wait_until(lambda: rounds() > begun + 1, "the round of the last change is over")
    begun, asked = rounds(), len(master.requests)
    wait_until(lambda: rounds() >= begun + 3, "three more rounds", timeout=60)
    passed = rounds() - begun
    assert (len(master.requests) - asked) / passed <= 10, [request.path for request in list(master.requests)[asked:]]
    late = {"id": "one", "title": "again"}
    records.put(pair.master, names[7], [late])
    wait_until(lambda: records.stored(pair.replica, names[7])["one"]["title"] == "again", "and it follows on")
