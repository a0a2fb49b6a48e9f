"""Which collections are copied, and which never are."""

import pytest

from harness import mirror, records
from harness.faults import Answers
from harness.proxy import Proxy
from harness.waiting import wait_until

COLLECTIONS = ("blog/articles", "blog/authors", "shop/articles", "shop/orders")


@pytest.mark.parametrize("globs, wanted", [
    ("*/*", set(COLLECTIONS)),
    ("blog/*", {"blog/articles", "blog/authors"}),
    ("*/articles", {"blog/articles", "shop/articles"}),
    ("blog/authors,sh*/o*", {"blog/authors", "shop/orders"}),
    ("shop/orders", {"shop/orders"}),
    ("!shop/*", {"blog/articles", "blog/authors"}),
    ("!*/articles,!blog/x*", {"blog/authors", "shop/orders"}),
    ("*/*,!blog/*,blog/authors", {"blog/authors", "shop/articles", "shop/orders"}),
    ("!blog/authors,blog/*", {"blog/articles", "blog/authors"}),
])
def test_globs_choose_the_collections(pair, globs, wanted):
    for name in COLLECTIONS:
        records.load(pair.master, name, [{"id": "one", "name": name}])

    report = pair.once("--collections", globs).expect(0).report

    assert {entry["id"] for entry in report["replicas"][0]["collections"]} == wanted
    assert {name for name in COLLECTIONS if records.count(pair.replica, name)} == wanted
    for name in wanted:
        records.assert_same(pair.master, pair.replica, name)


def test_the_daemons_own_bucket_is_never_copied(pair):
    records.load(pair.master, "kinto-mirror/notes", [{"id": "one"}])
    records.load(pair.master, "blog/articles", [{"id": "one"}])
    pair.once().expect(0)
    assert records.count(pair.replica, "blog/articles") == 1
    assert records.count(pair.replica, "kinto-mirror/notes") == 0
    pair.once("--collections", "kinto-mirror/notes")
    assert records.count(pair.replica, "kinto-mirror/notes") == 0


def test_a_collection_named_in_full_needs_no_right_to_list(pair, name, rng, proxied):
    records.load(pair.master, name, records.random_records(rng, 4))
    unlisted = proxied(Answers(pair.master.url, r"/(buckets|collections)(\?.*)?$", 403, {"code": 403, "errno": 121}))
    mirror.run("run", "--once", *mirror.servers(unlisted.url, pair.replica.url), "--collections", name).expect(0)
    assert len(records.assert_same(pair.master, pair.replica, name)) == 4


def test_nothing_is_written_to_the_master(pair, name, rng, proxied):
    records.load(pair.master, name, records.random_records(rng, 40))
    watched = proxied(Proxy(pair.master.url))
    mirror.run("run", "--once", *mirror.servers(watched.url, pair.replica.url)).expect(0)
    assert len(watched.requests) > 1
    assert watched.writes() == []


def test_a_scope_that_holds_nothing_is_told_once(pair, name, rng, daemon):
    bucket = name.split("/")[0]
    args = [*mirror.servers(pair.master.url, pair.replica.url), "--collections", f"{bucket}*/*", "--interval", "100ms"]
    running = daemon(*args)
    wait_until(lambda: "no collection that the master shows is in scope" in running.log(), "it tells")
    records.load(pair.master, name, records.random_records(rng, 4))
    wait_until(lambda: records.count(pair.replica, name) == 4, "what comes is copied")
    assert running.stop() == 0
    assert running.log().count("no collection that the master shows is in scope") == 1


UNMATCHED = "of --collections matches no collection that the master shows"


def test_a_pattern_that_matches_nothing_is_told_beside_a_good_one(pair, name, rng, daemon):
    """Once each, and no other one: not what is named in full, whose own line tells that it is not there."""
    records.load(pair.master, name, records.random_records(rng, 4))
    bucket = name.split("/")[0]
    globs = f"{bucket}/*,{bucket}/typo*,typo-*/*,{name},{bucket}/absent"
    for command in (("run", "--once"), ("check",)):
        log = mirror.run(*command, *pair.args, "--collections", globs).err
        assert log.count(UNMATCHED) == 2
        assert f'{bucket}/typo*\\" {UNMATCHED}' in log and f'typo-*/*\\" {UNMATCHED}' in log
    running = daemon(*pair.args, "--collections", globs, "--interval", "100ms")
    wait_until(lambda: UNMATCHED in running.log(), "it tells")
    for number in range(3):
        records.put(pair.master, name, [{"id": f"new-{number}"}])
        wait_until(lambda: records.count(pair.replica, name) == 5 + number, "it goes on")
    assert running.log().count(UNMATCHED) == 2


def test_a_bucket_that_is_not_there_is_told_once(pair, name, rng):
    """As a bucket that the master does not show, and not as a pattern too."""
    records.load(pair.master, name, records.random_records(rng, 4))
    result = pair.once("--collections", f"{name.split('/')[0]}/*,typo/*,typo/x*")
    assert UNMATCHED not in result.err
    assert result.err.count("the master does not show this bucket") == 1
