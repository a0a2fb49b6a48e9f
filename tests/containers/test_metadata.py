"""The data of buckets and collections is kept as the master's, stamps included."""

import time

import pytest

from harness import mirror, records
from harness.containers import (FAST, assert_rests, assert_same, collection_of, data, differences, patch, put, report, soon,
                                stamp)
from harness.kinto import KintoServer
from harness.servers import Pair

SIGNED = {"displayFields": ["title", "größe"], "cache_expires": 600,
          "signature": {"x5u": "https://x/y", "n": [1, 2.5, None]}}


def load(server: KintoServer, name: str, collection: dict, bucket: dict | None = None, count: int = 3) -> None:
    """A bucket, a collection and some records, all with stamps of the server's."""
    put(server, name.split("/")[0], bucket or {})
    put(server, collection_of(name), collection)
    records.put(server, name, [{"id": f"r{n}", "n": n} for n in range(count)])


def old(days: int) -> int:
    return int(time.time() * 1000) - days * 86_400_000


def test_it_arrives_with_the_first_load(each_pair, name):
    bucket, path = name.split("/")[0], collection_of(name)
    load(each_pair.master, name, SIGNED, {"title": "ünïcode", "nested": {"a": [{"b": None}]}})
    put(each_pair.master, f"{bucket}/collections/empty", {"sort": "-last_modified"})

    found = report(each_pair.once().expect(0))

    assert found["created"] == 3 and found["differences"] == [] and found["state"] == "in-sync"
    assert_same(each_pair, bucket, path, f"{bucket}/collections/empty")
    assert data(each_pair.replica, path)["signature"] == SIGNED["signature"]
    records.assert_same(each_pair.master, each_pair.replica, name)
    assert_rests(each_pair)


def test_a_bucket_without_collections_arrives_where_the_scope_covers_all_of_it(pair, name):
    bucket = name.split("/")[0]
    put(pair.master, bucket, {"title": "empty"})
    pair.once("--collections", f"{bucket}/*").expect(0)
    assert_same(pair, bucket)


def test_it_keeps_a_stamp_of_long_ago(each_backend, name):
    """Which a replica that stamps for itself would never have."""
    bucket, path = name.split("/")[0], collection_of(name)
    put(each_backend.master, bucket, {"v": 1, "last_modified": old(90)})
    put(each_backend.master, path, {"v": 1, "last_modified": old(80)})
    each_backend.once("--readers", "system.Everyone").expect(0)
    assert_same(each_backend, bucket, path)
    assert_rests(each_backend, "--readers", "system.Everyone")


def test_a_change_is_followed(each_pair, name):
    """A member that is new, one that changed, one that went; and no record is written for it."""
    bucket, path = name.split("/")[0], collection_of(name)
    load(each_pair.master, name, {"goes": 1, "changes": {"a": 1, "b": 2}}, {"goes": True})
    each_pair.once().expect(0)
    before = records.stored(each_pair.replica, name, tombstones=True)
    put(each_pair.master, path, {"changes": {"a": 2}, "new": "x"})
    put(each_pair.master, bucket, {"new": 1})

    found = report(each_pair.once().expect(0))

    assert (found["created"], found["updated"], found["deleted"]) == (0, 2, 0)
    assert_same(each_pair, bucket, path)
    assert "goes" not in data(each_pair.replica, path)
    assert records.stored(each_pair.replica, name, tombstones=True) == before
    assert_rests(each_pair)


@pytest.mark.parametrize("scope", ["*/*", "named"])
def test_a_daemon_follows_it_within_an_interval(each_backend, name, daemon, scope):
    master, replica = each_backend.master, each_backend.replica
    bucket, path = name.split("/")[0], collection_of(name)
    load(master, name, {"v": 1}, {"v": 1})
    daemon(*each_backend.args, *FAST, "--collections", name if scope == "named" else scope)
    soon(lambda: records.count(replica, name) == 3 and data(replica, path) == data(master, path), "it is loaded")

    for version in (2, 3):
        put(master, path, {"v": version})
        soon(lambda: data(replica, path) == data(master, path), "the collection's metadata arrives")
        put(master, bucket, {"v": version})
        soon(lambda: data(replica, bucket) == data(master, bucket), "the bucket's metadata arrives")


def test_a_new_collection_arrives_within_an_interval(each_backend, name, daemon):
    """One without any record too."""
    master, replica = each_backend.master, each_backend.replica
    bucket = name.split("/")[0]
    load(master, name, {})
    daemon(*each_backend.args, *FAST)
    soon(lambda: records.count(replica, name) == 3, "it is loaded")
    put(master, f"{bucket}/collections/later", SIGNED)
    soon(lambda: data(replica, f"{bucket}/collections/later") == data(master, f"{bucket}/collections/later"), "it arrives")


def test_create_copies_it_once(each_backend, name):
    """With `metadata = create` it is copied with the container, and left alone from then on."""
    master, replica = each_backend.master, each_backend.replica
    bucket, path = name.split("/")[0], collection_of(name)
    load(master, name, {"v": 1}, {"v": 1})
    each_backend.once("--metadata", "create").expect(0)
    assert_same(each_backend, bucket, path)
    put(replica, path, {"v": "the operator's"})
    put(master, path, {"v": 2})
    put(master, bucket, {"v": 2})
    before = data(replica, path), data(replica, bucket)
    records.put(master, name, [{"id": "more"}])

    found = report(each_backend.once("--metadata", "create").expect(0))

    assert (data(replica, path), data(replica, bucket)) == before
    assert found["updated"] == 0 and found["differences"] == []
    assert report(each_backend.check("--metadata", "create").expect(0))["state"] == "in-sync"
    assert records.count(replica, name) == 4


def test_hazard_52_a_container_that_drifted_ahead_is_left_alone(each_backend, name):
    """Equal data at a higher stamp: a PUT would stamp it anew each time, and DELETE + PUT destroy its records."""
    master, replica = each_backend.master, each_backend.replica
    bucket, path = name.split("/")[0], collection_of(name)
    load(master, name, {"v": 1}, {"v": 1})
    each_backend.once().expect(0)
    before = records.stored(replica, name, tombstones=True)
    for drifted in (path, bucket):
        patch(replica, drifted, {"v": 1})
    ahead = stamp(replica, path), stamp(replica, bucket)

    assert_rests(each_backend)
    assert_rests(each_backend)

    assert (stamp(replica, path), stamp(replica, bucket)) == ahead
    put(master, path, {"v": 2})
    put(master, bucket, {"v": 2})
    each_backend.once().expect(0)
    assert_same(each_backend, path, bucket)
    assert records.stored(replica, name, tombstones=True) == before


def test_a_container_that_differs_ahead_is_written_once(each_backend, name):
    """Its data becomes the master's. Its stamp cannot, which is no difference."""
    master, replica = each_backend.master, each_backend.replica
    path = collection_of(name)
    load(master, name, {"v": 1})
    each_backend.once().expect(0)
    before = records.stored(replica, name, tombstones=True)
    put(replica, path, {"v": "somebody's"})
    assert differences(each_backend.check().expect(1)) == {(path, "data")}

    assert report(each_backend.once().expect(0))["updated"] == 1
    assert data(replica, path)["v"] == 1
    ahead = stamp(replica, path)
    assert_rests(each_backend)
    assert stamp(replica, path) == ahead
    assert records.stored(replica, name, tombstones=True) == before


def test_two_collections_of_one_stamp(servers, name):
    """Memory takes them, PostgreSQL does not: the next free millisecond, which is no difference."""
    pair = Pair(servers.get("memory", "master"), servers.get("postgresql", "replica"))
    bucket, when = name.split("/")[0], old(3)
    put(pair.master, bucket)
    paths = [f"{bucket}/collections/c{n}" for n in range(3)]
    for path in paths:
        put(pair.master, path, {"p": path, "last_modified": when})
        records.put(pair.master, path.replace("/collections/", "/"), [{"id": "r"}])
    pair.once().expect(0)
    found = {path: data(pair.replica, path) for path in paths}
    assert {path: one["p"] for path, one in found.items()} == {path: path for path in paths}
    assert sorted(one["last_modified"] for one in found.values()) == [when, when + 1, when + 2]
    assert_rests(pair)
    assert {path: data(pair.replica, path) for path in paths} == found


def test_two_daemons_follow_it(each_backend, name, daemon):
    """P9: they agree, and then write nothing. Where both write at one moment, PostgreSQL takes both under one guard, and
    stamps the second with its present: ahead, where a container stays until the master's next change (hazard 52)."""
    master, replica = each_backend.master, each_backend.replica
    path = collection_of(name)

    def agrees() -> bool:
        said, held = data(master, path), data(replica, path)
        ahead = held.pop("last_modified") - said.pop("last_modified")
        return said == held and (ahead == 0 or ahead > 0 and replica.backend == "postgresql")

    load(master, name, {"v": 0})
    for _ in range(2):
        daemon(*each_backend.args, *FAST)
    for version in range(1, 6):
        put(master, path, {"v": version})
        soon(agrees, "it arrives")
    before = data(replica, path)
    time.sleep(1.5)
    assert data(replica, path) == before and agrees()
    mirror.run("check", *each_backend.args).expect(0)
