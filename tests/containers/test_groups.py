"""Groups are followed where permissions are, or where it is asked for."""

import pytest

from harness import mirror, records
from harness.containers import (EVERYONE, FAST, NEVER_ENOUGH, READER, ask, assert_rests, assert_same, collection_of,
                                config_file, data, differences, exists, lists, patch, put, remove, report, soon, stamp,
                                tombstone, user_id)
from harness.kinto import AUTH
from harness.servers import Pair

ALICE, BOB = "account:alice", "account:bob"
FOLLOW = ("--groups", "follow")
FOLLOWED = [("--permissions", "read"), ("--permissions", "copy"), FOLLOW]


def load(pair: Pair, name: str) -> tuple[str, str]:
    """Two groups, and a collection that the members of one may read; its path and the group's."""
    bucket, path = name.split("/")[0], collection_of(name)
    group = f"{bucket}/groups/readers"
    put(pair.master, bucket)
    put(pair.master, group, {"members": [ALICE, user_id(pair.master, READER)], "title": "ünï"}, {"read": [BOB]})
    put(pair.master, f"{bucket}/groups/nobody", {"members": []})
    put(pair.master, path, {}, {"read": [f"/buckets/{group}"]})
    records.put(pair.master, name, [{"id": "r"}])
    return path, group


@pytest.mark.parametrize("more", [(), ("--permissions", "copy", "--groups", "keep")], ids=["default", "told"])
def test_keep_touches_none(each_backend, name, more):
    _, group = load(each_backend, name)
    bucket = name.split("/")[0]
    put(each_backend.replica, bucket)
    put(each_backend.replica, group, {"members": [BOB]})
    own = data(each_backend.replica, group)
    each_backend.once(*more).expect(0)
    assert data(each_backend.replica, group) == own
    assert not exists(each_backend.replica, f"{bucket}/groups/nobody")
    remove(each_backend.master, group)
    each_backend.once(*more).expect(0)
    assert data(each_backend.replica, group) == own
    each_backend.check(*more).expect(0)


@pytest.mark.parametrize("more", FOLLOWED, ids=["read", "copy", "groups"])
def test_they_arrive(each_pair, name, more):
    path, group = load(each_pair, name)
    each_pair.once(*more).expect(0)
    assert_same(each_pair, group, f"{name.split('/')[0]}/groups/nobody", path)
    assert lists(each_pair.replica, group) == ({} if more == FOLLOW else {"read": {BOB}})
    assert_rests(each_pair, *more)


def test_who_is_in_the_group_may_read(each_backend, name, daemon):
    """On the replica as on the master, from one interval to the next."""
    path, group = load(each_backend, name)
    reader = user_id(each_backend.master, READER)
    daemon(*each_backend.args, *FAST, "--permissions", "read")

    def may_read() -> bool:
        return ask(each_backend.replica, "GET", f"{path}/records", READER).status_code == 200

    def equal() -> bool:
        return data(each_backend.replica, group) == data(each_backend.master, group)

    soon(may_read, "a member may read")
    put(each_backend.master, group, {"members": [ALICE]})
    soon(lambda: not may_read(), "who was put out may not")
    soon(equal, "and the stamp is the master's")
    patch(each_backend.master, group, {"members": [ALICE, reader]})
    soon(may_read, "who was put in again may")
    soon(equal, "and the stamp is the master's")
    when = remove(each_backend.master, group)
    soon(lambda: not may_read(), "nobody of a group that is gone")
    assert not exists(each_backend.replica, group) and tombstone(each_backend.replica, group) == when


@pytest.mark.parametrize("more", FOLLOWED, ids=["read", "copy", "groups"])
def test_a_deletion_is_followed(each_pair, name, more):
    _, group = load(each_pair, name)
    each_pair.once(*more).expect(0)
    when = remove(each_pair.master, group)
    assert differences(each_pair.check(*more).expect(1)) == {(group, "undeleted")}
    assert report(each_pair.once(*more).expect(0))["deleted"] == 1
    assert not exists(each_pair.replica, group) and tombstone(each_pair.replica, group) == when
    assert exists(each_pair.replica, f"{name.split('/')[0]}/groups/nobody")
    assert_rests(each_pair, *more)


def test_a_deletion_is_not_followed_where_only_records_are_deleted(pair, name):
    _, group = load(pair, name)
    pair.once(*FOLLOW).expect(0)
    remove(pair.master, group)
    pair.once(*FOLLOW, "--deletions", "records")
    assert exists(pair.replica, group)
    assert (group, "undeleted") not in differences(pair.check(*FOLLOW, "--deletions", "records"))


def test_a_group_made_anew_is_the_new_one(each_backend, name):
    _, group = load(each_backend, name)
    each_backend.once(*FOLLOW).expect(0)
    remove(each_backend.master, group)
    put(each_backend.master, group, {"members": [BOB]})
    each_backend.once(*FOLLOW).expect(0)
    assert_same(each_backend, group)
    assert_rests(each_backend, *FOLLOW)


def test_a_group_without_members_is_no_difference_for_ever(each_backend, name):
    """Kinto stores one without `members` where no data is sent, and adds an empty list to any data."""
    bucket, group = name.split("/")[0], f"{name.split('/')[0]}/groups/bare"
    put(each_backend.master, bucket)
    put(each_backend.master, collection_of(name))
    put(each_backend.master, group)
    assert "members" not in data(each_backend.master, group)
    each_backend.once(*FOLLOW).expect(0)
    assert data(each_backend.replica, group).get("members", []) == []
    assert stamp(each_backend.replica, group) == stamp(each_backend.master, group)
    assert_rests(each_backend, *FOLLOW)


@pytest.mark.parametrize("more", [(), NEVER_ENOUGH], ids=["keep", "delete"])
def test_groups_of_the_replica_alone(pair, name, more):
    """They stay where extras do. Without a counterpart and without a tombstone, `keep` has no difference."""
    load(pair, name)
    bucket = name.split("/")[0]
    put(pair.replica, bucket)
    put(pair.replica, f"{bucket}/groups/own", {"members": [BOB]})
    result = pair.once(*FOLLOW, *more)
    if not more:
        assert exists(pair.replica, f"{bucket}/groups/own")
        assert result.code == 0 and result.report["in_sync"]
    else:
        assert exists(pair.replica, f"{bucket}/groups/own") == ((f"{bucket}/groups/own", "extra") in differences(result))


def test_groups_that_may_not_be_listed(pair, name):
    """The right that is missing is named, with its user and its object. Records go on."""
    path, group = load(pair, name)
    bucket, reader = name.split("/")[0], user_id(pair.master, READER)
    patch(pair.master, path, permissions={"read": [reader], "write": [reader]})
    args = ["--master", pair.master.url, "--master-auth", READER, "--replica", pair.replica.url, "--replica-auth", AUTH]
    result = mirror.run("run", "--once", "--json", *args, "--collections", name, "--permissions", "read")
    assert result.code in (1, 77) and not result.report["in_sync"]
    assert records.count(pair.replica, name) == 1 and not exists(pair.replica, group)
    assert lists(pair.replica, path).get("read") == {reader}
    told = result.err + str(report(result)["differences"])
    assert f"{bucket}/groups" in told and reader in told


def test_a_member_that_kinto_refuses(pair, name, tmp_path):
    """A map can make one. The group is quarantined, and everything else goes on."""
    path, group = load(pair, name)
    config = config_file(tmp_path, pair, {ALICE: EVERYONE}, permissions="read")
    result = mirror.run("run", "--once", "--json", "--config", config).expect(1)
    assert (group, "quarantined") in differences(result)
    assert_same(pair, f"{name.split('/')[0]}/groups/nobody", path)
    records.assert_same(pair.master, pair.replica, name)
