"""Stamps that clients may store and Kinto cannot filter by: 0, below it, and more than a day ahead."""

import pytest

from harness import records

FAR = 4_102_444_800_000  # the year 2100


def odd(stamps: list[int]) -> list[dict]:
    return [{"id": f"r{number}", "last_modified": stamp, "n": number} for number, stamp in enumerate(stamps)]


def test_records_at_zero_and_below_are_copied(each_pair, name):
    master, replica = each_pair.master, each_pair.replica
    records.load(master, name, odd([-5, 0, 1, 1_600_000_000_000]))
    each_pair.once().expect(0)
    assert len(records.assert_same(master, replica, name)) == 4
    each_pair.check().expect(0)


def test_a_record_at_zero_that_only_the_master_has_is_a_difference(each_pair, name):
    records.load(each_pair.master, name, odd([0]))
    records.load(each_pair.replica, name, [])
    assert each_pair.check().expect(1).collection(name)["missing"] == 1


def test_records_far_ahead_are_copied(each_pair, name):
    master, replica = each_pair.master, each_pair.replica
    records.load(master, name, odd([1_600_000_000_000, FAR, FAR + 5]))
    each_pair.once().expect(0)
    records.assert_same(master, replica, name)
    each_pair.check().expect(0)


@pytest.mark.parametrize("count", [510])
def test_a_page_that_ends_far_ahead_is_read_with_the_rest(pair, name, count):
    """Kinto takes no token made of such a stamp, so that the page behind it cannot be asked for."""
    master, replica = pair.master, pair.replica
    stamps = [1_600_000_000_000 + n for n in range(count - 20)] + [FAR + n for n in range(20)]
    records.load(master, name, odd(stamps))
    pair.once().expect(0)
    records.assert_same(master, replica, name)


def test_a_dense_stretch_of_records_far_ahead_is_repaired(pair, name):
    """Kinto does not list between two such stamps, so their bodies are asked for by id."""
    master, replica = pair.master, pair.replica
    records.load(master, name, odd([FAR + n for n in range(300)]))
    pair.once().expect(0)
    for number in range(100, 240):
        records.delete(replica, name, f"r{number}")
    pair.once().expect(0)
    records.assert_same(master, replica, name)
