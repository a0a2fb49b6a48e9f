"""Kintos from 9.2.3 on, as master and as replica."""

from collections.abc import Iterator

import pytest

from harness import mirror, records
from harness.servers import Pair

from . import work
from .ages import CASES


@pytest.fixture(scope="module", params=CASES)
def aged(request, servers) -> Iterator[Pair]:
    """Each pair is stopped before the next one starts."""
    pair = request.param.start(servers)
    yield pair
    pair.master.close()
    pair.replica.close()


def test_a_load_and_a_second_pass(aged, name):
    """With updates and deletes before each. What a client of the tests sees is what `check` says."""
    work.fill(aged, name, 60)
    first = aged.once("--collections", name).expect(0).collection(name)
    assert (first["state"], first["quarantined"]) == ("in-sync", [])
    records.assert_same(aged.master, aged.replica, name)
    assert work.metadata(aged.master.client(), name) == work.metadata(aged.replica.client(), name)

    work.change(aged, name, 60)
    second = aged.once("--collections", name).expect(0).collection(name)
    live = records.assert_same(aged.master, aged.replica, name)
    assert (second["created"], second["deleted"], second["master"]) == (30, 12, len(live))
    aged.check("--collections", name).expect(0)

    records.put(aged.replica, name, [{"id": "r0001", "n": "of the replica"}])
    assert aged.check("--collections", name).expect(1).collection(name)["differs"] == 1
    aged.once("--collections", name).expect(0)
    records.assert_same(aged.master, aged.replica, name)


def test_a_follow_of_more_changes_than_a_page(aged, name, daemon):
    records.load(aged.master, name, work.numbered(0, work.MORE_THAN_A_PAGE))
    running = work.follow_much(aged, name, daemon)
    assert work.errors(running) == []
    aged.check("--collections", name).expect(0)


def test_the_self_test(aged):
    mirror.run("selftest", *aged.args, timeout=600).expect(0)
