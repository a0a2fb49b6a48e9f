"""Principals that have another name on the replica, or mean nobody there; and readers that the operator adds."""

import pytest

from harness import mirror, records
from harness.containers import (EVERYONE, FAST, READER, ask, assert_rests, assert_same, collection_of, config_file, data,
                                differences, lists, patch, put, report, soon, stamp, user_id)
from harness.kinto import BACKENDS
from harness.servers import Pair

ANOTHER_SECRET = {"kinto.userid_hmac_secret": "another secret"}
ALICE, BOB, CAROL = "account:alice", "account:bob", "account:carol"
READERS = ("--readers", EVERYONE)


def load(pair: Pair, name: str, *principals: str) -> tuple[str, str, str]:
    bucket, path = name.split("/")[0], collection_of(name)
    group = f"{bucket}/groups/editors"
    put(pair.master, bucket, {}, {"read": list(principals), "collection:create": [BOB]})
    users = [one for one in principals if not one.startswith("system.")]  # Kinto takes no other members
    put(pair.master, group, {"members": users}, {"read": list(principals)})
    put(pair.master, path, {}, {"read": list(principals)})
    records.put(pair.master, name, [{"id": "r"}])
    return bucket, path, group


@pytest.fixture(params=BACKENDS)
def strangers(request, servers) -> Pair:
    """The same user and password are somebody else on the replica."""
    return Pair(servers.get(request.param, "master"), servers.get(request.param, "replica", ANOTHER_SECRET))


def test_a_map_renames_and_drops(strangers, name, tmp_path):
    """In the lists of buckets, collections and groups, and among the members."""
    here, there = user_id(strangers.master, READER), user_id(strangers.replica, READER)
    assert here != there
    bucket, path, group = load(strangers, name, here, ALICE, CAROL)
    config = config_file(tmp_path, strangers, {here: there, ALICE: BOB, CAROL: ""}, permissions="copy")

    mirror.run("run", "--once", "--config", config).expect(0)

    for one in (bucket, path, group):
        assert lists(strangers.replica, one)["read"] == {there, BOB}
    assert lists(strangers.replica, bucket)["collection:create"] == {BOB}
    assert set(data(strangers.replica, group)["members"]) == {there, BOB}
    assert [stamp(strangers.replica, one) for one in (bucket, path, group)] == [
        stamp(strangers.master, one) for one in (bucket, path, group)]
    assert ask(strangers.replica, "GET", f"{path}/records", READER).status_code == 200
    again = mirror.run("run", "--once", "--json", "--config", config).expect(0)
    assert (report(again)["updated"], report(again)["state"]) == (0, "in-sync")
    mirror.run("check", "--config", config).expect(0)


def test_a_map_that_changes_is_applied_to_what_is_there(pair, name, tmp_path):
    bucket, path, group = load(pair, name, ALICE)
    pair.once("--permissions", "copy").expect(0)
    config = config_file(tmp_path, pair, {ALICE: CAROL}, permissions="copy")
    checked = mirror.run("check", "--json", "--config", config).expect(1)
    assert {(bucket, "permissions"), (path, "permissions"), (group, "data")} <= differences(checked)
    mirror.run("run", "--once", "--config", config).expect(0)
    assert lists(pair.replica, path)["read"] == lists(pair.replica, bucket)["read"] == {CAROL}
    assert data(pair.replica, group)["members"] == [CAROL]
    mirror.run("check", "--config", config).expect(0)


def test_two_that_become_one(pair, name, tmp_path):
    """Which is one principal in a list, and no difference for ever."""
    _, path, group = load(pair, name, ALICE, CAROL)
    config = config_file(tmp_path, pair, {ALICE: BOB, CAROL: BOB}, permissions="read")
    mirror.run("run", "--once", "--config", config).expect(0)
    assert lists(pair.replica, path)["read"] == {BOB} and set(data(pair.replica, group)["members"]) == {BOB}
    again = mirror.run("run", "--once", "--json", "--config", config).expect(0)
    assert report(again)["updated"] == 0


def test_all_dropped_is_an_empty_list(pair, name, tmp_path):
    _, path, _ = load(pair, name, ALICE)
    pair.once("--permissions", "read").expect(0)
    assert lists(pair.replica, path)["read"] == {ALICE}
    config = config_file(tmp_path, pair, {ALICE: ""}, permissions="read")
    mirror.run("run", "--once", "--config", config).expect(0)
    assert "read" not in lists(pair.replica, path)
    mirror.run("check", "--config", config).expect(0)


def test_one_principal_twice_is_an_error_with_its_place(pair, tmp_path):
    config = config_file(tmp_path, pair, {ALICE: BOB}, permissions="read")
    with open(config, "a") as more:
        more.write(f'"{ALICE}" = "{CAROL}"\n')
    last = len(open(config).read().splitlines())
    for command in (("run", "--once"), ("check",), ("config", "check")):
        result = mirror.run(*command, "--config", config).expect(78)
        assert "mirror.toml" in result.err and str(last) in result.err and "alice" in result.err


def test_principals_that_mean_nobody_there_are_named_once(strangers, name, daemon):
    """A user of basicauth has another id under another secret."""
    here = user_id(strangers.master, READER)
    _, path, _ = load(strangers, name, here, EVERYONE)
    result = strangers.once("--permissions", "read")
    assert result.err.count(here) == 1
    running = daemon(*strangers.args, *FAST, "--permissions", "read")
    for version in (1, 2, 3):
        patch(strangers.master, path, {"v": version})
        soon(lambda: data(strangers.replica, path).get("v") == version, "a round has passed")
    assert running.log().count(here) <= 1
    assert EVERYONE in lists(strangers.replica, path)["read"]


def test_accounts_are_the_same_everywhere(pair, name):
    load(pair, name, ALICE, EVERYONE, "system.Authenticated")
    assert "account:" not in pair.once("--permissions", "copy").expect(0).err


@pytest.mark.parametrize("permissions", ["keep", "read", "copy"])
def test_readers_may_read_besides(each_backend, name, permissions):
    """Each collection in scope, and nothing else. They stay whatever the master takes away."""
    more = (*READERS, "--permissions", permissions)
    bucket, path, group = load(each_backend, name, ALICE)
    put(each_backend.replica, "own", {})
    put(each_backend.replica, "own/collections/c", {})
    each_backend.once("--collections", name, *more).expect(0)

    assert lists(each_backend.replica, path)["read"] == {EVERYONE} | (set() if permissions == "keep" else {ALICE})
    assert ask(each_backend.replica, "GET", f"{path}/records", auth=None).status_code == 200
    assert EVERYONE not in lists(each_backend.replica, bucket).get("read", set())
    assert lists(each_backend.replica, "own/collections/c") == {}
    assert_same(each_backend, bucket, path)
    assert_rests(each_backend, "--collections", name, *more)

    patch(each_backend.master, path, permissions={"read": []})
    each_backend.once("--collections", name, *more).expect(0)
    assert lists(each_backend.replica, path)["read"] == {EVERYONE}
    assert_rests(each_backend, "--collections", name, *more)


def test_readers_of_a_collection_that_was_there_already(each_backend, name):
    """What the replica granted stays. Its stamp can only rise, which is no difference."""
    _, path, _ = load(each_backend, name)
    each_backend.once().expect(0)
    patch(each_backend.replica, path, permissions={"read": [CAROL]})
    assert differences(each_backend.check(*READERS).expect(1)) == {(path, "permissions")}
    each_backend.once("--readers", f"{EVERYONE},{BOB}").expect(0)
    assert lists(each_backend.replica, path)["read"] == {CAROL, EVERYONE, BOB}
    before = stamp(each_backend.replica, path)
    assert_rests(each_backend, "--readers", f"{EVERYONE},{BOB}")
    assert stamp(each_backend.replica, path) == before


def test_readers_are_given_back(each_backend, name, daemon):
    """When somebody takes them away on the replica, an audit at the latest finds it; here a restart."""
    _, path, _ = load(each_backend, name)
    each_backend.once(*READERS).expect(0)
    patch(each_backend.replica, path, permissions={"read": []})
    daemon(*each_backend.args, *FAST, *READERS)
    soon(lambda: lists(each_backend.replica, path).get("read") == {EVERYONE}, "they may read again")
