"""The self-test of what stands around the records: it cleans up, is able to fail, and says what it could not test."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import mirror, records, sql
from harness.altered import Alters, body
from harness.kinto import KintoServer
from harness.parts import BreaksWrites, Part, pretend
from harness.proxy import Proxy, Request, Response
from harness.servers import Pair

SCENARIOS = ["containers-followed", "deleted-collection", "groups", "metadata", "not-listed", "permissions",
             "permissions-kept"]
CONTAINER, COLLECTION = r"^/buckets/selftest-", r"^/buckets/selftest-\w+/collections/\w+(\?|$)"
GROUP = r"^/buckets/selftest-\w+/groups/"
READER = "account:selftest-reader"


def selftest(scenario: str, master: str, replica: str) -> mirror.Result:
    return mirror.run("selftest", "--filter", scenario, *mirror.servers(master, replica))


def last_line(result: mirror.Result) -> str:
    return result.out.rstrip().splitlines()[-1]


def assert_clean(*servers: KintoServer) -> None:
    """No bucket; and in a database nothing at all but tombstones of buckets."""
    for server in servers:
        assert records.bucket_ids(server) == set()
        if server.backend != "postgresql":
            continue
        for table, column in (("objects", "parent_id"), ("access_control_entries", "object_id"),
                              ("user_principals", "principal")):
            left = sql.rows(server, f"SELECT * FROM {table} WHERE {column} LIKE %s", "/buckets/%")
            assert left == [], f"{table}: {left}"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_it_passes_and_leaves_nothing(each_backend, scenario):
    result = selftest(scenario, each_backend.master.url, each_backend.replica.url).expect(0)
    assert last_line(result) == "1 passed, 0 failed, 0 skipped"
    assert_clean(each_backend.master, each_backend.replica)


def test_the_daemons_own_bucket_stays_where_it_was_before(pair):
    records.load(pair.master, "mine/articles", [{"id": "one"}])
    pair.once().expect(0)
    kept = records.stored(pair.replica, "kinto-mirror/checkpoints")
    assert kept
    selftest("deleted-collection", pair.master.url, pair.replica.url).expect(0)
    assert records.stored(pair.replica, "kinto-mirror/checkpoints") == kept


def without(*keys: str) -> Callable[[Part], None]:
    """Writes that lack a part of their body: ("data", "last_modified")."""
    def change(part: Part) -> None:
        inner = part["body"]
        for key in keys[:-1]:
            inner = inner.get(key, {})
        inner.pop(keys[-1], None)

    return change


def opened_at_once(part: Part) -> None:
    if "If-None-Match" in part["headers"]:
        part["body"]["permissions"] = {"read": [READER]}


def grants_for_ever(part: Part) -> None:
    if "permissions" in part["body"]:
        part["body"]["permissions"]["read"] = [READER]


# What a broken engine would do to the replica, and what the scenario says of it.
BREAKS = [
    ("metadata", "PUT", CONTAINER, without("data", "last_modified"), "difference(collection)"),
    ("metadata", "PUT", CONTAINER, lambda part: part["body"]["data"].pop("note", None), "difference(collection)"),
    ("permissions", "PUT", COLLECTION, without("permissions"), 'who("read") == std::string(reader)'),
    ("permissions", "PUT", COLLECTION, opened_at_once, "early == 0"),
    ("permissions", "PUT", COLLECTION, grants_for_ever, 'who("read") == ""'),
    ("permissions-kept", "PUT", COLLECTION, opened_at_once, 'who("read") == ""'),
    ("groups", "PUT", GROUP, pretend, "difference(group)"),
    ("groups", "DELETE", GROUP, pretend, "replica.container(group)"),
    ("containers-followed", "PUT", GROUP, pretend, "arrived"),
    ("containers-followed", "DELETE", COLLECTION, pretend, "arrived"),
    ("deleted-collection", "DELETE", COLLECTION, pretend, "replica.exists(doomed)"),
]


@pytest.mark.parametrize("scenario, method, pattern, change, told", BREAKS,
                         ids=[f"{one[0]}-{n}" for n, one in enumerate(BREAKS)])
def test_it_is_able_to_fail(pair, proxied, scenario, method, pattern, change, told):
    broken = proxied(BreaksWrites(pair.replica.url, method, pattern, change))
    result = selftest(scenario, pair.master.url, broken.url).expect(1)
    assert broken.broken > 0
    assert last_line(result) == "0 passed, 1 failed, 0 skipped"
    assert told in result.out
    assert_clean(pair.master, pair.replica)


class ClaimsDeletion(Proxy):
    """A master that, once its bucket was deleted, lists a tombstone of `hidden`, to all but who asks first."""

    def __init__(self, upstream: str):
        super().__init__(upstream)
        self._lists = -1
        self.claimed = 0

    def handle(self, request: Request) -> Response:
        answer = self.forward(request)
        if request.method == "DELETE" and request.path.count("/") == 3:
            self._lists = 0
        if answer.status != 200 or self._lists < 0:
            return answer
        body = json.loads(answer.body)
        batch = request.path.endswith("/batch")
        pages = [one["body"] for one in body["responses"]] if batch else [body]
        for part, page in zip(request.parts(), pages, strict=True):
            self._claim(part, page)
        answer.body = json.dumps(body).encode()
        return answer

    def _claim(self, request: Request, page: object) -> None:
        path, _, query = request.path.partition("?")
        tombstones = "_since" in query or "not_last_modified" in query
        if request.method != "GET" or not path.endswith("/collections") or not tombstones or "data" not in page:
            return
        self._lists += 1
        if self._lists > 1:
            self.claimed += 1
            page["data"].append({"id": "hidden", "deleted": True, "last_modified": 9_000_000_000_000})


def test_not_listed_is_able_to_fail(pair, proxied):
    claims = proxied(ClaimsDeletion(pair.master.url))
    result = selftest("not-listed", claims.url, pair.replica.url).expect(1)
    assert claims.claimed > 0 and "containers.written.deleted == 0" in result.out
    assert_clean(pair.master, pair.replica)


def skipped(result: mirror.Result, scenario: str) -> str:
    """The reason; and it is no success."""
    assert result.code == 77, result.out
    assert last_line(result) == "0 passed, 0 failed, 1 skipped"
    _, found, reason = result.out.partition(f"skip  {scenario} ")
    assert found, result.out
    return reason


@pytest.mark.parametrize("side", ["master", "replica"])
@pytest.mark.parametrize("scenario, setting", [("groups", "object_group_put"), ("containers-followed", "object_group_put"),
                                               ("deleted-collection", "object_collection_delete")])
def test_a_scenario_whose_rights_are_missing_is_skipped(servers, scenario, setting, side):
    strict = servers.get("memory", setting, {f"kinto.{setting}_enabled": "false"})
    plain = servers.get("memory", "other")
    master, replica = (strict, plain) if side == "master" else (plain, strict)
    reason = skipped(selftest(scenario, master.url, replica.url), scenario)
    assert "405" in reason and side in reason and "needs the right" in reason
    assert_clean(strict, plain)


@pytest.mark.parametrize("scenario", ["permissions", "permissions-kept", "groups", "containers-followed"])
def test_permissions_that_are_not_shown_are_no_success(pair, proxied, scenario):
    hides = proxied(Alters(pair.master.url, "GET", r"/(collections/articles|groups/[^/?]+)$",
                           body(lambda said: said | {"permissions": {}})))
    reason = skipped(selftest(scenario, hides.url, pair.replica.url), scenario)
    assert "does not show the permissions" in reason and "master" in reason
    assert_clean(pair.master, pair.replica)


def test_what_is_skipped_is_told_beside_what_passed(servers, tmp_path: Path):
    """The others run, and the report has the reason."""
    strict = servers.get("memory", "object_group_put", {"kinto.object_group_put_enabled": "false"})
    pair = Pair(strict, servers.get("memory", "other"))
    junit = tmp_path / "junit.xml"
    result = mirror.run("selftest", "--filter", "?r*", "--junit", str(junit), *pair.args).expect(77)
    assert last_line(result) == "2 passed, 0 failed, 1 skipped" and "ok    brake" in result.out
    [reason] = [case.get("message") for case in ET.parse(junit).findall(".//skipped")]
    assert "405" in reason and "master" in reason
