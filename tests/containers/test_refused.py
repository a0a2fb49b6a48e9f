"""Containers that the replica refuses, and records that the replica would refuse for its copy of their collection."""

import pytest

from harness import records
from harness.containers import (FAST, assert_rests, assert_same, collection_of, data, differences, exists, put, reason,
                                remove, report, soon, stamp)
from harness.kinto import BACKENDS, KintoServer
from harness.servers import Pair

VALIDATES = {"kinto.experimental_collection_schema_validation": "true"}


def load(server: KintoServer, name: str, collection: dict) -> None:
    put(server, name.split("/")[0])
    put(server, collection_of(name), collection)
    records.put(server, name, [{"id": f"r{n}", "n": n} for n in range(3)])


def schema(member: str) -> dict:
    return {"type": "object", "properties": {member: {"type": "integer"}}, "required": [member]}


@pytest.mark.parametrize("backend", BACKENDS)
def test_hazard_46_a_schema_arrives_before_the_records_that_need_it(servers, name, daemon, backend):
    """The replica's copy of the old one would refuse them. Kinto writes the collection's stamp into each record, so
    they are equal only where it is the master's."""
    pair = Pair(servers.get(backend, "master", VALIDATES), servers.get(backend, "replica", VALIDATES))
    path = collection_of(name)
    put(pair.master, name.split("/")[0])
    put(pair.master, path, {"schema": schema("n")})
    records.put(pair.master, name, [{"id": "first", "n": 1}])
    daemon(*pair.args, *FAST)
    soon(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "it is loaded")
    for turn, member in enumerate(("m", "k")):
        put(pair.master, path, {"schema": schema(member)})
        records.put(pair.master, name, [{"id": f"new-{turn}-{n}", member: n} for n in range(30)])
        soon(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "the new records arrive")
    assert_same(pair, path)
    result = pair.once().expect(0)
    assert result.collection(name)["quarantined"] == []
    assert {row["schema"] for row in records.stored(pair.replica, name).values() if row["id"].startswith("new-1")} == {
        stamp(pair.master, path)}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_refused_container_is_quarantined_and_its_records_go_on(servers, name, backend):
    pair = Pair(servers.get(backend, "master"), servers.get(backend, "replica", VALIDATES))
    path, good = collection_of(name), f"{name.split('/')[0]}/good"
    load(pair.master, name, {"v": 1})
    pair.once().expect(0)
    put(pair.master, path, {"v": 2, "schema": {"type": "nonsense"}})
    records.put(pair.master, name, [{"id": "later"}])
    load(pair.master, good, {"v": 1})

    result = pair.once().expect(1)

    assert "schema" in reason(result, path, "quarantined")
    assert not result.report["in_sync"] and report(result)["state"] != "in-sync"
    assert data(pair.replica, path)["v"] == 1
    assert records.assert_same(pair.master, pair.replica, name).keys() == {"r0", "r1", "r2", "later"}
    records.assert_same(pair.master, pair.replica, good)
    put(pair.master, path, {"v": 3})
    pair.once().expect(0)
    assert_same(pair, path)
    assert_rests(pair)


def test_a_refused_container_does_not_stop_the_others(servers, name):
    """When it is to be created."""
    pair = Pair(servers.get("memory", "master"), servers.get("memory", "replica", VALIDATES))
    bucket = name.split("/")[0]
    load(pair.master, name, {"schema": {"type": "nonsense"}})
    for other in ("aa", "zz"):
        load(pair.master, f"{bucket}/{other}", {"v": other})
    result = pair.once().expect(1)
    assert (collection_of(name), "quarantined") in differences(result)
    for other in ("aa", "zz"):
        assert_same(pair, f"{bucket}/collections/{other}")
        records.assert_same(pair.master, pair.replica, f"{bucket}/{other}")
    remove(pair.master, collection_of(name))
    pair.once().expect(0)
    assert not exists(pair.replica, collection_of(name))
