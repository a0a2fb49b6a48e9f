"""The daemon follows: what happens on the master arrives on the replica."""

import pytest

from harness import records
from harness.waiting import wait_until


@pytest.fixture
def following(each_pair, name, rng, daemon):
    """A daemon that has caught up with three records."""
    records.load(each_pair.master, name, [{"id": f"r{i}", "title": "first"} for i in range(3)])
    daemon(*each_pair.args, "--interval", "1s")
    wait_until(lambda: records.count(each_pair.replica, name) == 3, "the first records have arrived")
    return each_pair


def arrives(pair, name: str, what: str) -> None:
    wanted = records.stored(pair.master, name, tombstones=True)
    wait_until(lambda: records.stored(pair.replica, name, tombstones=True) == wanted, what)


def test_create_update_delete_and_recreate(following, name):
    records.put(following.master, name, [{"id": "new", "title": "created"}])
    arrives(following, name, "the create has arrived")

    records.put(following.master, name, [{"id": "r1", "title": "updated"}])
    arrives(following, name, "the update has arrived")
    assert records.stored(following.replica, name)["r1"]["title"] == "updated"

    records.delete(following.master, name, "r2")
    arrives(following, name, "the delete has arrived, with the master's tombstone")
    assert "r2" not in records.stored(following.replica, name)

    records.put(following.master, name, [{"id": "r2", "title": "again"}])
    arrives(following, name, "the re-created record has arrived")
    assert records.stored(following.replica, name)["r2"]["title"] == "again"


def test_a_collection_that_appears_later_is_followed_too(following, name, rng):
    other = name.replace("articles", "later")
    records.load(following.master, other, records.random_records(rng, 4))
    wait_until(lambda: records.count(following.replica, other) == 4, "the new collection has arrived")
    arrives(following, other, "it is the same")


def test_deleted_and_recreated_between_two_polls(pair, name, daemon):
    records.load(pair.master, name, [{"id": f"r{i}", "title": "first"} for i in range(3)])
    pair.once().expect(0)
    records.delete(pair.master, name, "r0")
    records.put(pair.master, name, [{"id": "r0", "title": "second"}])

    pair.once().expect(0)

    assert records.assert_same(pair.master, pair.replica, name)["r0"]["title"] == "second"
