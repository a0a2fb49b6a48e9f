"""What `run --once`, `check`, the status pages and the log say of containers, and that they say the same."""

import pytest

from harness import mirror, records
from harness.containers import (EVERYONE, FAST, NEVER_ENOUGH, assert_same, collection_of, data, differences, exists,
                                patch, put, reason, remove, report, soon, stamp, tree)
from harness.proxy import Proxy
from harness.servers import Pair
from harness.status import StatusPages, check_metrics

COPY = ("--permissions", "copy")
ALICE = "account:alice"


def load(pair: Pair, name: str) -> str:
    """A bucket, a group and three collections; the bucket."""
    bucket = name.split("/")[0]
    put(pair.master, bucket, {"v": 1}, {"read": [ALICE]})
    put(pair.master, f"{bucket}/groups/g", {"members": [ALICE]})
    for collection in ("articles", "b", "c"):
        put(pair.master, f"{bucket}/collections/{collection}", {"v": 1}, {"read": [EVERYONE]})
        records.put(pair.master, f"{bucket}/{collection}", [{"id": f"r{n}"} for n in range(3)])
    return bucket


def spoil(pair: Pair, bucket: str) -> set[tuple[str, str]]:
    """One difference of each kind that a pass takes away."""
    put(pair.master, f"{bucket}/collections/new", {"v": 1})
    put(pair.master, f"{bucket}/collections/b", {"v": 2})
    patch(pair.master, bucket, permissions={"read": [EVERYONE]})
    remove(pair.master, f"{bucket}/collections/c")
    remove(pair.master, f"{bucket}/groups/g")
    return {(f"{bucket}/collections/new", "missing"), (f"{bucket}/collections/b", "data"), (bucket, "permissions"),
            (f"{bucket}/collections/c", "undeleted"), (f"{bucket}/groups/g", "undeleted")}


def counts(found: dict) -> tuple[int, int, int, int]:
    return found["same"], found["created"], found["updated"], found["deleted"]


def test_the_counts(each_pair, name):
    """What the pass did, and how many were equal already."""
    bucket = load(each_pair, name)
    first = report(each_pair.once(*COPY).expect(0))
    assert counts(first) == (0, 5, 0, 0) and first["differences"] == [] and first["state"] == "in-sync"
    again = each_pair.once(*COPY).expect(0)
    assert counts(report(again)) == (5, 0, 0, 0) and again.report["in_sync"]
    assert counts(report(each_pair.check(*COPY).expect(0))) == (5, 0, 0, 0)
    spoil(each_pair, bucket)
    assert counts(report(each_pair.once(*COPY).expect(0))) == (1, 1, 2, 2)
    assert counts(report(each_pair.once(*COPY).expect(0))) == (4, 0, 0, 0)


def test_check_names_each_difference_and_writes_nothing(each_backend, name, proxied):
    bucket = load(each_backend, name)
    each_backend.once(*COPY).expect(0)
    wanted = spoil(each_backend, bucket)
    before = tree(each_backend.replica, bucket)
    watched = proxied(Proxy(each_backend.replica.url))
    args = mirror.servers(each_backend.master.url, watched.url)

    result = mirror.run("check", "--json", *args, *COPY).expect(1)

    assert differences(result) == wanted and report(result)["state"] == "different"
    assert result.report["in_sync"] is False and result.report["replicas"][0]["containers"] == report(result)
    dry = mirror.run("run", "--once", "--dry-run", "--json", *args, *COPY).expect(1)
    assert differences(dry) == wanted
    assert watched.writes() == [] and tree(each_backend.replica, bucket) == before


def test_a_dry_run_on_an_empty_replica(each_backend, name):
    bucket = load(each_backend, name)
    for result in (each_backend.check(*COPY).expect(1), each_backend.once("--dry-run", *COPY).expect(1)):
        assert differences(result) == {(path, "missing") for path in (
            bucket, f"{bucket}/groups/g", *(f"{bucket}/collections/{one}" for one in ("articles", "b", "c")))}
    assert not exists(each_backend.replica, bucket) and not exists(each_backend.replica, "kinto-mirror")


def test_the_text_has_a_line_for_each(pair, name):
    bucket = load(pair, name)
    mirror.run("run", "--once", *pair.args, *COPY).expect(0)
    whole = mirror.run("check", *pair.args, *COPY).expect(0).out
    assert [line for line in whole.splitlines() if "containers" in line], whole
    wanted = spoil(pair, bucket)
    lines = mirror.run("check", *pair.args, *COPY).expect(1).out.splitlines()
    for path, kind in wanted:
        assert [line for line in lines if path in line.split() and kind in line], (path, kind, lines)


@pytest.mark.parametrize("extras", [(), NEVER_ENOUGH], ids=["keep", "delete"])
def test_an_extra_counts_where_extras_are_deleted(pair, name, extras):
    """A collection that only the replica has, which no tombstone tells of."""
    bucket = load(pair, name)
    pair.once(*COPY).expect(0)
    put(pair.replica, f"{bucket}/collections/own", {"v": 1})
    records.put(pair.replica, f"{bucket}/own", [{"id": "r"}])
    result = pair.check(*COPY, *extras).expect(1 if extras else 0)
    assert result.report["in_sync"] is not bool(extras)
    if extras:
        assert (f"{bucket}/collections/own", "extra") in differences(result)
    pair.once(*COPY).expect(0)
    assert records.count(pair.replica, f"{bucket}/own") == 1


def test_what_was_out_of_the_way_is_told_by_its_reason(pair, name):
    bucket = load(pair, name)
    pair.once(*COPY).expect(0)
    patch(pair.replica, f"{bucket}/collections/b", permissions={"read": [], "record:create": [ALICE]})
    told = reason(pair.check(*COPY).expect(1), f"{bucket}/collections/b", "permissions")
    assert "read" in told and "record:create" in told


def test_the_status_pages_say_the_same(each_backend, name, daemon):
    bucket = load(each_backend, name)
    pages = StatusPages(daemon(*each_backend.args, *FAST, *COPY, "--listen", "127.0.0.1:0"))
    soon(lambda: pages.replica()["containers"]["state"] == "in-sync", "it is loaded")
    found = pages.replica()["containers"]
    assert {"same", "created", "updated", "deleted", "differences", "state"} <= found.keys()
    assert found["differences"] == [] and pages.status()["in_sync"] is True
    check_metrics(pages.get("/metrics").text)
    assert [series for series in pages.metrics() if "container" in series]
    spoil(each_backend, bucket)
    soon(lambda: not exists(each_backend.replica, f"{bucket}/collections/c"), "it follows")
    soon(lambda: exists(each_backend.replica, f"{bucket}/collections/new"), "it follows")
    # What is granted comes last.
    soon(lambda: data(each_backend.replica, bucket) == data(each_backend.master, bucket), "it follows")
    soon(lambda: pages.replica()["containers"]["state"] == "in-sync", "and says so")
    assert_same(each_backend, bucket, f"{bucket}/collections/b")


def test_a_deleted_collection_is_settled(each_backend, name, daemon):
    """Nobody goes on telling of it: neither the pages, nor the report, nor `check`, nor a restart."""
    bucket = load(each_backend, name)
    args = (*each_backend.args, *FAST, "--listen", "127.0.0.1:0")
    running = daemon(*args)
    pages = StatusPages(running)
    soon(lambda: records.count(each_backend.replica, f"{bucket}/c") == 3, "it is loaded")
    remove(each_backend.master, f"{bucket}/collections/c")
    soon(lambda: not exists(each_backend.replica, f"{bucket}/collections/c"), "it is gone")

    def settled(pages: StatusPages) -> bool:
        named = {one["id"]: one["state"] for one in pages.replica()["collections"]}
        return pages.status()["in_sync"] is True and named.get(f"{bucket}/c", "in-sync") == "in-sync"

    soon(lambda: settled(pages), "the pages have settled")
    assert running.stop() == 0
    again = StatusPages(daemon(*args))
    soon(lambda: settled(again), "so have those of the next one")
    for result in (each_backend.check().expect(0), each_backend.once().expect(0)):
        entries = result.report["replicas"][0]["collections"]
        assert f"{bucket}/c" not in [one["id"] for one in entries if one["state"] != "in-sync"]


def test_a_collection_that_must_stay_is_told_everywhere(servers, name, daemon):
    """Emptied, for its neighbour's sake: `undeleted`, and why, until the neighbour is gone."""
    pair = Pair(servers.get("memory", "master"), servers.get("postgresql", "replica"))
    bucket = load(pair, name)
    wild, beside = f"{bucket}/collections/x_y", f"{bucket}/collections/xZy"
    put(pair.master, wild, {})
    more = ("--collections", f"{bucket}/x_y,{bucket}/b")
    pair.once(*more).expect(0)
    put(pair.replica, beside, {}, {"read": [ALICE]})
    remove(pair.master, wild)
    pages = StatusPages(daemon(*pair.args, *FAST, *more, "--listen", "127.0.0.1:0"))

    def told() -> set[tuple[str, str]]:
        return {(one["id"], one["kind"]) for one in pages.replica()["containers"]["differences"]}

    soon(lambda: told() == {(wild, "undeleted")}, "the pages tell it")
    assert pages.status()["in_sync"] is False
    result = pair.check(*more).expect(1)
    assert differences(result) == {(wild, "undeleted")} and "xZy" in reason(result, wild, "undeleted")
    assert not result.report["in_sync"] and stamp(pair.replica, beside) and data(pair.replica, wild) is not None
    remove(pair.replica, beside)
    soon(lambda: not exists(pair.replica, wild), "it goes when it may")
    soon(lambda: told() == set() and pages.status()["in_sync"] is True, "and nobody tells of it any more")


def test_the_state_is_failed_when_nothing_could_be_told(pair, name):
    """A replica that is not there: the report says so and does not say in sync."""
    load(pair, name)
    args = mirror.servers(pair.master.url, "http://127.0.0.1:1/v1")
    result = mirror.run("check", "--json", *args).expect(69)
    if result.out:
        assert result.report["in_sync"] is False
        assert result.report["replicas"][0].get("containers", {"state": "failed"})["state"] == "failed"


def test_collections_are_named_as_before(pair, name):
    """The records' own part of the report has the collections alone."""
    bucket = load(pair, name)
    result = pair.once(*COPY).expect(0)
    assert {one["id"] for one in result.report["replicas"][0]["collections"]} == {
        f"{bucket}/{one}" for one in ("articles", "b", "c")}
    assert result.collection(name)["created"] == 3 and exists(pair.replica, collection_of(name))
