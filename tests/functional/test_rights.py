"""A master's user that may not see everything in scope: what is skipped is told."""

import json

import pytest

from harness import mirror, records
from harness.kinto import AUTH, KintoServer
from harness.proxy import Proxy, Request, Response
from harness.waiting import wait_until

OWNER = "owner:password"


def user_id(server: KintoServer) -> str:
    return server.client(AUTH).server_info()["user"]["id"]


def make_bucket(server: KintoServer, bucket: str, **permissions: list[str]) -> None:
    """The owner's, with one record in `articles`."""
    owner = server.client(OWNER)
    owner.create_bucket(id=bucket, permissions={name.replace("__", ":"): who for name, who in permissions.items()})
    owner.create_collection(id="articles", bucket=bucket)
    owner.create_record(id="one", bucket=bucket, collection="articles", data={"name": bucket})


def skipped(log: str, bucket: str) -> list[dict]:
    lines = [json.loads(line) for line in log.splitlines() if f'"{bucket}/*"' in line]
    return [line for line in lines if line["Type"] == "sync.notice"]


def test_a_bucket_whose_collections_may_not_be_listed_is_named(pair):
    """Kinto lists a bucket to whoever may make a group in it, and refuses him the list of its collections."""
    mine = user_id(pair.master)
    make_bucket(pair.master, "open", read=[mine])
    make_bucket(pair.master, "closed", group__create=[mine])
    for result in (pair.check().expect(1), pair.once().expect(0)):
        (line,) = skipped(result.err, "closed")
        assert line["Severity"] == 4
        assert "read" in line["Fields"]["msg"] and "403" in line["Fields"]["msg"]
    assert records.bucket_ids(pair.replica) == {"open", "kinto-mirror"}


def test_it_is_told_once_while_it_lasts(pair, daemon):
    mine = user_id(pair.master)
    make_bucket(pair.master, "open", read=[mine])
    make_bucket(pair.master, "closed", group__create=[mine])
    running = daemon(*pair.args, "--interval", "200ms")
    owner = pair.master.client(OWNER)

    def after_some_rounds(name: str) -> list[dict]:
        owner.create_record(id=name, bucket="open", collection="articles", data={})
        wait_until(lambda: records.count(pair.replica, "open/articles") >= int(name), "a round has passed")
        return skipped(running.log(), "closed")

    assert len(after_some_rounds("2")) == 1
    assert len(after_some_rounds("3")) == 1
    owner.patch_bucket(id="closed", permissions={"read": [mine]})
    wait_until(lambda: records.count(pair.replica, "closed/articles") == 1, "what may be seen now is copied")
    assert len(skipped(running.log(), "closed")) == 1
    owner.update_bucket(id="closed", permissions={"group:create": [mine]})
    wait_until(lambda: len(skipped(running.log(), "closed")) == 2, "it is told again")


def test_a_bucket_that_is_not_listed_needs_its_name(pair):
    """A right to one collection alone does not list its bucket, so no wildcard finds it."""
    make_bucket(pair.master, "partly")
    owner = pair.master.client(OWNER)
    owner.update_collection(id="articles", bucket="partly", permissions={"read": [user_id(pair.master)]})
    records.load(pair.master, "mine/articles", [{"id": "one"}])
    pair.once().expect(0)
    assert records.count(pair.replica, "partly/articles") == 0
    pair.once("--collections", "partly/*").expect(0)
    assert records.count(pair.replica, "partly/articles") == 1


def test_what_the_master_does_not_show_may_not_exist(pair):
    """Kinto answers 403 to both, so the message says both."""
    records.load(pair.master, "mine/articles", [{"id": "one"}])
    for names, what in (("nowhere/articles", "collection"), ("nowhere/*", "bucket")):
        result = pair.check("--collections", names).expect(77)
        assert f"does not show this {what}: it does not exist there, or" in result.err


PARTLY = {"may only create": (["record:create"], 0), "may read some": ([], 12), "may create, and read some": (["record:create"], 12)}


def shrink_rights(server: KintoServer, rights: list[str], readable: int) -> None:
    """Of 15 records in mine/articles, so many may be read from now on. Their stamps move."""
    owner, mine = server.client(OWNER), user_id(server)
    owner.update_collection(id="articles", bucket="mine", data={}, permissions={"read": []} | {right: [mine] for right in rights})
    for number in range(readable):
        owner.patch_record(id=f"r{number}", bucket="mine", collection="articles", data={}, permissions={"read": [mine]})


@pytest.fixture(params=PARTLY.values(), ids=PARTLY.keys())
def restricted(request, each_pair):
    """A replica that is a full copy, and a master that shows its user a part of it since then."""
    owner = each_pair.master.client(OWNER)
    owner.create_bucket(id="mine")
    owner.create_collection(id="articles", bucket="mine", permissions={"read": [user_id(each_pair.master)]})
    for number in range(15):
        owner.create_record(id=f"r{number}", bucket="mine", collection="articles", data={"n": number})
    each_pair.once("--collections", "mine/articles").expect(0)
    shrink_rights(each_pair.master, *request.param)
    return each_pair


def test_a_list_of_a_part_is_no_order_to_delete(restricted):
    """Kinto answers 200 to whoever may create records or read some, and lists those, or none."""
    for more in ((), ("--max-delete", "100%")):
        result = restricted.once("--collections", "mine/articles", "--extras", "delete", *more).expect(77)
        assert "shows only a part of mine/articles" in result.err and "right to read" in result.err
        assert records.count(restricted.replica, "mine/articles") == 15


def test_a_list_of_a_part_is_no_equality(restricted):
    restricted.replica.flush()
    restricted.once("--collections", "mine/articles").expect(77)
    restricted.check("--collections", "mine/articles").expect(77)


class GivesRightsBack(Proxy):
    """When it has forwarded a list of records, their reader may read all of them again."""

    def __init__(self, server: KintoServer):
        super().__init__(server.url)
        self.server = server

    def handle(self, request: Request) -> Response:
        answer = self.forward(request)
        if "/records?" in request.path and request.method == "GET":
            self.server.client(OWNER).patch_collection(
                id="articles", bucket="mine", permissions={"read": [user_id(self.server)]})
        return answer


@pytest.mark.parametrize("verb", [("check",), ("run", "--once")], ids=" ".join)
def test_a_part_is_no_equality_where_the_rights_come_back_meanwhile(restricted, proxied, verb):
    """Whoever asks only behind the list whether it was all hears that everything is shown."""
    restricted.replica.flush()
    front = proxied(GivesRightsBack(restricted.master))
    args = [*mirror.servers(front.url, restricted.replica.url), "--collections", "mine/articles"]
    result = mirror.run(*verb, "--json", *args)
    assert result.report["in_sync"] is False
    assert "shows only a part of mine/articles" in result.err
    mirror.run("run", "--once", *args).expect(0)
    assert records.count(restricted.replica, "mine/articles") == 15


def test_a_part_of_the_replica_is_no_equality(pair):
    """The replica's user may create records there, and does not see those of others."""
    records.load(pair.master, "mine/articles", [{"id": "one"}])
    owner = pair.replica.client(OWNER)
    owner.create_bucket(id="mine")
    owner.create_collection(id="articles", bucket="mine", permissions={"record:create": [user_id(pair.replica)]})
    owner.create_record(id="foreign", bucket="mine", collection="articles", data={})
    result = pair.check("--extras", "delete", "--collections", "mine/articles").expect(77)
    assert "replica" in result.err and "shows only a part" in result.err
