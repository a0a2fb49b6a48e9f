"""Records of one stamp on a memory master: a PostgreSQL replica holds a stamp once, and gives the next free one."""

import pytest
import requests

from harness import records
from harness.servers import Pair

AT = 1_500_000_000_000
SCHEMAS = {"kinto.experimental_collection_schema_validation": "true"}


def three_of_one_stamp() -> list[dict]:
    return [{"id": one, "v": one, "last_modified": AT} for one in "xyz"]


@pytest.fixture
def unequal(servers) -> Pair:
    return Pair(servers.get("memory", "master"), servers.get("postgresql", "replica", SCHEMAS))


def test_they_stand_at_neighbouring_stamps_and_are_left_alone(unequal, name):
    records.load(unequal.master, name, three_of_one_stamp())
    unequal.once().expect(0)
    first = records.stored(unequal.replica, name, tombstones=True)
    assert sorted(row["last_modified"] for row in first.values()) == [AT, AT + 1, AT + 2]
    entry = unequal.once().expect(0).collection(name)
    assert (entry["created"], entry["updated"], entry["same"]) == (0, 0, 3)
    assert records.stored(unequal.replica, name, tombstones=True) == first
    unequal.check().expect(0)


def test_none_is_lost_to_a_replica_that_would_refuse_it_now(unequal, name):
    """Nothing is deleted on the chance that it can be put back."""
    records.load(unequal.master, name, three_of_one_stamp())
    unequal.once().expect(0)
    bucket, collection = name.split("/")
    with records.session(unequal.replica) as web:
        schema = {"schema": {"type": "object", "required": ["ok"]}}
        answer: requests.Response = web.put(f"{unequal.replica.url}/buckets/{bucket}/collections/{collection}",
                                            json={"data": schema}, timeout=30)
        answer.raise_for_status()
    unequal.once()
    assert records.count(unequal.replica, name) == 3


def test_a_body_that_was_edited_beside_a_taken_stamp_is_a_difference(pair, name):
    records.load(pair.master, name, three_of_one_stamp()[:2])
    records.load(pair.replica, name, [{"id": "y", "v": "y", "last_modified": AT},
                                      {"id": "x", "v": "edited", "last_modified": AT + 1}])
    assert pair.check().expect(1).collection(name)["differs"] == 1
    pair.once().expect(0)
    records.assert_same(pair.master, pair.replica, name)
