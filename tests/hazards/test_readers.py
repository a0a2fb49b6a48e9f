"""Those who read the replica with `_since` while it is written."""

import json
from collections.abc import Callable

import requests

from harness import mirror, records
from harness.faults import Scripted
from harness.kinto import KintoServer
from harness.proxy import Request, Response

READER = ("reader", "password")


class Reader:
    """Follows a collection as Kinto's clients do: each poll asks for what is newer than the newest that it has."""

    def __init__(self, server: KintoServer, name: str):
        self._url = records.records_url(server, name)
        self._auth = tuple(server.auth.split(":", 1))
        self.has: dict[str, dict] = {}
        self.polls = 0

    def poll(self) -> None:
        newest = max((row["last_modified"] for row in self.has.values()), default=0)
        answer = requests.get(self._url, params={"_since": newest}, auth=self._auth, timeout=30)
        answer.raise_for_status()
        self.has |= {row["id"]: row for row in answer.json()["data"] if not records.is_closing_mark(row)}
        self.polls += 1


def test_hazard_11_a_new_replicas_etag_is_above_the_masters_stamps(each_backend, name, rng):
    """Who begins at the ETag of an empty replica misses the load. So nobody but the daemon may read it until then, and
    who begins at the start, or after the load, misses nothing."""
    master, replica = each_backend.master, each_backend.replica
    bucket, collection = name.split("/")
    records.load(master, name, records.random_records(rng, 5))
    records.load(replica, name, [])
    at_creation = records.etag(replica, name)
    records.load(replica, name, list(records.stored(master, name).values()))
    with records.session(replica) as web:
        url = records.records_url(replica, name)
        assert web.get(url, params={"_since": at_creation}, timeout=30).json()["data"] == []
        assert web.get(url, headers={"If-None-Match": at_creation}, timeout=30).status_code == 304

    replica.flush()
    each_backend.once("--collections", name).expect(0)
    mine = replica.client().server_info()["user"]["id"]
    for container in (replica.client().get_bucket(id=bucket),
                      replica.client().get_collection(id=collection, bucket=bucket)):
        assert container["permissions"] == {"write": [mine]}
    assert requests.get(records.records_url(replica, name), auth=READER, timeout=30).status_code == 403
    reader = Reader(replica, name)
    reader.poll()
    after_the_load = records.etag(replica, name)
    assert reader.has == records.assert_same(master, replica, name)
    records.put(master, name, [{"id": "new"}])
    each_backend.once("--collections", name).expect(0)
    with records.session(replica) as web:
        seen = web.get(records.records_url(replica, name), params={"_since": after_the_load}, timeout=30).json()["data"]
    assert [row["id"] for row in seen] == ["new"]


def test_hazard_12_a_reader_that_polls_during_a_sync_misses_nothing(each_backend, name, rng, proxied):
    """It polls after every write. Rows that land below its newest would stay hidden from it."""
    master, replica = each_backend.master, each_backend.replica
    by_hand = "by-hand/articles"
    records.load(replica, by_hand, [{"id": "newer", "last_modified": 2000}])
    reader = Reader(replica, by_hand)
    reader.poll()
    records.put(replica, by_hand, [{"id": "older", "last_modified": 1000}])
    reader.poll()
    assert reader.has.keys() == {"newer"}, "what is written out of order stays hidden"

    made = [record | {"last_modified": 1_700_000_000_000 + rng.randrange(10**9)}
            for record in records.random_records(rng, 300)]
    records.load(replica, name, [{"id": "own", "last_modified": 1000}])
    reader = Reader(replica, name)

    written: list[int] = []

    def script(request: Request, forward: Callable[[Request], Response]) -> Response:
        answer = forward(request)
        if request.is_write:
            reader.poll()
            bodies = [json.loads(part.body)["data"] for part in request.parts()
                      if part.method == "PUT" and "/articles/records/" in part.path and records.MARK not in part.path]
            written.extend(body["last_modified"] for body in bodies)
        return answer

    front = proxied(Scripted(replica.url, script))
    args = [*mirror.servers(master.url, front.url), "--collections", name]
    records.load(master, name, made)
    mirror.run("run", "--once", *args).expect(0)
    assert reader.polls > 300 // records.BATCH
    assert reader.has == records.stored(replica, name)
    assert len(written) == 300 and written == sorted(written)

    records.put(master, name, [{"id": record["id"], "title": "second"} for record in made[5:35]])
    for record in made[:5]:
        records.delete(master, name, record["id"])
    records.put(master, name, records.random_records(rng, 10))
    mirror.run("run", "--once", *args).expect(0)
    assert reader.has == records.stored(replica, name, tombstones=True)
    assert sum(row.get("deleted", False) for row in reader.has.values()) == 5
