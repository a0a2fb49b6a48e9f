"""Lists that are not shown are unknown, and never none (hazards 29 and 47): to whoever may only read, on either side."""

import pytest

from harness import mirror, records
from harness.containers import (EVERYONE, FAST, OTHER, READER, ask, collection_of, data, differences, lists,
                                patch, put, reason, report, soon, user_id)
from harness.kinto import AUTH
from harness.servers import Pair
from harness.status import StatusPages

FRIEND = "account:friend"
LISTS = ["read", "copy"]


def load(pair: Pair, name: str) -> tuple[str, str]:
    """A master whose owner is OTHER, and which READER may read; copied once by who is shown everything."""
    bucket, path = name.split("/")[0], collection_of(name)
    reader = user_id(pair.master, READER)
    put(pair.master, bucket, {"v": 1}, {"read": [reader]}, OTHER)
    put(pair.master, path, {"v": 1}, {"read": [EVERYONE, reader], "record:create": [FRIEND]}, OTHER)
    for n in range(3):
        put(pair.master, f"{path}/records/r{n}", {"n": n}, auth=OTHER)
    return bucket, path


def args(pair: Pair, master_auth: str, *more: str) -> list[str]:
    return ["--master", pair.master.url, "--master-auth", master_auth,
            "--replica", pair.replica.url, "--replica-auth", AUTH, *more]


@pytest.mark.parametrize("permissions", LISTS)
def test_hazard_47_what_a_reader_is_not_shown_clears_nothing(each_backend, name, permissions):
    bucket, path = load(each_backend, name)
    mirror.run("run", "--once", *args(each_backend, OTHER, "--permissions", permissions)).expect(0)
    before = {one: lists(each_backend.replica, one) for one in (bucket, path)}
    assert before[path]["read"] == {EVERYONE, user_id(each_backend.master, READER)}
    # Metadata and records go on, and no write of them takes a list along.
    put(each_backend.master, path, {"v": 2}, auth=OTHER)
    put(each_backend.master, f"{path}/records/later", {"n": 9}, auth=OTHER)

    result = mirror.run("run", "--once", "--json", *args(each_backend, READER, "--permissions", permissions)).expect(1)

    assert {one: lists(each_backend.replica, one) for one in (bucket, path)} == before
    assert data(each_backend.replica, path)["v"] == 2
    assert ask(each_backend.replica, "GET", f"{path}/records/later", auth=None).status_code == 200
    assert report(result)["state"] == "degraded" and not result.report["in_sync"]
    assert differences(result) == {(bucket, "unknown-permissions"), (path, "unknown-permissions")}
    told = reason(result, path, "unknown-permissions")
    assert "write" in told and user_id(each_backend.master, READER) in told, "the right that is missing, and whose"


@pytest.mark.parametrize("permissions", LISTS)
def test_check_tells_it_too(pair, name, permissions):
    bucket, path = load(pair, name)
    mirror.run("run", "--once", *args(pair, OTHER, "--permissions", permissions)).expect(0)
    result = mirror.run("check", "--json", *args(pair, READER, "--permissions", permissions)).expect(1)
    assert report(result)["state"] == "degraded"
    assert differences(result) == {(bucket, "unknown-permissions"), (path, "unknown-permissions")}
    mirror.run("check", *args(pair, READER, "--permissions", "keep")).expect(0)


def test_a_load_by_a_reader_opens_nothing(each_backend, name):
    """What he is not shown is not granted. Records and metadata arrive all the same."""
    bucket, path = load(each_backend, name)
    mirror.run("run", "--once", *args(each_backend, READER, "--permissions", "copy")).expect(1)
    assert lists(each_backend.replica, bucket) == {} and lists(each_backend.replica, path) == {}
    assert data(each_backend.replica, path)["v"] == 1 and records.count(each_backend.replica, name) == 3
    assert ask(each_backend.replica, "GET", f"{path}/records", auth=None).status_code == 401


def test_it_ends_when_the_right_is_given(each_backend, name, daemon):
    """A daemon follows the lists from the moment that it is shown them."""
    master, replica = each_backend.master, each_backend.replica
    bucket, path = load(each_backend, name)
    pages = StatusPages(daemon(*args(each_backend, READER, *FAST, "--permissions", "read", "--listen", "127.0.0.1:0")))
    soon(lambda: pages.replica()["containers"]["state"] == "degraded", "it says so")
    soon(lambda: records.count(replica, name) == 3, "records go on")
    assert "read" not in lists(replica, path)

    reader = user_id(master, READER)
    for one in (bucket, path):
        patch(master, one, permissions={"write": [reader]}, auth=OTHER)

    soon(lambda: lists(replica, path).get("read") == {EVERYONE, reader}, "the collection's list arrives")
    soon(lambda: lists(replica, bucket).get("read") == {reader}, "and the bucket's")
    soon(lambda: pages.replica()["containers"]["state"] == "in-sync", "it says so")


def test_it_is_told_once_while_it_lasts(pair, name, daemon):
    _, path = load(pair, name)
    running = daemon(*args(pair, READER, *FAST, "--permissions", "copy"))
    soon(lambda: records.count(pair.replica, name) == 3, "it is loaded")
    for version in (2, 3, 4):
        put(pair.master, f"{path}/records/r0", {"n": version}, auth=OTHER)
        soon(lambda: records.stored(pair.replica, name)["r0"]["n"] == version, "a round has passed")
    named = [line for line in running.log().splitlines() if path in line and "permission" in line and "write" in line]
    assert len(named) <= 1, named


@pytest.mark.parametrize("permissions", LISTS)
def test_a_container_that_somebody_else_made_on_the_replica(each_backend, name, permissions):
    """The owner of a bucket is not shown the lists of a collection that another one made in it."""
    master, replica = each_backend.master, each_backend.replica
    bucket, path = name.split("/")[0], collection_of(name)
    put(master, bucket, {"v": 1})
    made = put(master, path, {"v": 1}, {"read": [EVERYONE]})
    put(replica, bucket, data(master, bucket), {"collection:create": [user_id(replica, OTHER)]})
    put(replica, path, made, {"read": [FRIEND], "record:create": [FRIEND]}, OTHER)
    assert lists(replica, path) == {}

    found = differences(each_backend.check("--permissions", permissions).expect(1))
    assert (path, "unknown-permissions") in found
    assert lists(replica, path, OTHER) == {"read": {FRIEND}, "record:create": {FRIEND}}

    each_backend.once("--permissions", permissions)
    left = lists(replica, path, OTHER)
    left["write"] = left.get("write", set()) - {user_id(replica)}
    # Either they are still unknown, or a write of the daemon's showed them to it, and then they follow as any other.
    if left["read"] == {FRIEND}:
        assert left["record:create"] == {FRIEND}
    else:
        assert left["read"] == {EVERYONE}
        assert left.get("record:create") == ({FRIEND} if permissions == "read" else None)
