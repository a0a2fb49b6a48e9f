"""What is deleted on the replica, and above all what is not."""

import pytest

from harness import mirror, records
from harness.faults import Answers

NEVER_ENOUGH = ("--extras", "delete", "--max-delete", "100%")


@pytest.mark.parametrize("extras", ["keep", "delete"])
def test_the_masters_tombstones_are_followed(each_pair, name, rng, extras):
    made = records.random_records(rng, 30)
    records.load(each_pair.master, name, made)
    each_pair.once().expect(0)
    # Far more than the brake's tenth: a tombstone is no doubt.
    for record in made[:25]:
        records.delete(each_pair.master, name, record["id"])

    entry = each_pair.once("--extras", extras).expect(0).collection(name)

    assert entry["deleted"] == 25
    found = records.assert_same(each_pair.master, each_pair.replica, name, tombstones=True)
    assert sum(row.get("deleted", False) for row in found.values()) == 25


def test_extras_delete_makes_an_exact_copy(each_pair, name, rng):
    records.load(each_pair.replica, name, records.random_records(rng, 10))
    records.load(each_pair.master, name, records.random_records(rng, 5))
    entry = each_pair.once("--extras", "delete").expect(0).collection(name)
    assert (entry["created"], entry["deleted"], entry["extra"]) == (5, 10, 0)
    assert len(records.assert_same(each_pair.master, each_pair.replica, name)) == 5


def test_the_brake_holds_until_an_operator_says_so(each_pair, name, rng):
    own = records.random_records(rng, 40)
    records.load(each_pair.replica, name, own)
    records.load(each_pair.master, name, records.random_records(rng, 5))

    braked = each_pair.once("--extras", "delete").expect(1)

    assert "brake" in braked.err and "--max-delete" in braked.err
    entry = braked.collection(name)
    assert (entry["created"], entry["deleted"], entry["extra"]) == (5, 0, 40)
    assert records.stored(each_pair.replica, name).keys() >= {record["id"] for record in own}

    entry = each_pair.once(*NEVER_ENOUGH).expect(0).collection(name)
    assert entry["deleted"] == 40
    records.assert_same(each_pair.master, each_pair.replica, name)


@pytest.mark.parametrize("limit, deleted", [("39", 0), ("40", 40), ("50%", 0), ("100%", 40)])
def test_the_brake_is_where_max_delete_puts_it(pair, name, rng, limit, deleted):
    records.load(pair.replica, name, records.random_records(rng, 40))
    records.load(pair.master, name, records.random_records(rng, 5))
    result = pair.once("--extras", "delete", "--max-delete", limit).expect(0 if deleted else 1)
    assert result.collection(name)["deleted"] == deleted
    assert records.count(pair.replica, name) == 45 - deleted


@pytest.mark.records_only
@pytest.mark.parametrize("scope", ["named", "wildcard"])
@pytest.mark.parametrize("gone", ["collection", "bucket"])
def test_a_collection_that_the_master_no_longer_has_loses_nothing(each_pair, name, rng, scope, gone):
    records.load(each_pair.master, name, records.random_records(rng, 12))
    each_pair.once().expect(0)
    before = records.stored(each_pair.replica, name)
    bucket, collection = name.split("/")
    if gone == "bucket":
        each_pair.master.client().delete_bucket(id=bucket)
    else:
        each_pair.master.client().delete_collection(id=collection, bucket=bucket)

    each_pair.once(*NEVER_ENOUGH, "--collections", name if scope == "named" else "*/*").expect(1, 69, 77)

    assert records.stored(each_pair.replica, name) == before
    assert len(before) == 12


@pytest.mark.parametrize("status", [403, 404, 503])
@pytest.mark.parametrize("what", [r"/records", r"/collections/articles"])
def test_a_master_that_refuses_to_show_a_collection_loses_nothing(pair, name, rng, proxied, status, what):
    records.load(pair.master, name, records.random_records(rng, 12))
    pair.once().expect(0)
    before = records.stored(pair.replica, name)
    refusing = proxied(Answers(pair.master.url, what, status, {"code": status, "errno": 121, "error": "no"}))

    mirror.run("run", "--once", "--json", *mirror.servers(refusing.url, pair.replica.url), *NEVER_ENOUGH,
               "--collections", name).expect(1, 69, 77)

    assert records.stored(pair.replica, name) == before


def test_a_flushed_master_is_no_order_to_delete_a_number(pair, name, rng):
    """A number allows deletes on a master that has records, not the loss of all."""
    records.load(pair.master, name, records.random_records(rng, 15))
    pair.once().expect(0)
    pair.master.flush()
    records.load(pair.master, name, [])
    assert "brake" in pair.once("--extras", "delete", "--max-delete", "20").expect(1).err
    assert records.count(pair.replica, name) == 15


def test_a_flushed_master_that_is_written_again_is_no_order_to_delete(each_pair, name, rng):
    """Fewer than the ten that are always allowed, and none of them is left: each pass must see it."""
    records.load(each_pair.master, name, records.random_records(rng, 8))
    each_pair.once("--extras", "delete").expect(0)
    each_pair.master.flush()
    for number in range(3):
        records.load(each_pair.master, name, [{"id": f"new-{number}"}])
        assert "brake" in each_pair.once("--extras", "delete").expect(1).err
        assert records.count(each_pair.replica, name) == 9 + number
    each_pair.once(*NEVER_ENOUGH).expect(0)
    records.assert_same(each_pair.master, each_pair.replica, name)
