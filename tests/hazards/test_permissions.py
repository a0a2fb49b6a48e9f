"""Permissions and groups are not replicated (see docs/limits.md): those of the replica are left as they are."""

import pytest

from harness import mirror, records
from harness.kinto import KintoServer
from harness.proxy import Proxy
from harness.servers import Pair

OWNER, READER = "owner:password", "reader:password"
EVERYONE = "system.Everyone"


def id_of(server: KintoServer, auth: str | None = None) -> str:
    return server.client(auth).server_info()["user"]["id"]


def permissions(server: KintoServer, name: str, *ids: str, auth: str | None = None) -> list[dict]:
    """Of the bucket, the collection and some records, as this user sees them."""
    bucket, collection = name.split("/")
    client = server.client(auth)
    found = [client.get_bucket(id=bucket), client.get_collection(id=collection, bucket=bucket)]
    found += [client.get_record(id=one, bucket=bucket, collection=collection) for one in ids]
    return [{key: sorted(who) for key, who in one["permissions"].items()} for one in found]


@pytest.fixture
def granted(each_backend, name) -> Pair:
    """A pair in sync, with permissions of its own at each level of the replica."""
    bucket, collection = name.split("/")
    records.load(each_backend.master, name, [{"id": "a", "v": 0}, {"id": "b", "v": 0}, {"id": "c", "v": 0}])
    each_backend.once("--collections", name).expect(0)
    client = each_backend.replica.client()
    client.patch_bucket(id=bucket, permissions={"read": [EVERYONE], "collection:create": ["basicauth:editor"]})
    client.patch_collection(id=collection, bucket=bucket, permissions={"record:create": ["basicauth:editor"]})
    client.patch_record(id="a", bucket=bucket, collection=collection, permissions={"read": ["basicauth:friend"]},
                        data={"v": "the operator's"})
    # The patch moved the record's stamp; with a newer one on the master it is updated, and not repaired.
    records.put(each_backend.master, name, [{"id": "a", "v": 1}, {"id": "b", "v": 1}])
    return each_backend


def test_hazard_29_what_a_reader_sees_is_not_what_there_is(granted, name):
    """A master's user that may only read is shown no permissions at all, which does not mean that there are none."""
    bucket, collection = name.split("/")
    reader = id_of(granted.master, READER)
    granted.master.client().patch_collection(id=collection, bucket=bucket, permissions={"read": [reader]})
    shown = granted.master.client(READER).get_record(id="a", bucket=bucket, collection=collection)
    assert shown["permissions"] == {}
    assert permissions(granted.master, name, "a")[-1] == {"write": [id_of(granted.master)]}

    before = permissions(granted.replica, name, "a", "b")
    assert before[2]["read"] == ["basicauth:friend"]
    records.delete(granted.master, name, "c")
    records.put(granted.master, name, [{"id": "new"}])
    mirror.run("run", "--once", "--master", granted.master.url, "--master-auth", READER, "--replica",
               granted.replica.url, "--replica-auth", granted.replica.auth, "--collections", name).expect(0)
    records.assert_same(granted.master, granted.replica, name)
    assert permissions(granted.replica, name, "a", "b") == before


def test_hazard_30_no_permissions_are_sent(granted, name, proxied):
    """`{}` changes nothing, and an empty list clears them all. Our writes have neither."""
    bucket, collection = "by-hand", "articles"
    client = granted.replica.client()
    records.load(granted.replica, "by-hand/articles", [])
    where = {"id": "x", "bucket": bucket, "collection": collection}
    client.update_record(**where, data={}, permissions={"read": [EVERYONE]})
    mine = id_of(granted.replica)
    assert client.update_record(**where, data={}, permissions={})["permissions"] == {
        "read": [EVERYONE], "write": [mine]}
    assert client.update_record(**where, data={}, permissions={"write": []})["permissions"] == {"write": [mine]}

    before = permissions(granted.replica, name, "a", "b", "c")
    watched = proxied(Proxy(granted.replica.url))
    mirror.run("run", "--once", *mirror.servers(granted.master.url, watched.url), "--collections", name).expect(0)
    parts = [part for request in watched.writes() for part in request.parts()]
    assert [part for part in parts if "/records/a" in part.path]
    assert not [part for part in parts if b'"permissions"' in part.body]
    assert permissions(granted.replica, name, "a", "b", "c") == before


def test_hazard_30_a_repair_keeps_the_records_permissions(granted, name):
    """Kinto forgets a record's permissions when it is deleted."""
    bucket, collection = name.split("/")
    granted.once("--collections", name).expect(0)
    before = permissions(granted.replica, name, "a")
    granted.replica.client().patch_record(id="a", bucket=bucket, collection=collection, data={"v": "drifted"})
    granted.once("--collections", name).expect(0)
    records.assert_same(granted.master, granted.replica, name)
    assert permissions(granted.replica, name, "a") == before


def test_hazard_31_the_daemons_user_is_added_where_kinto_adds_it(each_backend, name):
    """To `write` of each record that it writes; to nothing else, and nobody is removed."""
    master, replica = each_backend.master, each_backend.replica
    bucket, collection = name.split("/")
    mine, owners = id_of(replica), id_of(replica, OWNER)
    records.load(master, name, [{"id": one, "last_modified": 1000 + n} for n, one in enumerate(("kept", "old"))])
    owner = replica.client(OWNER)
    owner.create_bucket(id=bucket, permissions={"read": [mine]})
    owner.create_collection(id=collection, bucket=bucket, permissions={"write": [mine]})
    for n, one in enumerate(("kept", "old")):
        owner.create_record(id=one, bucket=bucket, collection=collection, data={"last_modified": 1000 + n},
                            permissions={"read": [EVERYONE]})
    containers = permissions(replica, name, auth=OWNER)
    records.put(master, name, [{"id": "old", "v": "updated"}, {"id": "new"}])

    each_backend.once("--collections", name).expect(0)

    assert records.assert_same(master, replica, name).keys() == {"kept", "old", "new"}
    assert permissions(replica, name, "kept", "old", auth=OWNER) == [
        *containers, {"read": [EVERYONE], "write": [owners]}, {"read": [EVERYONE], "write": sorted([mine, owners])}]
    assert permissions(replica, name, "new")[-1] == {"write": [mine]}


def test_hazard_32_groups_are_left_alone(each_backend, name, proxied):
    """A group of one name has other members here than there, and a principal of there means nobody here."""
    master, replica = each_backend.master, each_backend.replica
    bucket, _ = name.split("/")
    records.load(master, name, [{"id": "a"}])
    records.load(replica, name, [])
    for server, members in ((master, ["basicauth:of-the-master"]), (replica, ["basicauth:of-the-replica"])):
        server.client().create_group(id="editors", bucket=bucket, data={"members": members})
    master.client().create_group(id="only-there", bucket=bucket, data={"members": []})
    editors = f"/buckets/{bucket}/groups/editors"
    replica.client().patch_bucket(id=bucket, permissions={"write": [editors]})
    groups = replica.client().get_groups(bucket=bucket)
    before = permissions(replica, name)
    assert editors in before[0]["write"]

    fronts = [proxied(Proxy(server.url)) for server in (master, replica)]
    mirror.run("run", "--once", *mirror.servers(*(front.url for front in fronts)), "--collections", name).expect(0)

    records.assert_same(master, replica, name)
    assert replica.client().get_groups(bucket=bucket) == groups
    assert permissions(replica, name) == before
    assert not [request.path for front in fronts for request in front.requests if "/groups" in request.path]
