"""A collection that a server gives no count of proves nothing: neither that it is there, nor anything of its neighbours."""

import json
import time

import pytest

from harness import mirror, records
from harness.kinto import BACKENDS, KintoServer
from harness.proxy import Proxy, Request, Response
from harness.servers import Pair
from harness.status import StatusPages
from harness.waiting import wait_until

SOON = 30.0  # the interval of the audits is an hour
FAST = ("--interval", "300ms", "--overlap", "1s", "--listen", "127.0.0.1:0")
MANY = 6
# A memory backend cannot write its time as a date, so that it answers 500 to whatever is asked of the collection.
FAR_AHEAD = 10**15


def name_of(number: int) -> str:
    return f"library/c{number}"


def follow_many(pair: Pair, rng, daemon) -> StatusPages:
    for number in range(MANY):
        records.load(pair.master, name_of(number), records.random_records(rng, 5))
    pages = StatusPages(daemon(*pair.args, *FAST))
    wait_until(lambda: pages.status()["in_sync"], "all is in sync")
    time.sleep(2)  # the overlap is over, so that nothing is polled without a reason
    return pages


def lose_one(server: KintoServer, name: str) -> None:
    records.delete(server, name, next(iter(records.stored(server, name))))


def break_collection(server: KintoServer, name: str) -> None:
    with records.session(server) as web:
        web.put(f"{records.records_url(server, name)}/ahead", json={"data": {"last_modified": FAR_AHEAD}}, timeout=30)
        assert web.head(records.records_url(server, name), timeout=30).status_code == 500


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("what", ["collection", "bucket"])
def test_what_was_deleted_on_the_replica_comes_back(servers, backend, what, rng, daemon):
    pair = Pair(servers.get("memory", "master"), servers.get(backend, "replica"))
    pages = follow_many(pair, rng, daemon)
    with records.session(pair.replica) as web:
        bucket, collection = name_of(1).split("/")
        path = f"/buckets/{bucket}" + (f"/collections/{collection}" if what == "collection" else "")
        assert web.delete(pair.replica.url + path, timeout=30).status_code == 200
    wait_until(lambda: records.count(pair.replica, name_of(1)) == 5, "its records are there again", SOON)
    for number in range(MANY):
        records.wait_same(pair.master, pair.replica, name_of(number), "all collections are", SOON)
    wait_until(lambda: pages.status()["in_sync"], "all is in sync again")


def test_a_collection_that_breaks_the_replicas_batches_hides_no_other(pair, rng, daemon):
    pages = follow_many(pair, rng, daemon)
    break_collection(pair.replica, name_of(0))
    wait_until(lambda: pages.collection(name_of(0))["state"] == "failed", "it is told", SOON)
    assert not pages.status()["in_sync"]
    lose_one(pair.replica, name_of(4))
    wait_until(lambda: records.count(pair.replica, name_of(4)) == 5, "what a neighbour lost is there again", SOON)


class SaysMore(Proxy):
    """As if the server had been restarted with a lower limit since the daemon read it."""

    def handle(self, request: Request) -> Response:
        response = self.forward(request)
        if request.path == "/v1/":
            hello = json.loads(response.body)
            hello["settings"]["batch_max_requests"] = 25
            response.body = json.dumps(hello).encode()
        return response


def test_a_replica_that_takes_less_in_a_batch_than_it_said_is_counted_all_the_same(servers, rng, daemon):
    replica = servers.start("memory", {"kinto.batch_max_requests": "4"})
    front = SaysMore(replica.origin)
    try:
        master = servers.get("memory", "master")
        for number in range(MANY):
            records.load(master, name_of(number), records.random_records(rng, 5))
        pages = StatusPages(daemon(*mirror.servers(master.url, front.url), *FAST))
        wait_until(lambda: pages.status()["in_sync"], "all is in sync")
        time.sleep(2)
        lose_one(replica, name_of(5))
        wait_until(lambda: records.count(replica, name_of(5)) == 5, "it is there again", SOON)
    finally:
        front.close()
        replica.close()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_drifted_stamp_is_repaired_where_a_batch_holds_one_request(servers, backend, name):
    replica = servers.start(backend, {"kinto.batch_max_requests": "1"})
    try:
        pair = Pair(servers.get("memory", "master"), replica)
        records.load(pair.master, name, [{"id": "a", "title": "one"}, {"id": "b", "title": "two"}])
        pair.once("--collections", name).expect(0)
        with records.session(replica) as web:
            drifted = records.stored(pair.master, name)["a"] | {"last_modified": int(time.time() * 1000) + 5000}
            web.put(f"{records.records_url(replica, name)}/a", json={"data": drifted}, timeout=30).raise_for_status()
        report = pair.once("--collections", name).expect(0).collection(name)
        assert report["quarantined"] == [] and report["updated"] == 1
        records.assert_same(pair.master, replica, name)
    finally:
        replica.close()
