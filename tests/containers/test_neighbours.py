"""What Kinto damages beside the object that it deletes. On PostgreSQL "_" in an id is a wildcard for permissions, and in
a bucket's for records too; on memory the tombstones of whatever begins with the id go. What would be damaged makes the
emptied container stay, and the report says why."""

import pytest

from harness import records
from harness.containers import (NEVER_ENOUGH, OTHER, SEES_BUCKETS, assert_rests, exists, lists, put, reason, remove, tree,
                                user_id)
from harness.kinto import AUTH, BACKENDS, KintoServer
from harness.servers import Pair

ALICE = "account:alice"
COPY = ("--permissions", "copy")


@pytest.fixture(params=[(m, r) for m in BACKENDS for r in BACKENDS], ids=lambda p: f"{p[0]}-to-{p[1]}")
def pairing(request, servers) -> Pair:
    """Tombstones of buckets are listed to the daemon's user."""
    settings = {SEES_BUCKETS: user_id(servers.get("memory", "master"))}
    master, replica = request.param
    return Pair(servers.get(master, "master", settings), servers.get(replica, "replica", settings))


@pytest.fixture
def unique(name) -> str:
    return name.split("/")[0].replace("-", "")


def load(server: KintoServer, bucket: str, *collections: str, auth: str = AUTH) -> None:
    """The daemon's user may read it, so that it can know of it. No record's id and no group's matches one of elsewhere."""
    put(server, bucket, {"v": bucket}, {"read": [ALICE, user_id(server)]}, auth)
    put(server, f"{bucket}/groups/{bucket.encode().hex()}", {"members": [ALICE]}, {"read": [ALICE]}, auth)
    for collection in collections:
        place = f"{bucket}/collections/{collection}"
        put(server, place, {"v": collection}, {"read": [ALICE]}, auth)
        for n in range(5):
            put(server, f"{place}/records/{record_of(collection, n)}", {"n": n}, {"read": [ALICE]}, auth)


def record_of(collection: str, n: int) -> str:
    return f"{collection.encode().hex()}-{n}"


def without_record_lists(found: dict) -> dict:
    """Those of a neighbour's records are lost as soon as the collection is emptied: a limit."""
    return {path: (data, {} if "/records/" in path else who) for path, (data, who) in found.items()}


def parts_of(found: dict, start: str) -> dict:
    return {path: it for path, it in found.items() if path.startswith(start)}


def is_pg(server: KintoServer) -> bool:
    return server.backend == "postgresql"


def test_hazard_25_what_a_bucket_would_erase(pairing, unique):
    """The neighbour is the replica's own, and somebody else's."""
    wild, beside = f"{unique}_a", f"{unique}Xa"
    load(pairing.master, wild, "c", "d")
    load(pairing.replica, beside, "x", "y", auth=OTHER)
    pairing.once("--collections", f"{wild}/*", *COPY).expect(0)
    before = tree(pairing.replica, beside, auth=OTHER)
    remove(pairing.master, wild)

    for _ in range(2):
        result = pairing.once("--collections", f"{wild}/*", *COPY, *NEVER_ENOUGH)
        assert tree(pairing.replica, beside, auth=OTHER) == before

    left = tree(pairing.replica, wild) if exists(pairing.replica, wild) else {}
    if is_pg(pairing.replica):
        assert left.keys() == {wild}, "emptied, it stays"
        assert beside in reason(result, wild, "undeleted") and not result.report["in_sync"]
        assert beside in reason(pairing.check("--collections", f"{wild}/*", *COPY).expect(1), wild, "undeleted")
    else:
        assert left.keys() <= {wild}


def test_hazard_50_a_neighbour_in_scope(pairing, unique):
    """Its records are not lost for a while either, and what is in it is equal at the end."""
    wild, beside = f"{unique}_a", f"{unique}Xa"
    load(pairing.replica, beside, "own")
    for bucket in (wild, beside):
        load(pairing.master, bucket, "c")
    pairing.once(*COPY).expect(0)
    before = without_record_lists(tree(pairing.replica, beside))
    # What the master itself loses by this is hazard 25; here it is about the replica.
    remove(pairing.master, wild)
    pairing.once(*COPY)
    assert without_record_lists(tree(pairing.replica, beside)) == before
    assert not exists(pairing.replica, wild) or not [path for path in tree(pairing.replica, wild) if "/records/" in path]


@pytest.mark.parametrize("beside", ["dXe", "d1e"])
def test_hazard_69_a_collections_neighbour(pairing, unique, beside):
    load(pairing.master, unique, "d_e", "other")
    load(pairing.replica, unique, beside)
    pairing.once("--collections", f"{unique}/d_e,{unique}/other", *COPY).expect(0)
    place = f"{unique}/collections/{beside}"
    before = without_record_lists(parts_of(tree(pairing.replica, unique), place))
    remove(pairing.master, f"{unique}/collections/d_e")

    for _ in range(2):
        result = pairing.once("--collections", f"{unique}/d_e,{unique}/other", *COPY)
    found = tree(pairing.replica, unique)
    assert without_record_lists(parts_of(found, place)) == before
    left = {path for path in found if path.startswith(f"{unique}/collections/d_e")}
    if is_pg(pairing.replica):
        assert left == {f"{unique}/collections/d_e"}, "emptied, it stays"
        assert beside in reason(result, f"{unique}/collections/d_e", "undeleted")
    # When the neighbour is gone, so may it.
    remove(pairing.replica, place)
    pairing.once("--collections", f"{unique}/d_e,{unique}/other", *COPY).expect(0)
    assert not exists(pairing.replica, f"{unique}/collections/d_e")
    assert_rests(pairing, "--collections", f"{unique}/d_e,{unique}/other", *COPY)


def test_hazard_69_a_neighbour_in_another_bucket(pairing, unique):
    """A collection that has no "_" in its own id, but in its bucket's."""
    wild, beside = f"{unique}_a", f"{unique}Xa"
    load(pairing.master, wild, "c")
    load(pairing.replica, beside, "c", auth=OTHER)
    pairing.once("--collections", f"{wild}/*", *COPY).expect(0)
    before = without_record_lists(tree(pairing.replica, beside, auth=OTHER))
    remove(pairing.master, f"{wild}/collections/c")
    result = pairing.once("--collections", f"{wild}/*", *COPY)
    assert without_record_lists(tree(pairing.replica, beside, auth=OTHER)) == before
    if is_pg(pairing.replica):
        assert beside in reason(result, f"{wild}/collections/c", "undeleted")
    assert not [path for path in tree(pairing.replica, wild) if "/records/" in path]


@pytest.mark.parametrize("wild, beside", [("g_h", "gXh"), ("a_b_c", "a_bXc")])
def test_hazard_69_a_groups_neighbour(pairing, unique, wild, beside):
    """No group of the replica's own loses its lists."""
    load(pairing.master, unique, "c")
    put(pairing.master, f"{unique}/groups/{wild}", {"members": [ALICE]})
    put(pairing.replica, unique)
    put(pairing.replica, f"{unique}/groups/{beside}", {"members": [ALICE]}, {"read": [ALICE], "write": [ALICE]})
    pairing.once(*COPY)
    assert exists(pairing.replica, f"{unique}/groups/{wild}")
    remove(pairing.master, f"{unique}/groups/{wild}")
    result = pairing.once(*COPY)
    assert lists(pairing.replica, f"{unique}/groups/{beside}") == {"read": {ALICE}, "write": {ALICE}}
    if is_pg(pairing.replica):
        assert beside in reason(result, f"{unique}/groups/{wild}", "undeleted")


@pytest.mark.parametrize("beside", ["d_e2", "xd_e", "dXXe", "D_e", "de"])
def test_what_is_no_neighbour_holds_nothing(pairing, unique, beside):
    """One "_" is one character, and the whole id must match."""
    load(pairing.master, unique, "d_e", beside)
    pairing.once(*COPY).expect(0)
    before = tree(pairing.replica, unique)
    remove(pairing.master, f"{unique}/collections/d_e")
    pairing.once(*COPY).expect(0)
    left = {path: it for path, it in before.items() if not (path + "/").startswith(f"{unique}/collections/d_e/")}
    assert tree(pairing.replica, unique) == left


def test_neighbours_that_both_go(pairing, unique):
    """Neither is to stay, so neither holds the other."""
    load(pairing.master, unique, "d_e", "dXe", "c")
    pairing.once(*COPY).expect(0)
    for collection in ("dXe", "d_e"):
        remove(pairing.master, f"{unique}/collections/{collection}")
    for _ in range(2):
        result = pairing.once(*COPY)
    assert result.code == 0
    assert not [one for one in ("d_e", "dXe") if exists(pairing.replica, f"{unique}/collections/{one}")]
    assert_rests(pairing, *COPY)


def test_hazard_70_ids_that_begin_alike(pairing, unique):
    """Nothing that lives is lost; of the neighbour's tombstones on memory nothing can be kept."""
    for bucket in (unique, f"{unique}2"):
        load(pairing.master, bucket, "a", "ab")
    pairing.once(*COPY).expect(0)
    gone = record_of("ab", 0)
    records.delete(pairing.master, f"{unique}/ab", gone)
    records.delete(pairing.master, f"{unique}2/ab", gone)
    pairing.once(*COPY).expect(0)
    remove(pairing.master, f"{unique}/collections/a")
    pairing.once(*COPY).expect(0)
    records.assert_same(pairing.master, pairing.replica, f"{unique}/ab")
    before = tree(pairing.replica, f"{unique}2")
    remove(pairing.master, unique)
    pairing.once(*COPY).expect(0)
    assert unique not in records.bucket_ids(pairing.replica)
    assert tree(pairing.replica, f"{unique}2") == before
    assert not exists(pairing.replica, f"{unique}2/collections/ab/records/{gone}")
    assert_rests(pairing, *COPY)


def test_hazard_70_deletions_that_a_memory_master_forgot(servers, unique):
    """Its tombstones went before anybody saw them: a comparison finds what they told, where extras are deleted."""
    pair = Pair(servers.get("memory", "master"), servers.get("memory", "replica"))
    load(pair.master, unique, "a", "ab")
    pair.once(*COPY).expect(0)
    records.delete(pair.master, f"{unique}/ab", record_of("ab", 0))
    remove(pair.master, f"{unique}/collections/a")
    assert record_of("ab", 0) not in records.stored(pair.master, f"{unique}/ab", tombstones=True)
    pair.once(*COPY, "--extras", "delete").expect(0)
    assert not exists(pair.replica, f"{unique}/collections/a")
    assert records.assert_same(pair.master, pair.replica, f"{unique}/ab").keys() == {record_of("ab", n) for n in range(1, 5)}
