"""What becomes of a batch as a whole when one of its subrequests goes wrong, and what may not go into one."""

import json
from collections.abc import Callable

import pytest
import requests

from harness import mirror, records
from harness.faults import Scripted, Watched
from harness.kinto import BACKENDS, KintoServer
from harness.proxy import Proxy, Request, Response
from harness.servers import Pair
from harness.waiting import wait_until

BY_HAND = "by-hand/articles"
CLASH = {"code": 409, "errno": 122, "error": "Conflict", "message": "Integrity constraint violated, please retry."}
GUARDS = {"if-match", "if-none-match"}


def path_of(name: str, record_id: str | None = None) -> str:
    bucket, collection = name.split("/")
    return f"/buckets/{bucket}/collections/{collection}" + (f"/records/{record_id}" if record_id else "")


def put(name: str, record_id: str, **data: object) -> dict:
    return {"method": "PUT", "path": path_of(name, record_id), "body": {"data": data}}


def batch(server: KintoServer, *subrequests: dict, **headers: str) -> requests.Response:
    with records.session(server) as web:
        return web.post(f"{server.url}/batch", json={"requests": subrequests}, headers=headers, timeout=30)


def statuses(answer: requests.Response) -> list[int]:
    answer.raise_for_status()
    return [sub["status"] for sub in answer.json()["responses"]]


def test_hazard_13_a_clash_takes_back_what_came_before_it(servers, name, proxied):
    """A record of the replica's own has the stamp of one of the master's; PostgreSQL holds each stamp once."""
    pair = Pair(servers.get("memory", "master"), servers.get("postgresql", "replica"))
    records.load(pair.replica, BY_HAND, [{"id": "taken", "last_modified": 1000}])
    answer = batch(pair.replica, put(BY_HAND, "a"), put(BY_HAND, "clash", last_modified=1000), put(BY_HAND, "z"))
    assert statuses(answer) == [201, 409, 201]
    assert records.stored(pair.replica, BY_HAND).keys() == {"taken", "z"}, "the first 201 was taken back"

    records.load(pair.master, name, [{"id": f"r{n:02}", "n": n, "last_modified": 2000 + 10 * n} for n in range(20)])
    records.load(pair.replica, name, [{"id": "own", "last_modified": 2100}])
    watched = proxied(Watched(pair.replica.url))
    mirror.run("run", "--once", *mirror.servers(pair.master.url, watched.url), "--collections", name).expect(0)
    clashes = [answer for _, answer in watched.exchanges if b'"status":409' in answer.body.replace(b" ", b"")]
    assert clashes, "the batch met the clash"
    wanted, found = records.stored(pair.master, name), records.stored(pair.replica, name)
    assert found.pop("own")["last_modified"] == 2100
    wanted["r10"]["last_modified"] = 2101  # the next free one
    assert found == wanted


def test_hazard_13_a_clash_with_an_extra_that_goes(servers, name):
    """In `delete` the record that had the stamp is removed, so nothing keeps the master's record from it."""
    pair = Pair(servers.get("memory", "master"), servers.get("postgresql", "replica"))
    records.load(pair.master, name, [{"id": "one", "last_modified": 1000}])
    records.load(pair.replica, name, [{"id": "own", "last_modified": 1000}])
    pair.once("--extras", "delete", "--collections", name).expect(0)
    records.assert_same(pair.master, pair.replica, name)


@pytest.mark.parametrize("path", ["/buckets/kinto-mirror", "/buckets/kinto-mirror/collections/checkpoints/records/"])
def test_hazard_13_a_clash_of_the_daemons_own_writes(pair, name, proxied, path):
    """Two collections that are done at the same moment, or two daemons that begin at once, clash where Kinto itself
    gives the stamps: two create the daemon's bucket, two checkpoints come in one millisecond."""
    clashes: list[str] = []

    def meant(part: Request) -> bool:
        found = part.path.removeprefix("/v1")
        return part.method == "PUT" and (found == path or path.endswith("/") and found.startswith(path))

    def script(request: Request, forward: Callable[[Request], Response]) -> Response:
        places = [place for place, part in enumerate(request.parts()) if meant(part)]
        if not places or clashes:
            return forward(request)
        clashes.append(request.path)
        first = forward(request)  # somebody else was
        if request.path != "/v1/batch":
            return Response.of_json(409, CLASH)
        answers = json.loads(first.body)["responses"]
        answers[places[0]] |= {"status": 409, "body": CLASH}
        return Response.of_json(200, {"responses": answers})

    records.load(pair.master, name, [{"id": "one"}])
    front = proxied(Scripted(pair.replica.url, script))
    mirror.run("run", "--once", *mirror.servers(pair.master.url, front.url), "--collections", name).expect(0)
    assert len(clashes) == 1
    records.assert_same(pair.master, pair.replica, name)


@pytest.mark.parametrize("backend", BACKENDS)
def test_hazard_14_nothing_conditional_is_read_in_a_batch(servers, name, proxied, daemon, backend):
    """A 304 inside a batch is a 500 for all of it, and an idle poll is where one would come from."""
    pair = Pair(servers.get(backend, "master"), servers.get("memory", "replica"))
    for each in (name, BY_HAND):  # a single question needs no batch
        records.load(pair.master, each, [{"id": "one"}])
    newest = records.etag(pair.master, name)
    conditional = {"method": "GET", "path": path_of(name) + "/records", "headers": {"If-None-Match": newest}}
    assert batch(pair.master, {"method": "GET", "path": path_of(name)}, conditional).status_code == 500

    master, replica = proxied(Watched(pair.master.url)), proxied(Watched(pair.replica.url))
    daemon(*mirror.servers(master.url, replica.url), "--interval", "100ms", "--overlap", "0s")
    wait_until(lambda: records.count(pair.replica, name) == records.count(pair.replica, BY_HAND) == 1, "both arrive")
    polls = len(master.exchanges)
    wait_until(lambda: len(master.exchanges) > polls + 10, "it has asked, and nothing had moved")
    records.put(pair.master, name, [{"id": "two"}])
    wait_until(lambda: records.count(pair.replica, name) == 2, "it still sees what moves")
    exchanges = [*master.exchanges, *replica.exchanges]
    assert any(request.path.endswith("/batch") for request, _ in exchanges)
    assert [(request.path, answer.status) for request, answer in exchanges if answer.status >= 500] == []
    reads = [part for request, _ in exchanges if request.path.endswith("/batch") for part in request.parts()
             if part.method in ("GET", "HEAD")]
    assert reads and not [part for part in reads if GUARDS & {key.lower() for key in part.headers}]


def test_hazard_15_no_container_is_deleted(each_backend, name, proxied, daemon):
    """A batch deletes what is in a container at its very end. The master's owner meets that; our batches do not."""
    records.load(each_backend.master, name, [{"id": "old"}])
    watched = proxied(Proxy(each_backend.replica.url))
    daemon(*mirror.servers(each_backend.master.url, watched.url), "--collections", name, "--interval", "100ms")
    wait_until(lambda: records.count(each_backend.replica, name) == 1, "the old record has arrived")
    answer = batch(each_backend.master, {"method": "DELETE", "path": path_of(name)},
                   {"method": "PUT", "path": path_of(name)}, put(name, "new"))
    assert statuses(answer) == [200, 201, 201]
    assert records.stored(each_backend.master, name, tombstones=True) == {}, "the new record was destroyed"
    records.put(each_backend.master, name, [{"id": "newer"}])
    wait_until(lambda: "newer" in records.stored(each_backend.replica, name), "the newest has arrived")
    assert records.stored(each_backend.replica, name).keys() == {"old", "newer"}
    parts = [part for request in watched.writes() for part in request.parts()]
    assert parts and not [part.path for part in parts if part.method == "DELETE" and "/records/" not in part.path]


@pytest.mark.parametrize("collection, record_id", [("articles", "batch-1"), ("batch-2", "one")])
def test_hazard_16_a_path_that_contains_batch(each_backend, name, collection, record_id):
    """Kinto refuses the whole batch that one of these is in."""
    name = name.replace("articles", collection)
    ids = {"a", record_id, "z"}
    records.load(each_backend.master, name, [])
    refused = batch(each_backend.master, put(name, record_id), put(BY_HAND, "a"))
    assert (refused.status_code, refused.json()["errno"]) == (400, 107)
    client = each_backend.master.client()
    bucket = name.split("/")[0]
    for version in range(2):
        for one in ids:
            client.update_record(id=one, bucket=bucket, collection=collection, data={"v": version})
        each_backend.once("--collections", name).expect(0)
        assert records.assert_same(each_backend.master, each_backend.replica, name).keys() == ids
    # A drifted stamp takes two writes, which usually share a batch.
    each_backend.replica.client().update_record(id=record_id, bucket=bucket, collection=collection, data={"v": 1})
    each_backend.once("--collections", name).expect(0)
    assert records.assert_same(each_backend.master, each_backend.replica, name).keys() == ids
    records.delete(each_backend.master, name, record_id)
    each_backend.once("--collections", name).expect(0)
    assert record_id not in records.assert_same(each_backend.master, each_backend.replica, name, tombstones=False)


def test_hazard_17_guards_stand_on_the_subrequests(each_backend, name, rng, proxied):
    """A header of the batch itself counts for each subrequest that has none."""
    made = records.random_records(rng, 30)
    records.load(each_backend.master, BY_HAND, [{"id": "x"}])
    leaked = batch(each_backend.master, put(BY_HAND, "x"), put(BY_HAND, "y"), **{"If-None-Match": "*"})
    assert statuses(leaked) == [412, 201]

    watched = proxied(Proxy(each_backend.replica.url))
    args = [*mirror.servers(each_backend.master.url, watched.url), "--collections", name]
    for change in (made, [record | {"title": "second"} for record in made[:20]]):
        records.load(each_backend.master, name, change)
        mirror.run("run", "--once", *args).expect(0)
    records.delete(each_backend.master, name, made[0]["id"])
    mirror.run("run", "--once", *args).expect(0)
    records.assert_same(each_backend.master, each_backend.replica, name, tombstones=True)
    batches = [request for request in watched.requests if request.path.endswith("/batch")]
    assert batches and not [one.headers for one in batches if GUARDS & {key.lower() for key in one.headers}]
    records_of = path_of(name) + "/records/"
    parts = [part for request in watched.writes() for part in request.parts() if records_of in part.path]
    assert {part.method for part in parts} == {"PUT", "DELETE"}
    assert all(GUARDS & {key.lower() for key in part.headers} for part in parts)


def test_hazard_18_half_of_a_failed_batch_stays(pair, name, rng, proxied):
    """The memory backend takes nothing back. A repetition must not stamp that half anew."""
    records.load(pair.replica, BY_HAND, [{"id": "x"}])
    quoted = {"method": "DELETE", "path": path_of(BY_HAND, "x") + "?last_modified=%225%22"}
    assert batch(pair.replica, put(BY_HAND, "a"), quoted, put(BY_HAND, "z")).status_code == 500
    assert records.stored(pair.replica, BY_HAND).keys() == {"a", "x"}

    failed: list[int] = []
    seen: set[int] = set()

    def script(request: Request, forward: Callable[[Request], Response]) -> Response:
        parts = request.parts()
        if len(parts) < 20 or path_of(name) not in parts[0].path or len(failed) == 2:
            answer = forward(request)
            if request.is_write:
                seen.update(records.stamps(pair.replica, name))
            return answer
        outer = json.loads(request.body)
        failed.append(len(parts))
        half = json.dumps(outer | {"requests": outer["requests"][:len(parts) // 2]}).encode()
        forward(Request(request.method, request.path, request.headers, half))
        return Response.of_json(500, {"code": 500, "errno": 999, "error": "Internal Server Error"})

    front = proxied(Scripted(pair.replica.url, script))
    records.load(pair.master, name, records.random_records(rng, 60))
    mirror.run("run", "--once", *mirror.servers(pair.master.url, front.url), "--collections", name).expect(0)
    assert len(failed) == 2
    assert len(records.assert_same(pair.master, pair.replica, name, tombstones=True)) == 60
    assert seen == records.stamps(pair.master, name), "not even for a moment"
