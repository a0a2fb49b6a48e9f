"""Writes that arrive twice, late, or where the stamp that they carry is not taken."""

import json
import time
from collections.abc import Callable

import pytest
import requests

from harness import mirror, records
from harness.faults import Scripted
from harness.kinto import BACKENDS
from harness.proxy import Proxy, Request, Response
from harness.servers import Pair
from harness.waiting import wait_until

AHEAD = 3_600_000


def is_write_of(request: Request, name: str) -> bool:
    path = "/buckets/{}/collections/{}/records/".format(*name.split("/"))
    return request.is_write and any(path in part.path for part in request.parts())


def put_raw(server, name: str, record: dict) -> dict:
    """One PUT without a guard; the record as it is stored."""
    with records.session(server) as web:
        answer = web.put(f"{records.records_url(server, name)}/{record['id']}", json={"data": record}, timeout=30)
        answer.raise_for_status()
        return answer.json()["data"]


def resend(server, request: Request) -> list[int]:
    """Sends what the daemon once sent; the statuses of the writes."""
    answer = requests.request(request.method, server.origin + request.path, data=request.body,
                              headers={k: v for k, v in request.headers.items() if k.lower() != "host"}, timeout=30)
    if not request.path.endswith("/batch"):
        return [answer.status_code]
    return [sub["status"] for sub in answer.json()["responses"]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_hazard_08_a_lost_answer_does_not_re_stamp(servers, name, rng, proxied, backend):
    """The first write of the load and the first of the update are carried out, and their answers are lost."""
    pair = Pair(servers.get("memory", "master"), servers.get(backend, "replica"))
    records.load(pair.replica, "by-hand/articles", [])
    by_hand = {"id": "r0", "last_modified": 5000}
    assert put_raw(pair.replica, "by-hand/articles", by_hand)["last_modified"] == 5000
    assert put_raw(pair.replica, "by-hand/articles", by_hand)["last_modified"] > 5000, "a blind replay re-stamps"

    lost: list[int] = []
    seen: set[int] = set()

    def script(request: Request, forward: Callable[[Request], Response]) -> Response:
        answer = forward(request)
        if is_write_of(request, name):
            seen.update(records.stamps(pair.replica, name))
        if is_write_of(request, name) and len(lost) < wanted:
            lost.append(answer.status)
            raise ConnectionAbortedError("the answer is lost")
        return answer

    front = proxied(Scripted(pair.replica.url, script))
    args = [*mirror.servers(pair.master.url, front.url), "--collections", name]
    made = records.random_records(rng, 60)
    of_master: set[int] = set()
    for wanted, change in enumerate((made, [record | {"title": "second"} for record in made[:40]]), 1):
        records.load(pair.master, name, change)
        of_master |= records.stamps(pair.master, name)
        mirror.run("run", "--once", *args).expect(0)
        records.assert_same(pair.master, pair.replica, name, tombstones=True)
    assert lost == [200, 200]
    assert seen <= of_master, "not even for a moment"


def test_hazard_09_a_late_duplicate_overwrites_nothing(each_backend, name, proxied):
    """All that was ever written arrives once more, at the end and in any order."""
    master, replica = each_backend.master, each_backend.replica
    watched = proxied(Proxy(replica.url))
    args = [*mirror.servers(master.url, watched.url), "--collections", name]

    def once() -> None:
        mirror.run("run", "--once", *args).expect(0)

    for version in range(3):
        records.load(master, name, [{"id": f"r{number}", "v": version} for number in range(3 - version)])
        once()
    records.delete(master, name, "r2")
    records.delete(master, name, "r1")
    once()
    records.load(master, name, [{"id": "r1", "v": "again"}])
    once()
    wanted = records.assert_same(master, replica, name, tombstones=True)
    writes = [request for request in watched.writes() if is_write_of(request, name)]
    assert len(writes) >= 5
    # A guard cannot know that r2 was once there: its create may come back, for the next audit to find.
    for request in [*writes, *reversed(writes)]:
        resend(replica, request)
        after = records.stored(replica, name, tombstones=True)
        assert {key: after[key] for key in ("r0", "r1")} == {key: wanted[key] for key in ("r0", "r1")}
    once()
    assert records.stored(replica, name) == {key: wanted[key] for key in ("r0", "r1")}


def test_hazard_09_an_answer_that_comes_later_than_the_next_version(pair, name, proxied, daemon):
    """A proxy keeps the first version back until the second has arrived."""
    records.load(pair.master, name, [{"id": "r0", "v": 0}])
    pair.once("--collections", name).expect(0)
    kept: list[Request] = []

    def script(request: Request, forward: Callable[[Request], Response]) -> Response:
        if is_write_of(request, name) and not kept:
            kept.append(request)
            records.put(pair.master, name, [{"id": "r0", "v": 2}])
            raise ConnectionAbortedError("it takes another way")
        return forward(request)

    front = proxied(Scripted(pair.replica.url, script))
    records.put(pair.master, name, [{"id": "r0", "v": 1}])
    daemon(*mirror.servers(pair.master.url, front.url), "--collections", name, "--interval", "200ms")
    wait_until(lambda: records.stored(pair.replica, name)["r0"]["v"] == 2, "the second version has arrived")
    assert b'"v":1' in kept[0].body.replace(b" ", b"")
    assert resend(pair.replica, kept[0]) == [412]
    assert records.assert_same(pair.master, pair.replica, name)["r0"]["v"] == 2


def test_hazard_10_a_stamp_that_a_put_cannot_lower(each_pair, name, rng):
    """The replica has the same records, with stamps of its own."""
    master, replica = each_pair.master, each_pair.replica
    made = [record | {"last_modified": 5000 + n} for n, record in enumerate(records.random_records(rng, 5))]
    records.load(master, name, made)
    records.load(replica, name, [{k: v for k, v in record.items() if k != "last_modified"} for record in made])
    drifted = records.stored(replica, name)[made[0]["id"]]["last_modified"]
    assert put_raw(replica, name, made[0])["last_modified"] > drifted, "it is stamped anew instead"
    assert each_pair.check("--collections", name).expect(1).collection(name)["differs"] == 5

    entry = each_pair.once("--collections", name).expect(0).collection(name)

    assert (entry["updated"], entry["differs"]) == (5, 0)
    found = records.assert_same(master, replica, name)
    assert sorted(row["last_modified"] for row in found.values()) == [5000 + n for n in range(5)]


def test_hazard_33_a_tombstone_for_a_record_that_is_not_there(each_backend, name, proxied):
    """One was never replicated; the other goes just before our DELETE comes, which is then a 404 and a success."""
    master, replica = each_backend.master, each_backend.replica
    records.load(master, name, [{"id": one} for one in ("never", "goes", "stays")])
    records.delete(master, name, "never")
    each_backend.once("--collections", name).expect(0)
    assert records.stored(replica, name).keys() == {"goes", "stays"}
    records.delete(master, name, "goes")
    answers: list[Response] = []

    def script(request: Request, forward: Callable[[Request], Response]) -> Response:
        if not is_write_of(request, name):
            return forward(request)
        records.delete(replica, name, "goes")
        answers.append(forward(request))
        return answers[-1]

    front = proxied(Scripted(replica.url, script))
    mirror.run("run", "--once", "--json", *mirror.servers(master.url, front.url), "--collections", name).expect(0)
    statuses = [sub["status"] for answer in answers for sub in json.loads(answer.body).get("responses", [])]
    assert [*statuses, *(answer.status for answer in answers)].count(404) == 1
    assert records.stored(replica, name).keys() == {"stays"}


def test_hazard_34_a_tombstone_below_the_replicas_stamp(each_backend, name):
    """The record goes although its stamp on the replica is above the tombstone's, and then there is peace."""
    master, replica = each_backend.master, each_backend.replica
    records.load(master, name, [{"id": "r0"}, {"id": "r1"}])
    ahead = int(time.time() * 1000) + AHEAD
    records.load(replica, name, [{"id": one, "last_modified": ahead + number}
                                 for number, one in enumerate(("r0", "r1", "by-hand"))])
    with records.session(replica) as web:
        answer = web.delete(f"{records.records_url(replica, name)}/by-hand?last_modified=5000", timeout=30)
    assert answer.json()["data"]["last_modified"] > ahead, "Kinto ignores a stamp below the record's own"
    records.delete(master, name, "r0")
    entry = each_backend.once("--collections", name).expect(0).collection(name)
    assert (entry["deleted"], entry["extra"]) == (1, 0)
    assert records.assert_same(master, replica, name).keys() == {"r1"}
    entry = each_backend.once("--collections", name).expect(0).collection(name)
    assert (entry["created"], entry["updated"], entry["deleted"]) == (0, 0, 0)


def test_hazard_42_two_daemons_on_one_pair_converge(each_pair, name, rng, daemon):
    made = records.random_records(rng, 150)
    records.load(each_pair.master, name, made)
    running = [daemon(*each_pair.args, "--interval", "200ms") for _ in range(2)]
    wait_until(lambda: records.count(each_pair.replica, name) == 150, "the load has arrived")
    records.put(each_pair.master, name, [record | {"title": "edited"} for record in made[:60]])
    for record in made[100:120]:
        records.delete(each_pair.master, name, record["id"])
    records.wait_same(each_pair.master, each_pair.replica, name, "both have done their work")
    assert [one.stop() for one in running] == [0, 0]

    entry = each_pair.once().expect(0).collection(name)
    assert (entry["created"], entry["updated"], entry["deleted"], entry["same"]) == (0, 0, 0, 130)
