"""Promises of the design that need more than one daemon, or an eye on the order of things."""

import json

from harness import mirror, records
from harness.proxy import Proxy
from harness.waiting import wait_until


def test_two_daemons_on_one_pair_converge(each_pair, name, rng, daemon):
    made = records.random_records(rng, 150)
    records.load(each_pair.master, name, made)
    for _ in range(2):
        daemon(*each_pair.args, "--interval", "1s")
    wait_until(lambda: records.count(each_pair.replica, name) == 150, "the load has arrived")
    records.put(each_pair.master, name, [record | {"title": "edited"} for record in made[:60]])
    for record in made[100:120]:
        records.delete(each_pair.master, name, record["id"])
    wanted = records.stored(each_pair.master, name, tombstones=True)
    wait_until(lambda: records.stored(each_pair.replica, name, tombstones=True) == wanted, "both have done their work")

    entry = each_pair.once().expect(0).collection(name)
    assert (entry["created"], entry["updated"], entry["deleted"], entry["same"]) == (0, 0, 0, 130)


def test_writes_to_a_collection_with_readers_land_in_ascending_order(pair, name, rng, proxied):
    records.load(pair.replica, name, [{"id": "older", "last_modified": 1000}])
    made = [record | {"last_modified": 1_700_000_000_000 + rng.randrange(10**9)}
            for record in records.random_records(rng, 180)]
    records.load(pair.master, name, made)
    watched = proxied(Proxy(pair.replica.url))

    mirror.run("run", "--once", *mirror.servers(pair.master.url, watched.url)).expect(0)

    written = [sub["body"]["data"]["last_modified"] for request in watched.writes() if request.path.endswith("/batch")
               for sub in json.loads(request.body)["requests"] if f"/{name.split('/')[1]}/records/" in sub["path"]]
    assert len(written) == 180
    assert written == sorted(written)


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
