"""Containers that the replica refuses, and records that the replica would refuse for its copy of their collection."""

import json
from types import SimpleNamespace

import pytest

from harness import records
from harness.containers import (FAST, assert_rests, assert_same, collection_of, data, differences, exists, put, reason,
                                remove, report, soon, stamp)
from harness.kinto import BACKENDS, KintoServer
from harness.proxy import Proxy, Request, Response
from harness.servers import Pair
from harness.status import StatusPages

VALIDATES = {"kinto.experimental_collection_schema_validation": "true"}


def load(server: KintoServer, name: str, collection: dict) -> None:
    put(server, name.split("/")[0])
    put(server, collection_of(name), collection)
    records.put(server, name, [{"id": f"r{n}", "n": n} for n in range(3)])


def schema(member: str) -> dict:
    return {"type": "object", "properties": {member: {"type": "integer"}}, "required": [member]}


@pytest.mark.parametrize("backend", BACKENDS)
def test_hazard_46_a_schema_arrives_before_the_records_that_need_it(servers, name, daemon, backend):
    """The replica's copy of the old one would refuse them. Kinto writes the collection's stamp into each record, so
    they are equal only where it is the master's."""
    pair = Pair(servers.get(backend, "master", VALIDATES), servers.get(backend, "replica", VALIDATES))
    path = collection_of(name)
    put(pair.master, name.split("/")[0])
    put(pair.master, path, {"schema": schema("n")})
    records.put(pair.master, name, [{"id": "first", "n": 1}])
    daemon(*pair.args, *FAST)
    soon(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "it is loaded")
    for turn, member in enumerate(("m", "k")):
        put(pair.master, path, {"schema": schema(member)})
        records.put(pair.master, name, [{"id": f"new-{turn}-{n}", member: n} for n in range(30)])
        soon(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "the new records arrive")
    assert_same(pair, path)
    result = pair.once().expect(0)
    assert result.collection(name)["quarantined"] == []
    assert {row["schema"] for row in records.stored(pair.replica, name).values() if row["id"].startswith("new-1")} == {
        stamp(pair.master, path)}


class Refuses(Proxy):
    """Answers 400 to each write of a container that says "refused", alone or in a batch."""

    def handle(self, request: Request) -> Response:
        if not request.path.endswith("/batch"):
            return self._one(request)
        answers = [self._one(Request(part.method, part.path, request.headers | part.headers, part.body))
                   for part in self._whole(request)]
        return Response.of_json(200, {"responses": [
            {"status": one.status, "path": part.path, "headers": self._names(one.headers), "body": json.loads(one.body or b"null")}
            for part, one in zip(request.parts(), answers)]})

    @staticmethod
    def _names(headers) -> dict[str, str]:
        """As Kinto spells them inside of a batch."""
        return {"ETag" if name.lower() == "etag" else name.title(): value for name, value in dict(headers).items()}

    @staticmethod
    def _whole(request: Request) -> list[Request]:
        """With the version in the path, and the headers of a request of its own."""
        return [Request(part.method, part.path if part.path.startswith("/v1") else f"/v1{part.path}",
                        {"Content-Type": "application/json"} | part.headers, part.body) for part in request.parts()]

    def _one(self, request: Request) -> Response:
        if request.method in ("PUT", "PATCH") and "/records" not in request.path and b'"refused"' in request.body:
            return Response.of_json(400, {"code": 400, "errno": 107, "error": "Invalid parameters", "message": "not here"})
        return self.forward(request)


@pytest.fixture(params=["null", "memory", "postgresql"])
def refusing(request, servers, proxied) -> tuple[Pair, str, str]:
    """A pair, a text that its replica takes for no container, and what it says then."""
    if request.param == "null":  # as for a record: PostgreSQL has no such character, and Kinto says 503
        return Pair(servers.get("memory", "master"), servers.get("postgresql", "replica")), "a\u0000b", ""
    replica = servers.get(request.param, "replica")
    front = proxied(Refuses(replica.url))
    behind = SimpleNamespace(url=front.url, auth=replica.auth, client=replica.client)
    return Pair(servers.get(request.param, "master"), behind), "refused", "not here"


def test_a_refused_container_is_quarantined_and_its_records_go_on(refusing, name):
    pair, text, said = refusing
    path, good = collection_of(name), f"{name.split('/')[0]}/good"
    load(pair.master, name, {"v": 1})
    pair.once().expect(0)
    put(pair.master, path, {"v": 2, "text": text})
    records.put(pair.master, name, [{"id": "later"}])
    load(pair.master, good, {"v": 1})

    result = pair.once().expect(1)

    assert said in reason(result, path, "quarantined")
    assert not result.report["in_sync"] and report(result)["state"] != "in-sync"
    assert data(pair.replica, path)["v"] == 1
    assert records.assert_same(pair.master, pair.replica, name).keys() == {"r0", "r1", "r2", "later"}
    records.assert_same(pair.master, pair.replica, good)
    put(pair.master, path, {"v": 3})
    pair.once().expect(0)
    assert_same(pair, path)
    assert_rests(pair)


def test_a_refused_container_does_not_stop_the_others(refusing, name):
    """When it is to be created."""
    pair, text, _ = refusing
    bucket = name.split("/")[0]
    load(pair.master, name, {"text": text})
    for other in ("aa", "zz"):
        load(pair.master, f"{bucket}/{other}", {"v": other})
    result = pair.once().expect(1)
    assert (collection_of(name), "quarantined") in differences(result)
    for other in ("aa", "zz"):
        assert_same(pair, f"{bucket}/collections/{other}")
        records.assert_same(pair.master, pair.replica, f"{bucket}/{other}")
    remove(pair.master, collection_of(name))
    pair.once().expect(0)
    assert not exists(pair.replica, collection_of(name))


def test_a_daemon_tries_again(refusing, name, daemon):
    """It goes on following meanwhile, and the container comes when it can."""
    pair, text, _ = refusing
    path = collection_of(name)
    load(pair.master, name, {"v": 1})
    pages = StatusPages(daemon(*pair.args, *FAST, "--listen", "127.0.0.1:0"))
    soon(lambda: pages.replica()["containers"]["state"] == "in-sync", "it is loaded")
    put(pair.master, path, {"v": 2, "text": text})
    soon(lambda: [one["kind"] for one in pages.replica()["containers"]["differences"]] == ["quarantined"], "it says so")
    assert pages.status()["in_sync"] is False
    records.put(pair.master, name, [{"id": "later"}])
    soon(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "records go on")
    put(pair.master, path, {"v": 3})
    soon(lambda: data(pair.replica, path) == data(pair.master, path), "it arrives")
    soon(lambda: pages.status()["in_sync"] is True, "and it says so")
