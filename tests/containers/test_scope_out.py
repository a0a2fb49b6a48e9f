"""P10: nothing out of scope is ever touched, whatever is deleted, copied or granted around it."""

import pytest

from harness import mirror, records
from harness.containers import (EVERYONE, FAST, NEVER_ENOUGH, OTHER, assert_same, collection_of, data, exists, lists,
                                patch, put, remove, report, soon, tree)
from harness.exchanges import Recording
from harness.kinto import KintoServer

ALICE, BOB = "account:alice", "account:bob"
ALL_OF_IT = ("--permissions", "copy", *NEVER_ENOUGH, "--readers", EVERYONE)


def fill(server: KintoServer, bucket: str, *collections: str, who: str = ALICE) -> None:
    put(server, bucket, {"by": who}, {"read": [who], "collection:create": [who]})
    put(server, f"{bucket}/groups/g", {"members": [who]}, {"read": [who]})
    for collection in collections:
        put(server, f"{bucket}/collections/{collection}", {"by": who}, {"read": [who], "record:create": [who]})
        records.put(server, f"{bucket}/{collection}", [{"id": f"{who[8:]}{n}"} for n in range(5)])


def parts_of(found: dict, *starts: str) -> dict:
    return {path: it for path, it in found.items() if path.startswith(starts)}


@pytest.mark.parametrize("collections", ["in/one", "in/*,!in/two,!out/*", "*/*,!in/two,!out/*,!default/*"],
                         ids=["named", "bucket", "all"])
def test_what_is_out_of_scope_stays_as_it_is(each_pair, proxied, collections):
    """Both servers have it, and each has it in its own way."""
    for server, who in ((each_pair.master, ALICE), (each_pair.replica, BOB)):
        fill(server, "in", *(("one", "two") if server is each_pair.master else ("two",)), who=who)
        fill(server, "out", "one", "two", who=who)
    fill(each_pair.master, "default2", "one")
    put(each_pair.replica, "default2", {"by": "the replica"})
    before = tree(each_pair.replica, "in", "out")
    watched = proxied(Recording(each_pair.replica.url))
    args = [*mirror.servers(each_pair.master.url, watched.url), "--collections", collections, *ALL_OF_IT]
    ours = ("in/collections/two", "out")

    mirror.run("run", "--once", *args)
    assert lists(each_pair.replica, "in/collections/one")["read"] == {ALICE, EVERYONE}
    assert parts_of(tree(each_pair.replica, "in", "out"), *ours) == parts_of(before, *ours)
    for gone in ("in/collections/two", "in/collections/one", "out/collections/one", "out/groups/g", "out"):
        remove(each_pair.master, gone)
        mirror.run("run", "--once", *args)
        assert parts_of(tree(each_pair.replica, "in", "out"), *ours) == parts_of(before, *ours), gone

    assert not exists(each_pair.replica, "in/collections/one")
    written = {part.path.split("?")[0] for request, _ in watched.exchanges for part in request.parts() if part.is_write}
    touched = {path.partition("/buckets/")[2] for path in written}
    assert not [path for path in touched if path.startswith(("in/collections/two", "out", "default/"))], touched
    if collections == "in/one":
        assert data(each_pair.replica, "default2")["by"] == "the replica"


def test_the_bucket_of_a_collection_in_scope_is_in_scope_itself(each_backend):
    """Its metadata and its groups, and none of its other collections."""
    fill(each_backend.master, "in", "one", "two")
    each_backend.once("--collections", "in/one", "--permissions", "copy").expect(0)
    assert_same(each_backend, "in", "in/groups/g", "in/collections/one")
    assert not exists(each_backend.replica, "in/collections/two")


@pytest.mark.parametrize("globs, wanted", [
    ("*/*,!in/two", {"in/one", "in/three", "out/one"}),
    ("!in/two", {"in/one", "in/three", "out/one"}),
    ("!in/*,in/two", {"in/two"}),
    ("*/*,!in/*,in/two", {"in/two", "out/one"}),
    ("in/two,!in/*", set()),
    ("in/*,!in/t*,in/three", {"in/one", "in/three"}),
    ("in/one,!in/one", set()),
])
def test_the_last_pattern_that_matches_decides(pair, globs, wanted):
    fill(pair.master, "in", "one", "two", "three")
    fill(pair.master, "out", "one")
    result = pair.once("--collections", globs, "--permissions", "copy")
    everything = {path for bucket in ("in", "out") if exists(pair.replica, bucket) for path in tree(pair.replica, bucket)}
    found = {path for path in everything if "/collections/" in path and "/records/" not in path}
    assert found == {name.replace("/", "/collections/") for name in wanted}
    assert {one["id"] for one in result.report["replicas"][0]["collections"]} == wanted
    if wanted:
        result.expect(0)
        assert exists(pair.replica, "out") == ("out/one" in wanted)


def test_a_bucket_without_a_collection_in_scope_is_not_made(pair):
    fill(pair.master, "in", "one")
    fill(pair.master, "empty")
    fill(pair.master, "partly", "two")
    pair.once("--collections", "*/one", "--permissions", "copy").expect(0)
    assert records.bucket_ids(pair.replica) == {"in", "kinto-mirror"}


def test_an_empty_bucket_that_a_pattern_covers_is_made(pair):
    fill(pair.master, "empty")
    pair.once("--permissions", "copy").expect(0)
    assert_same(pair, "empty", "empty/groups/g")
    assert lists(pair.replica, "empty") == lists(pair.master, "empty")


def test_the_daemons_own_bucket_and_the_default_one(each_backend):
    """Of the master they are never copied; of the replica never touched, but for the checkpoints."""
    fill(each_backend.master, "default", "mine")
    fill(each_backend.replica, "default", "own", who=BOB)
    before = tree(each_backend.replica, "default")
    fill(each_backend.master, "kinto-mirror", "notes")
    fill(each_backend.master, "in", "one")
    each_backend.once(*ALL_OF_IT)
    assert tree(each_backend.replica, "default") == before
    assert not exists(each_backend.replica, "kinto-mirror/collections/notes")
    assert lists(each_backend.replica, "kinto-mirror") == {} and not exists(each_backend.replica, "kinto-mirror/groups/g")
    remove(each_backend.master, "kinto-mirror")
    each_backend.once(*ALL_OF_IT)
    assert exists(each_backend.replica, "kinto-mirror/collections/checkpoints")
    assert tree(each_backend.replica, "default") == before


def test_nothing_is_written_to_the_master(each_backend, daemon, proxied):
    """Nor is a right granted there: each object stands as it stood."""
    fill(each_backend.master, "in", "one", "two")
    before = tree(each_backend.master, "in")
    watched = proxied(Recording(each_backend.master.url))
    args = mirror.servers(watched.url, each_backend.replica.url)
    mirror.run("run", "--once", *args, *ALL_OF_IT).expect(0)
    daemon(*args, *FAST, *ALL_OF_IT)
    patch(each_backend.master, "in/collections/one", {"v": 2})
    soon(lambda: data(each_backend.replica, "in/collections/one").get("v") == 2, "it follows")
    assert watched.writes() == []
    after = tree(each_backend.master, "in")
    assert {path for path in before if before[path] != after[path]} == {"in/collections/one"}


def test_a_collection_of_somebody_else_in_a_bucket_in_scope(pair):
    """The replica's own collection, in a bucket that the master has too: an extra at most, and no list of it moves."""
    fill(pair.master, "in", "one")
    put(pair.replica, "in", {}, {"collection:create": [pair.replica.client(OTHER).server_info()["user"]["id"]]})
    put(pair.replica, "in/collections/theirs", {"v": 1}, {"read": [BOB]}, OTHER)
    put(pair.replica, "in/collections/theirs/records/r", {"v": 1}, auth=OTHER)
    before = data(pair.replica, "in/collections/theirs", OTHER), lists(pair.replica, "in/collections/theirs", OTHER)
    result = pair.once("--permissions", "copy")
    assert (data(pair.replica, "in/collections/theirs", OTHER), lists(pair.replica, "in/collections/theirs", OTHER)) == before
    assert exists(pair.replica, "in/collections/theirs/records/r", OTHER)
    assert report(result)["deleted"] == 0
    assert_same(pair, collection_of("in/one"))
