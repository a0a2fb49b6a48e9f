"""What a firewall answers when it minds a record, and what it does to the others."""

import time

import pytest

from harness import mirror, records
from harness.firewall import Firewall, word, writes
from harness.proxy import Hangup, Request, Response
from harness.waiting import wait_until

# Most of it waits; the decisions have unit tests, which the sanitizers see.
pytestmark = pytest.mark.any_build

EVIL = [{"id": "evil", "text": "forbidden-word"}]


class HangsUp(Firewall):
    def handle(self, request: Request) -> Response:
        if not self._minds(request):
            return self.forward(request)
        self.refused += 1
        raise Hangup


@pytest.mark.parametrize("status", [200, 302, 400, 406, 408, 409, 412, 451, 500, 520])
def test_a_record_is_set_aside_whatever_the_page_that_blocks_it_says(pair, name, rng, proxied, status):
    records.load(pair.master, name, [*records.random_records(rng, 60), *EVIL])
    front = proxied(Firewall(pair.replica.url, word("forbidden-word"), status))
    args = [*mirror.servers(pair.master.url, front.url), "--collections", name]

    result = mirror.run("run", "--once", "--json", *args)

    entry = result.collection(name)
    assert (entry["created"], entry["state"]) == (60, "degraded")
    [refused] = entry["quarantined"]
    assert refused["id"] == "evil"
    if status >= 400:
        assert "not Kinto's own answer" in refused["reason"]


def test_a_record_is_set_aside_where_the_connection_is_cut(pair, name, rng, proxied):
    records.load(pair.master, name, [*records.random_records(rng, 10), *EVIL])
    front = proxied(HangsUp(pair.replica.url, word("forbidden-word")))
    args = [*mirror.servers(pair.master.url, front.url), "--collections", name]
    result = mirror.run("run", "--once", "--json", *args, timeout=400)
    entry = result.collection(name)
    assert (entry["created"], entry["state"]) == (10, "degraded")
    assert [one["id"] for one in entry["quarantined"]] == ["evil"]


def test_many_records_that_a_firewall_minds_cost_little_more_than_one(pair, name, rng, proxied):
    evil = [{"id": f"evil{n}", "text": "forbidden-word"} for n in range(30)]
    good = records.random_records(rng, 70)
    both = [*good, *evil]
    rng.shuffle(both)
    records.load(pair.master, name, both)
    front = proxied(Firewall(pair.replica.url, word("forbidden-word")))
    args = [*mirror.servers(pair.master.url, front.url), "--collections", name]
    begin = time.monotonic()

    result = mirror.run("run", "--once", "--json", *args)

    entry = result.collection(name)
    assert (entry["created"], entry["state"]) == (70, "degraded")
    assert len(entry["quarantined"]) == 30
    assert set(records.stored(pair.replica, name)) == {one["id"] for one in good}
    # Each is tried four times within 0.7 s, and the first one ends a pass.
    assert time.monotonic() - begin < 60
    assert len(front.requests) < 600
    assert result.err.count("sync.quarantine") <= 31


@pytest.mark.parametrize("status", [200, 403])
def test_one_bucket_that_a_firewall_hides_is_a_failure_and_others_are_copied(pair, name, rng, proxied, daemon, status):
    bucket = name.split("/")[0]
    hidden, shown = f"{bucket}-hidden/articles", f"{bucket}-shown/articles"
    for one in (hidden, shown):
        records.load(pair.master, one, records.random_records(rng, 5))
    listed = f"/{bucket}-hidden/collections?"
    front = proxied(Firewall(pair.master.url, lambda request: any(
        part.method == "GET" and listed in part.path for part in request.parts()), status))
    args = [*mirror.servers(front.url, pair.replica.url), "--collections", f"{bucket}-*/*"]

    result = mirror.run("run", "--once", *args)

    assert result.code == (77 if status == 403 else 69)
    assert "right to read" not in result.err
    records.assert_same(pair.master, pair.replica, shown)
    front.active = False
    mirror.run("run", "--once", *args).expect(0)
    running = daemon(*args, "--interval", "200ms")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    front.active = True
    wait_until(lambda: front.refused > 2, "it is refused")
    for number in range(6):
        records.put(pair.master, shown, [{"id": f"meanwhile{number}"}])
        wait_until(lambda: f"meanwhile{number}" in records.stored(pair.replica, shown), "others are followed")
    front.active = False
    records.put(pair.master, hidden, [{"id": "late"}])
    wait_until(lambda: "late" in records.stored(pair.replica, hidden), "it is copied", timeout=30)
    assert "does not list it any more" not in running.log()
    assert running.stop() == 0


@pytest.mark.parametrize("status", [200, 403, 408, 409, 412, 500])
def test_a_front_end_that_is_out_of_order_for_a_moment_is_no_records_fault(pair, name, rng, firewalled, status):
    records.load(pair.master, name, records.random_records(rng, 5))
    front, running = firewalled(writes, status)
    records.put(pair.master, name, [{"id": "older"}])
    wait_until(lambda: front.refused > 2, "it is refused", timeout=30)
    records.put(pair.master, name, [{"id": "newer"}])
    time.sleep(2)
    front.active = False
    wait_until(lambda: "newer" in records.stored(pair.replica, name), "all is copied", timeout=60)
    assert "older" in records.stored(pair.replica, name), "the newer one came first"
    assert "sync.quarantine" not in running.log()
    assert running.stop() == 0


def test_where_only_an_empty_record_passes_none_is_blamed(pair, name, firewalled):
    records.load(pair.master, name, [{"id": f"old{n}", "n": n} for n in range(5)])
    front, running = firewalled(lambda request: request.is_write and b'"n":' in request.body)
    records.put(pair.master, name, [{"id": f"new{n}", "n": n} for n in range(30)])
    wait_until(lambda: front.refused > 12, "it is refused", timeout=60)
    front.active = False
    wait_until(lambda: len(records.stored(pair.replica, name)) == 35, "it is copied", timeout=60)
    assert "sync.quarantine" not in running.log()
    assert running.stop() == 0
