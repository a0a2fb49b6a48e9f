"""Which permission lists follow the master's: none, those that let read, or all."""

import pytest

from harness import mirror, records
from harness.containers import (EVERYONE, FAST, OTHER, READER, ask, assert_rests, assert_same, collection_of, data,
                                differences, lists, patch, put, report, soon, stamp, user_id)
from harness.proxy import Proxy
from harness.servers import Pair

ALICE, BOB, CAROL = ("account:alice", "account:bob", "account:carol")
COPY, READ = ("--permissions", "copy"), ("--permissions", "read")


def load(pair: Pair, name: str) -> tuple[str, str]:
    """A bucket and a collection with lists of all kinds; their paths."""
    bucket, path = name.split("/")[0], collection_of(name)
    put(pair.master, bucket, {"v": 1}, {"read": [ALICE], "write": [BOB], "collection:create": [CAROL],
                                        "group:create": [ALICE]})
    put(pair.master, path, {"v": 1}, {"read": [BOB, EVERYONE], "write": [CAROL], "record:create": [ALICE, BOB]})
    records.put(pair.master, name, [{"id": f"r{n}"} for n in range(3)])
    return bucket, path


def test_keep_leaves_the_replicas_own(each_backend, name):
    bucket, path = load(each_backend, name)
    each_backend.once().expect(0)
    assert lists(each_backend.replica, bucket) == {} and lists(each_backend.replica, path) == {}
    patch(each_backend.replica, path, permissions={"read": [ALICE], "record:create": [CAROL]})
    put(each_backend.master, path, {"v": 2}, {"read": [CAROL]})
    each_backend.once().expect(0)
    assert lists(each_backend.replica, path) == {"read": {ALICE}, "record:create": {CAROL}}
    assert data(each_backend.replica, path)["v"] == 2
    assert_rests(each_backend)


def test_read_lets_read_and_no_more(each_pair, name):
    bucket, path = load(each_pair, name)
    each_pair.once(*READ).expect(0)
    assert lists(each_pair.replica, bucket) == {"read": {ALICE}}
    assert lists(each_pair.replica, path) == {"read": {BOB, EVERYONE}}
    assert ask(each_pair.replica, "GET", f"{path}/records", auth=None).status_code == 200
    assert_same(each_pair, bucket, path)
    assert_rests(each_pair, *READ)


def test_copy_copies_all(each_pair, name):
    bucket, path = load(each_pair, name)
    each_pair.once(*COPY).expect(0)
    for one in (bucket, path):
        assert lists(each_pair.replica, one) == lists(each_pair.master, one)
    assert lists(each_pair.replica, bucket).keys() == {"read", "write", "collection:create", "group:create"}
    assert_same(each_pair, bucket, path)
    assert_rests(each_pair, *COPY)


@pytest.mark.parametrize("more", [READ, COPY], ids=["read", "copy"])
def test_a_right_is_granted_and_taken_away(each_backend, name, daemon, more):
    """Within an interval, and the stamp is the master's. An empty list clears: hazard 30."""
    master, replica = each_backend.master, each_backend.replica
    bucket, path = load(each_backend, name)
    reader = user_id(master, READER)
    daemon(*each_backend.args, *FAST, *more)
    soon(lambda: lists(replica, path).get("read") == {BOB, EVERYONE}, "it is loaded")
    for one in (path, bucket):
        patch(master, one, permissions={"read": [reader]})
        soon(lambda: lists(replica, one).get("read") == {reader}, "the right arrives")
        soon(lambda: stamp(replica, one) == stamp(master, one), "at the master's stamp")
    assert ask(replica, "GET", f"{path}/records", READER).status_code == 200
    for one in (path, bucket):
        patch(master, one, permissions={"read": []})
        soon(lambda: "read" not in lists(replica, one), "and goes")
        soon(lambda: stamp(replica, one) == stamp(master, one), "at the master's stamp")
    assert ask(replica, "GET", f"{path}/records", READER).status_code == 403
    assert ask(replica, "GET", f"{path}/records", auth=None).status_code == 401
    assert data(replica, path)["v"] == 1


def test_copy_clears_what_the_master_cleared(each_backend, name):
    bucket, path = load(each_backend, name)
    each_backend.once(*COPY).expect(0)
    put(each_backend.master, path, {"v": 2}, {"record:create": [BOB]})
    patch(each_backend.master, bucket, permissions={"collection:create": [], "write": []})
    each_backend.once(*COPY).expect(0)
    assert lists(each_backend.replica, path) == {"record:create": {BOB}}
    assert lists(each_backend.replica, bucket) == {"read": {ALICE}, "group:create": {ALICE}}
    assert_same(each_backend, path, bucket)
    assert_rests(each_backend, *COPY)


def test_read_keeps_all_other_lists_of_the_replica(each_backend, name):
    """Also when the metadata is written in the same pass."""
    bucket, path = load(each_backend, name)
    each_backend.once(*READ).expect(0)
    patch(each_backend.replica, path, permissions={"write": [ALICE], "record:create": [CAROL]})
    patch(each_backend.replica, bucket, permissions={"collection:create": [BOB]})
    put(each_backend.master, path, {"v": 2}, {"read": [CAROL]})
    put(each_backend.master, bucket, {"v": 2}, {"read": [BOB], "write": [CAROL]})
    each_backend.once(*READ).expect(0)
    assert lists(each_backend.replica, path) == {"read": {CAROL}, "write": {ALICE}, "record:create": {CAROL}}
    assert lists(each_backend.replica, bucket) == {"read": {BOB}, "collection:create": {BOB}}
    assert data(each_backend.replica, path)["v"] == 2 and data(each_backend.replica, bucket)["v"] == 2
    assert_rests(each_backend, *READ)


def test_what_somebody_changed_on_the_replica_is_put_right(each_backend, name):
    """A difference until then: `check` names it."""
    bucket, path = load(each_backend, name)
    each_backend.once(*COPY).expect(0)
    patch(each_backend.replica, path, permissions={"read": [CAROL], "write": [ALICE]})
    assert differences(each_backend.check(*COPY).expect(1)) == {(path, "permissions")}
    assert differences(each_backend.check(*READ).expect(1)) == {(path, "permissions")}
    each_backend.check().expect(0)
    each_backend.once(*COPY).expect(0)
    assert lists(each_backend.replica, path) == lists(each_backend.master, path)
    assert lists(each_backend.replica, bucket) == lists(each_backend.master, bucket)
    assert_rests(each_backend, *COPY)


def test_a_copy_under_another_user(each_backend, name):
    """Who writes is added to `write` by Kinto: no difference, and nobody of the master's list is missing."""
    bucket, path = load(each_backend, name)
    args = ["--master", each_backend.master.url, "--master-auth", each_backend.master.auth,
            "--replica", each_backend.replica.url, "--replica-auth", OTHER, *COPY]
    mirror.run("run", "--once", *args).expect(0)
    owner = user_id(each_backend.master)
    assert lists(each_backend.replica, path, OTHER)["write"] == {CAROL, owner}
    assert lists(each_backend.replica, bucket, OTHER)["write"] == {BOB, owner}
    assert lists(each_backend.replica, path, OTHER)["read"] == {BOB, EVERYONE}
    again = mirror.run("run", "--once", "--json", *args).expect(0)
    assert report(again)["updated"] == 0 and report(again)["state"] == "in-sync"
    mirror.run("check", *args).expect(0)


def test_a_write_changes_something_each_time(each_backend, name, proxied):
    """Kinto stamps a container anew for a write that changes nothing, and its readers would take it for news."""
    load(each_backend, name)
    each_backend.once(*COPY).expect(0)
    before = records.stored(each_backend.replica, name)
    watched = proxied(Proxy(each_backend.replica.url))
    args = mirror.servers(each_backend.master.url, watched.url)
    mirror.run("run", "--once", *args, *COPY).expect(0)
    parts = [part for request in watched.writes() for part in request.parts() if part.is_write]
    assert [part.path for part in parts if "/buckets/kinto-mirror" not in part.path] == []
    assert records.stored(each_backend.replica, name) == before


def test_lists_of_records_are_nobodys_business(each_backend, name):
    """Not even of `copy`, which is about containers."""
    load(each_backend, name)
    records_path = f"{collection_of(name)}/records"
    each_backend.once(*COPY).expect(0)
    patch(each_backend.replica, f"{records_path}/r0", permissions={"read": [ALICE]})
    each_backend.once(*COPY).expect(0)
    assert lists(each_backend.replica, f"{records_path}/r0") == {"read": {ALICE}}
    records.assert_same(each_backend.master, each_backend.replica, name)
