"""A bucket goes only by a tombstone, and only when all that the replica has in it is in scope and gone."""

from collections.abc import Callable

import pytest

from harness import mirror, records
from harness.containers import (FAST, NEVER_ENOUGH, OTHER, SEES_BUCKETS, assert_rests, ask, data, differences, lists, put,
                                remove, report, soon, tree, user_id)
from harness.kinto import BACKENDS, KintoServer
from harness.servers import Pair

COPY = ("--permissions", "copy")


@pytest.fixture
def seeing(servers) -> Callable[[str, str], Pair]:
    """Servers that list the tombstones of buckets to the daemon's user. All of them have the same users."""
    def make(master: str, replica: str) -> Pair:
        settings = {SEES_BUCKETS: user_id(servers.get("memory", "master"))}
        return Pair(servers.get(master, "master", settings), servers.get(replica, "replica", settings))

    return make


def load(server: KintoServer, bucket: str) -> None:
    put(server, bucket, {"v": bucket}, {"read": ["account:alice"]})
    put(server, f"{bucket}/groups/g", {"members": ["account:bob"]})
    for collection in ("one", "two"):
        put(server, f"{bucket}/collections/{collection}", {}, {"read": ["account:alice"]})
        records.put(server, f"{bucket}/{collection}", [{"id": f"r{n}"} for n in range(30)])


@pytest.mark.parametrize("replica", BACKENDS)
@pytest.mark.parametrize("master", BACKENDS)
def test_it_goes_by_its_tombstone(seeing, name, master, replica):
    pair, bucket = seeing(master, replica), name.split("/")[0]
    load(pair.master, bucket)
    load(pair.master, f"other-{bucket}")
    pair.once(*COPY).expect(0)
    kept = tree(pair.replica, f"other-{bucket}")
    when = remove(pair.master, bucket)
    checked = pair.check(*COPY).expect(1)
    assert (bucket, "undeleted") in differences(checked)

    pair.once(*COPY).expect(0)

    assert bucket not in records.bucket_ids(pair.replica) and tombstone_of_bucket(pair.replica, bucket) == when
    assert tree(pair.replica, f"other-{bucket}") == kept
    assert_rests(pair, *COPY)
    put(pair.replica, bucket)
    assert list(tree(pair.replica, bucket)) == [bucket], "nothing comes back with it"


def tombstone_of_bucket(server: KintoServer, bucket: str) -> int | None:
    rows = records.session(server).get(f"{server.url}/buckets?_since=0", timeout=60).json()["data"]
    return next((row["last_modified"] for row in rows if row["id"] == bucket and row.get("deleted")), None)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_daemon_follows_it_within_an_interval(seeing, name, daemon, backend):
    pair, bucket = seeing(backend, backend), name.split("/")[0]
    load(pair.master, bucket)
    load(pair.master, f"other-{bucket}")
    daemon(*pair.args, *FAST, *COPY)
    for one in (bucket, f"other-{bucket}"):
        soon(lambda: records.count(pair.replica, f"{one}/two") == 30, "it is loaded")
        soon(lambda: lists(pair.replica, f"{one}/collections/two"), "all of it")
    when = remove(pair.master, bucket)
    soon(lambda: bucket not in records.bucket_ids(pair.replica), "it is gone")
    assert tombstone_of_bucket(pair.replica, bucket) == when
    assert records.count(pair.replica, f"other-{bucket}/one") == 30


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("others", [True, False], ids=["others", "alone"])
def test_one_that_was_deleted_while_no_daemon_followed_goes_after_the_start(seeing, name, daemon, backend, others):
    pair, bucket = seeing(backend, backend), name.split("/")[0]
    load(pair.master, bucket)
    if others:
        load(pair.master, f"other-{bucket}")
    pair.once(*COPY).expect(0)
    when = remove(pair.master, bucket)
    daemon(*pair.args, *FAST, *COPY)
    soon(lambda: bucket not in records.bucket_ids(pair.replica), "it is gone")
    assert tombstone_of_bucket(pair.replica, bucket) == when


@pytest.mark.parametrize("extras", [(), NEVER_ENOUGH], ids=["keep", "delete"])
@pytest.mark.parametrize("scope", [(), "*", "one"], ids=["all", "named", "collection"])
def test_hazard_50_a_bucket_that_vanished_is_not_trusted(each_backend, name, scope, extras):
    """To whoever may not read all buckets, a deleted one is as one that is not shown any more."""
    bucket = name.split("/")[0]
    load(each_backend.master, bucket)
    load(each_backend.master, f"other-{bucket}")
    more = (*COPY, *(("--collections", f"{bucket}/{scope},other-{bucket}/*") if scope else ()))
    each_backend.once(*more).expect(0)
    before = tree(each_backend.replica, bucket, f"other-{bucket}")
    remove(each_backend.master, bucket)
    result = each_backend.once(*more, *extras)
    assert tree(each_backend.replica, bucket, f"other-{bucket}") == before
    assert report(result)["deleted"] == 0 and (bucket, "undeleted") not in differences(result)


def test_where_only_records_are_deleted_it_stays(seeing, name):
    pair, bucket = seeing("memory", "memory"), name.split("/")[0]
    load(pair.master, bucket)
    pair.once(*COPY).expect(0)
    before = tree(pair.replica, bucket)
    remove(pair.master, bucket)
    pair.once(*COPY, "--deletions", "records", *NEVER_ENOUGH)
    assert tree(pair.replica, bucket) == before


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("what", ["collection", "group", "excluded"])
def test_hazard_50_it_stays_with_what_is_not_ours(seeing, name, backend, what):
    """A collection that is out of scope, or a group where groups are not followed; as it was, rights included. What is
    in scope is gone by the bucket's tombstone."""
    pair, bucket = seeing(backend, backend), name.split("/")[0]
    load(pair.master, bucket)
    own = f"{bucket}/groups/own" if what == "group" else f"{bucket}/collections/own"
    scopes = {"collection": f"{bucket}/one,{bucket}/two", "group": f"{bucket}/*", "excluded": f"{bucket}/*,!{bucket}/own"}
    more = ("--collections", scopes[what], *(() if what == "group" else COPY), *NEVER_ENOUGH)
    put(pair.replica, bucket)
    put(pair.replica, own, {"members": ["account:carol"]} if what == "group" else {}, {"read": ["account:carol"]})
    if what != "group":
        records.put(pair.replica, f"{bucket}/own", [{"id": f"own{n}"} for n in range(5)])
    pair.once(*more)
    before = {path: it for path, it in tree(pair.replica, bucket).items() if path.startswith(own)}
    remove(pair.master, bucket)

    for _ in range(2):
        pair.once(*more)

    found = tree(pair.replica, bucket)
    assert {path: it for path, it in found.items() if path.startswith(own)} == before
    assert bucket in found and f"{bucket}/collections/one" not in found and f"{bucket}/collections/two" not in found


def test_somebody_elses_bucket_of_that_name_stays(seeing, name):
    """Made on the replica after the master's was deleted, and never copied."""
    pair, bucket = seeing("memory", "memory"), name.split("/")[0]
    load(pair.master, bucket)
    load(pair.master, f"other-{bucket}")
    remove(pair.master, bucket)
    load(pair.replica, bucket)
    before = tree(pair.replica, bucket)
    pair.once(*COPY)
    assert tree(pair.replica, bucket) == before


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_bucket_made_anew_shows_no_tombstone(seeing, name, backend):
    """Its collections of before are gone without a proof, so they stay, and the new ones arrive."""
    pair, bucket = seeing(backend, backend), name.split("/")[0]
    load(pair.master, bucket)
    pair.once(*COPY).expect(0)
    old = records.stored(pair.replica, f"{bucket}/one")
    remove(pair.master, bucket)
    put(pair.master, bucket, {"v": 2})
    put(pair.master, f"{bucket}/collections/three", {"v": 3})
    records.put(pair.master, f"{bucket}/three", [{"id": "new"}])
    pair.once(*COPY)
    assert records.stored(pair.replica, f"{bucket}/one") == old
    assert data(pair.replica, bucket)["v"] == 2
    records.assert_same(pair.master, pair.replica, f"{bucket}/three")


def test_a_replicas_right_to_delete_that_is_missing(seeing, name):
    """The bucket is somebody else's on the replica: it is named, and stays."""
    pair, bucket = seeing("memory", "memory"), name.split("/")[0]
    load(pair.master, bucket)
    mine = user_id(pair.replica)
    put(pair.replica, bucket, {}, {"read": [mine], "collection:create": [mine], "group:create": [mine]}, OTHER)
    mirror.run("run", "--once", *pair.args, "--metadata", "create")
    remove(pair.master, bucket)
    result = pair.once("--metadata", "create").expect(1, 77)
    assert ask(pair.replica, "GET", bucket, OTHER).status_code == 200
    assert bucket in result.err + str(report(result)["differences"])
