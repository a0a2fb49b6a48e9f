"""The master is written to between a list of a collection and its count. What was counted at another ETag explains
nothing: neither an alarm, nor that all is in sync."""

import time

import pytest

from harness import mirror, records
from harness.faults import Slow
from harness.proxy import Proxy, Request, Response
from harness.status import StatusPages, events
from harness.waiting import wait_until
from harness.writers import Putting

PAGES = ("--interval", "1s", "--listen", "127.0.0.1:0")
LONG_AGO = 1_500_000_000_000


def test_a_busy_far_master_is_no_alarm(pair, name, rng, proxied, daemon):
    records.load(pair.master, name, records.random_records(rng, 300))
    front = proxied(Slow(pair.master.url, 0.1))
    running = daemon(*mirror.servers(front.url, pair.replica.url), "--collections", name, *PAGES)
    pages = StatusPages(running)
    wait_until(lambda: pages.collection(name)["state"] == "in-sync", "it is in sync")
    writer = Putting(pair.master, name, 0.3, lambda number: {"id": f"w{number}"})
    writer.start()
    wait_until(lambda: writer.times >= 40, "forty records were written")
    writer.stop()
    wait_until(lambda: f"w{writer.times - 1}" in records.stored(pair.replica, name), "the last one has arrived")
    wait_until(lambda: pages.collection(name)["state"] == "in-sync", "it is in sync")
    assert [line["msg"] for line in events(running, "sync.notice")] == []


class Race(Proxy):
    """Once `armed`, writes a record before the next poll is answered, and another one behind it."""

    def __init__(self, upstream: str, write):
        super().__init__(upstream)
        self._write = write
        self.armed = False

    def handle(self, request: Request) -> Response:
        is_poll = request.method == "GET" and "/records?" in request.path and "_since=" in request.path
        if not self.armed or not is_poll or "id=" in request.path:
            return self.forward(request)
        self.armed = False
        self._write("before")
        answer = self.forward(request)
        self._write("behind")
        return answer


@pytest.mark.parametrize("extras", ["keep", "delete"])
def test_what_went_under_a_past_stamp_then_is_not_forgotten(pair, name, rng, proxied, daemon, extras):
    """No poll lists the tombstone. The number of records tells of it, unless writes beside it explain the number."""
    records.load(pair.master, name, records.random_records(rng, 50))
    records.put(pair.master, name, [{"id": "old", "last_modified": LONG_AGO}])
    front = proxied(Race(pair.master.url, lambda record_id: records.put(pair.master, name, [{"id": record_id}])))
    args = [*mirror.servers(front.url, pair.replica.url), "--collections", name, "--extras", extras]
    running = daemon(*args, "--overlap", "5s", *PAGES)
    pages = StatusPages(running)
    wait_until(lambda: pages.collection(name)["state"] == "in-sync", "it is in sync")
    time.sleep(6)  # the overlap, after which nothing is polled without a hint
    front.armed = True
    path = records.records_url(pair.master, name).removeprefix(pair.master.url.removesuffix("/v1"))
    with records.session(pair.master) as web:
        web.post(f"{pair.master.url}/batch", timeout=30, json={"requests": [
            {"method": "DELETE", "path": f"{path}/old?last_modified={LONG_AGO + 500}"},
            {"method": "PUT", "path": f"{path}/beside", "body": {"data": {}}},
        ]}).raise_for_status()

    wait_until(lambda: "behind" in records.stored(pair.replica, name), "the last record has arrived")
    wait_until(lambda: "old" not in records.stored(pair.replica, name), "the deletion has arrived")
    wait_until(lambda: pages.status()["in_sync"], "it is in sync")
    mirror.run("check", *args).expect(0)
