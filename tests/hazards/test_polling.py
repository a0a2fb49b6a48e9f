"""Changes that a poller with a cursor does not see, or would look for in the wrong place."""

import threading
import time
from collections.abc import Callable

import pytest

from harness import mirror, records, sql
from harness.faults import Scripted, paged
from harness.proxy import Request, Response
from harness.servers import Pair
from harness.waiting import wait_until

HOUR = 3_600_000
# A server's Date has whole seconds, so a cursor that is made of it reaches back by a part of one.
OUT_OF_THE_SECOND = 1.1
OLD = 1_700_000_000_000


def three() -> list[dict]:
    return [{"id": f"r{number}", "title": "first"} for number in range(3)]


@pytest.fixture
def follow(name, daemon) -> Callable[..., mirror.Daemon]:
    """Starts a daemon on a pair, and waits until it has compared the records and rests."""

    def start(pair: Pair, *more: str, master: str | None = None) -> mirror.Daemon:
        running = daemon(*mirror.servers(master or pair.master.url, pair.replica.url), "--collections", name,
                         "--interval", "200ms", *more)
        wait_until(lambda: "following the master" in running.log(), "it follows")
        return running

    return start


def assert_a_poller_sees_nothing(server, name: str, newest: str) -> None:
    """Neither of the two questions that a poller may ask finds anything."""
    with records.session(server) as web:
        url = records.records_url(server, name)
        assert web.get(url, params={"_since": newest}, timeout=30).json()["data"] == []
        assert web.get(url, headers={"If-None-Match": newest}, timeout=30).status_code == 304


@pytest.mark.parametrize("found_by", [("--overlap", "60s"), ("--overlap", "0s", "--audit-interval", "1s")],
                         ids=["overlap", "audit"])
def test_hazard_01_a_commit_out_of_order_is_found(pg_pair, name, follow, found_by):
    """An update, so that no count betrays it."""
    records.load(pg_pair.master, name, three())
    follow(pg_pair, *found_by)
    with sql.held_put(pg_pair.master, name, {"id": "r0", "title": "late"}):
        time.sleep(OUT_OF_THE_SECOND)
        records.put(pg_pair.master, name, [{"id": "r1", "title": "early"}])
        wait_until(lambda: records.stored(pg_pair.replica, name)["r1"]["title"] == "early", "the early one arrives")
        newest = records.etag(pg_pair.master, name)
        assert records.stored(pg_pair.master, name)["r0"]["title"] == "first"
    assert_a_poller_sees_nothing(pg_pair.master, name, newest)
    records.wait_same(pg_pair.master, pg_pair.replica, name, "the late one arrives")
    assert records.stored(pg_pair.replica, name)["r0"]["title"] == "late"


def test_hazard_02_the_cursor_is_the_first_pages(pair, name, proxied, follow):
    """Two changes between two pages: one moves the ETag, the other lands behind the page that was read, as a late
    commit does. Without an overlap, only the ETag of the first page still leads to it."""
    records.load(pair.master, name, three())
    first = int(records.etag(pair.master, name).strip('"'))
    newest: list[str] = []

    def script(request: Request, forward: Callable[[Request], Response]) -> Response:
        request = paged(request, 2)
        if "_token=" not in request.path or newest:
            return forward(request)
        time.sleep(OUT_OF_THE_SECOND)
        records.put(pair.master, name, [{"id": "r2", "title": "second"}])
        newest.append(records.etag(pair.master, name))
        answer = forward(request)
        records.put(pair.master, name, [{"id": "r0", "title": "late", "last_modified": first + 5}])
        return answer

    follow(pair, "--overlap", "0s", master=proxied(Scripted(pair.master.url, script)).url)
    assert_a_poller_sees_nothing(pair.master, name, *newest)
    records.wait_same(pair.master, pair.replica, name, "both changes arrive")
    assert records.stored(pair.replica, name)["r0"]["title"] == "late"


def test_hazard_03_a_paging_that_breaks_off_leaves_no_gap(pair, name, rng, proxied, daemon):
    """Kinto lists the newest first, so who breaks off and goes on from the newest that he has, never sees the rest."""
    made = records.random_records(rng, 600)
    records.load(pair.master, name, made)
    records.load(pair.replica, name, [])
    in_order = [row["id"] for row in records.stored(pair.master, name).values()]
    with records.session(pair.master) as web:
        listed = web.get(records.records_url(pair.master, name), params={"_limit": 2}, timeout=30).json()["data"]
    assert [row["id"] for row in listed] == in_order[:-3:-1]
    second_page = threading.Event()

    def script(request: Request, forward: Callable[[Request], Response]) -> Response:
        if "_token=" in request.path:
            second_page.wait(60)
        return forward(paged(request, 300))

    front = proxied(Scripted(pair.master.url, script))
    running = daemon(*mirror.servers(front.url, pair.replica.url), "--collections", name)
    wait_until(lambda: records.count(pair.replica, name) >= 200, "records of the first page have arrived")
    running.kill()
    second_page.set()
    half = records.stored(pair.replica, name)
    assert len(half) < 600
    assert list(half) == in_order[:len(half)], "what arrived is the oldest, without a gap"
    pair.once("--collections", name).expect(0)
    assert len(records.assert_same(pair.master, pair.replica, name)) == 600


@pytest.mark.parametrize("change", ["create", "update"])
def test_hazard_04_a_past_stamp_is_found(each_backend, name, follow, change):
    """A create changes the count, which a probe sees when the overlap is over; an update changes the record only."""
    records.load(each_backend.master, name, [*three(), {"id": "old", "title": "first", "last_modified": 1000}])
    follow(each_backend, "--overlap", "0s", *(() if change == "create" else ("--audit-interval", "1s")))
    newest = records.etag(each_backend.master, name)
    record_id = "new" if change == "create" else "old"
    records.put(each_backend.master, name, [{"id": record_id, "title": "past", "last_modified": 2000}])
    assert_a_poller_sees_nothing(each_backend.master, name, newest)
    records.wait_same(each_backend.master, each_backend.replica, name, "the change arrives")
    assert records.stored(each_backend.replica, name)[record_id] == {"id": record_id, "title": "past",
                                                                     "last_modified": 2000}


def test_hazard_05_an_etag_that_goes_back_is_followed(pg_pair, name, follow):
    """A tombstone was the newest, and the record is put again below it, far from where a cursor would look."""
    records.load(pg_pair.master, name, [record | {"last_modified": OLD + n} for n, record in enumerate(three())])
    records.delete(pg_pair.master, name, "r2")
    follow(pg_pair, "--overlap", "0s")
    before = records.etag(pg_pair.master, name)
    records.put(pg_pair.master, name, [{"id": "r2", "title": "again", "last_modified": OLD + 10}])
    assert records.etag(pg_pair.master, name) < before
    records.wait_same(pg_pair.master, pg_pair.replica, name, "the record is back")
    records.put(pg_pair.master, name, [{"id": "r0", "title": "afterwards"}])
    records.wait_same(pg_pair.master, pg_pair.replica, name, "it goes on following")


def test_hazard_06_a_stamp_too_far_ahead_stops_nothing(each_backend, name, follow):
    """Kinto refuses `_since` from a day ahead on, and gives every later change a stamp above the future one."""
    records.load(each_backend.master, name, three())
    follow(each_backend)
    future = int(time.time() * 1000) + 48 * HOUR
    records.put(each_backend.master, name, [{"id": "future", "last_modified": future}])
    with records.session(each_backend.master) as web:
        answer = web.get(records.records_url(each_backend.master, name), params={"_since": future}, timeout=30)
    assert answer.status_code == 400
    records.wait_same(each_backend.master, each_backend.replica, name, "the future one arrives")
    records.put(each_backend.master, name, [{"id": "r0", "title": "second"}])
    assert records.stored(each_backend.master, name)["r0"]["last_modified"] > future
    records.wait_same(each_backend.master, each_backend.replica, name, "what comes after it arrives")
    records.delete(each_backend.master, name, "future")
    records.wait_same(each_backend.master, each_backend.replica, name, "a delete arrives")
    each_backend.check("--collections", name).expect(0)


def test_hazard_07_a_future_stamp_does_not_carry_the_cursor_away(pg_pair, name, follow):
    """The ETag is an hour ahead, so an overlap of a minute below it would not reach what is committed late now."""
    records.load(pg_pair.master, name, three())
    follow(pg_pair, "--overlap", "60s")
    with sql.held_put(pg_pair.master, name, {"id": "r0", "title": "late"}):
        future = int(time.time() * 1000) + HOUR
        records.put(pg_pair.master, name, [{"id": "r1", "title": "future", "last_modified": future}])
        wait_until(lambda: records.stored(pg_pair.replica, name)["r1"]["title"] == "future", "the future one arrives")
        newest = records.etag(pg_pair.master, name)
        assert int(newest.strip('"')) == future
    assert records.stored(pg_pair.master, name)["r0"]["last_modified"] < future - HOUR // 2
    assert_a_poller_sees_nothing(pg_pair.master, name, newest)
    records.wait_same(pg_pair.master, pg_pair.replica, name, "the late one arrives")


def test_hazard_37_equal_counts_are_not_taken_for_equality(each_backend, name):
    """As many records, and one of them is another."""
    made = [{"id": one, "last_modified": 1000 + number} for number, one in enumerate("abcd")]
    records.load(each_backend.master, name, made[:3])
    records.load(each_backend.replica, name, [*made[:2], made[3]])
    assert records.count(each_backend.master, name) == records.count(each_backend.replica, name) == 3
    entry = each_backend.check("--extras", "delete").expect(1).collection(name)
    assert (entry["same"], entry["missing"], entry["extra"]) == (2, 1, 1)
    each_backend.once("--extras", "delete").expect(0)
    assert records.assert_same(each_backend.master, each_backend.replica, name).keys() == set("abc")
