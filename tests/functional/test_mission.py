"""The mission: a replica with records of its own gets the master's, and a second run finds nothing to do."""

import time

from harness import records
from harness.waiting import wait_until


def test_ten_of_its_own_and_five_of_the_masters(each_pair, name, rng):
    master, replica = each_pair.master, each_pair.replica
    records.load(replica, name, records.random_records(rng, 10))
    own = records.stored(replica, name)
    newest = max(row["last_modified"] for row in own.values())
    wait_until(lambda: time.time() * 1000 > newest + 300, "the master's records are younger")
    records.load(master, name, records.random_records(rng, 5))
    masters = records.stored(master, name)

    first = each_pair.once().expect(0)

    assert records.stored(master, name) == masters
    assert len(masters) == 5
    assert records.stored(replica, name) == own | masters
    assert len(own | masters) == 15
    entry = first.collection(name)
    assert {key: entry[key] for key in ("master", "replica", "created", "updated", "deleted")} == {
        "master": 5, "replica": 15, "created": 5, "updated": 0, "deleted": 0}
    assert (entry["missing"], entry["differs"], entry["extra"]) == (0, 0, 10)
    assert first.report["in_sync"] is True


def test_a_second_run_writes_nothing(each_pair, name, rng):
    both = (each_pair.master, each_pair.replica)
    records.load(each_pair.replica, name, records.random_records(rng, 10))
    records.load(each_pair.master, name, records.random_records(rng, 5))
    each_pair.once().expect(0)
    before = [(records.stored(server, name, tombstones=True), records.etag(server, name)) for server in both]
    assert [len(rows) for rows, _ in before] == [5, 15]

    entry = each_pair.once().expect(0).collection(name)

    assert (entry["created"], entry["updated"], entry["deleted"]) == (0, 0, 0)
    assert entry["same"] == 5
    assert [(records.stored(server, name, tombstones=True), records.etag(server, name)) for server in both] == before


def test_missing_containers_are_created_with_the_collections_own_metadata(each_pair, name):
    bucket, collection = name.split("/")
    client = each_pair.master.client()
    client.create_bucket(id=bucket)
    client.create_collection(id=collection, bucket=bucket, data={"displayFields": ["title"], "sort": "-title"})
    client.create_record(bucket=bucket, collection=collection, id="one", data={"title": "Un"})

    each_pair.once().expect(0)

    data = each_pair.replica.client().get_collection(id=collection, bucket=bucket)["data"]
    assert (data["displayFields"], data["sort"]) == (["title"], "-title")
    records.assert_same(each_pair.master, each_pair.replica, name)
