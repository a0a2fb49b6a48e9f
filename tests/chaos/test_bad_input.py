"""Answers that no Kinto gives: each is an error that says what is wrong, and nothing is taken from it."""

import json
import re
from collections.abc import Callable

import pytest

from harness import mirror, records
from harness.altered import Alteration, Alters, body, bytes_of, cut, each_record, gigabyte, header, pretend, web_page
from harness.faults import Scripted
from harness.proxy import Proxy, Request, Response
from harness.servers import Pair

# MiB. The daemon gives up at 64 MiB, and holds twice as much while its buffer grows. What the allocator keeps comes on
# top where the requests before were large as well.
PAGE_LIMIT, BATCH_LIMIT = 150, 200
WHOLE = r"articles/records\?(?=.*(since|not_last_modified))"  # not what is asked about tombstones besides

PAGES: dict[str, tuple[Alteration, str]] = {
    "cut": (cut, "cut"),
    "data-is-no-list": (body(lambda page: page | {"data": "none"}), "'data' that is no list"),
    "no-data": (body(lambda page: {"rows": page["data"]}), "without 'data'"),
    "record-is-no-object": (each_record(lambda record: record["id"]), "object"),
    "id-is-a-number": (each_record(lambda record: record | {"id": 7}), "id is no string"),
    "stamp-is-a-string": (each_record(lambda record: record | {"last_modified": str(record["last_modified"])}),
                          "last_modified is no integer"),
    "no-stamp": (each_record(lambda record: {"id": record["id"]}), "without id or last_modified"),
    "two-ids": (bytes_of(b'"id":', b'"id":"another","id":'), "has its id twice"),
    "two-stamps": (bytes_of(b'"last_modified":', b'"last_modified":1,"last_modified":'), "has its last_modified twice"),
    "stamp-with-a-zero-before-it": (bytes_of(b'"last_modified":', b'"last_modified":0'), "malformed object"),
    "no-utf-8": (bytes_of(b'"id":"', b'"id":"\xff'), "malformed object"),
    "etag-is-no-number": (header("ETag", '"abc"'), "ETag that is no stamp"),
    "next-page-without-token": (header("Next-Page", "http://127.0.0.1/v1/buckets"), "Next-Page without _token"),
    "web-page": (web_page, "no JSON"),
    "list": (body(lambda page: page["data"]), "no JSON"),
}
BATCHES: dict[str, tuple[Alteration, str]] = {
    "cut": (cut, "a batch answer"),
    "too-few": (body(lambda batch: {"responses": batch["responses"][1:]}), "requests was answered by"),
    "none": (body(lambda batch: {"responses": []}), "requests was answered by 0"),
    "status-is-a-string": (body(lambda batch: {"responses": [one | {"status": str(one["status"])}
                                                             for one in batch["responses"]]}), "without a status"),
}
PAGES_FOR_BATCHES: dict[str, Alteration] = {
    "no-responses": body(lambda batch: {"answers": batch["responses"]}), "web-page": web_page,
}

each_side = pytest.mark.parametrize("side", ["master", "replica"])


@pytest.fixture
def changed(pair, name) -> Pair:
    """Replica and master were equal once; now some records are edited, deleted and new."""
    records.load(pair.master, name, [{"id": f"r{i}", "title": "first"} for i in range(6)])
    pair.once("--collections", name).expect(0)
    records.put(pair.master, name, [{"id": f"r{i}", "title": "second"} for i in (1, 2, 7, 8)])
    records.delete(pair.master, name, "r3")
    return pair


def args_through(pair: Pair, side: str, front: Proxy, name: str) -> list[str]:
    urls = {"master": pair.master.url, "replica": pair.replica.url} | {side: front.url}
    return ["run", "--once", "--json", *mirror.servers(urls["master"], urls["replica"]), "--collections", name]


def assert_refused(result: mirror.Result, side: str, front: Proxy, request: str, complaint: str) -> None:
    """The error names the server, the request and what is wrong with the answer."""
    result.expect(69, 1)
    assert result.report["in_sync"] is False
    method, path = request.split()
    # The first line tells all addresses, whose ports may hold any number.
    told = [line for line in result.err.splitlines() if complaint in line and '"daemon.start"' not in line]
    assert told, f"not said: {complaint}\n{result.err}"
    for word in (f"{side}", f":{front.port}/", f"{method} ", path):
        assert word in told[0]


@each_side
@pytest.mark.parametrize("what", PAGES)
def test_a_page(changed, name, proxied, side, what):
    alter, complaint = PAGES[what]
    front = proxied(Alters(getattr(changed, side).url, "GET", "/articles/records", alter))
    before = records.stored(changed.replica, name, tombstones=True)

    result = mirror.run(*args_through(changed, side, front, name))

    assert_refused(result, side, front, "GET articles/records", complaint)
    assert front.altered > 0
    assert records.stored(changed.replica, name, tombstones=True) == before


def without_etag(request: Request, forward: Callable[[Request], Response]) -> Response:
    """Counts are asked in batches of nothing but reads."""
    answer = forward(request)
    if request.path.endswith("/batch") and not request.is_write:
        outer = json.loads(answer.body)
        for part in outer["responses"]:
            if "/articles/records" in part["path"]:
                part["headers"].pop("ETag", None)
        answer.body = json.dumps(outer).encode()
    return answer


@each_side
def test_an_answer_without_etag(changed, name, proxied, side):
    front = proxied(Scripted(getattr(changed, side).url, without_etag))
    before = records.stored(changed.replica, name, tombstones=True)
    result = mirror.run(*args_through(changed, side, front, name))
    assert_refused(result, side, front, "HEAD articles/records", "without count or ETag")
    assert records.stored(changed.replica, name, tombstones=True) == before


@each_side
def test_a_page_without_etag(changed, name, proxied, side):
    """A missing ETag must not be taken for a stamp."""
    front = proxied(Alters(getattr(changed, side).url, "GET", "/articles/records", header("ETag", None)))
    mirror.run(*args_through(changed, side, front, name))
    records.put(changed.master, name, [{"id": "r9", "title": "third"}])
    changed.once("--collections", name).expect(0)
    records.assert_same(changed.master, changed.replica, name)


@each_side
def test_a_next_page_on_another_host(changed, name, proxied, side):
    """The page is asked for where the first one was, and credentials go nowhere else."""
    elsewhere = proxied(Proxy(getattr(changed, side).url))
    link = f"{elsewhere.url}/buckets/b/collections/articles/records?_token=made-up"
    front = proxied(Alters(getattr(changed, side).url, "GET", WHOLE, header("Next-Page", link)))
    before = records.stored(changed.replica, name, tombstones=True)
    result = mirror.run(*args_through(changed, side, front, name))
    assert_refused(result, side, front, "GET articles/records", "400")
    assert elsewhere.requests == []
    assert any("_token=made-up" in request.path for request in front.requests)
    assert records.stored(changed.replica, name, tombstones=True) == before


@each_side
def test_a_next_page_that_is_the_page_itself(changed, name, proxied, side):
    def first_page(proxy: Proxy, request: Request) -> Response:
        request.path = re.sub(r"[?&]_token=same", "", request.path)
        return proxy.forward(request)

    link = f"{getattr(changed, side).url}/buckets?_token=same"
    front = proxied(Alters(getattr(changed, side).url, "GET", WHOLE, header("Next-Page", link), first_page))
    before = records.stored(changed.replica, name, tombstones=True)
    result = mirror.run(*args_through(changed, side, front, name))
    assert_refused(result, side, front, "GET articles/records", "leads to the page itself")
    assert records.stored(changed.replica, name, tombstones=True) == before


@pytest.mark.parametrize("what", BATCHES)
def test_an_answer_to_a_batch_that_was_not_carried_out(changed, name, proxied, what):
    alter, complaint = BATCHES[what]
    front = proxied(Alters(changed.replica.url, "POST", "/batch", alter, pretend))
    before = records.stored(changed.replica, name, tombstones=True)
    result = mirror.run(*args_through(changed, "replica", front, name))
    assert_refused(result, "replica", front, "POST /batch", complaint)
    assert result.collection(name)["created"] == 0
    assert records.stored(changed.replica, name, tombstones=True) == before


@pytest.mark.parametrize("what", BATCHES)
def test_an_answer_to_a_batch_that_was_carried_out(changed, name, proxied, what):
    """It is not taken for a success, but the next comparison finds the records there."""
    alter, _ = BATCHES[what]
    front = proxied(Alters(changed.replica.url, "POST", "/batch", alter))
    entry = mirror.run(*args_through(changed, "replica", front, name)).expect(0).collection(name)
    assert (front.altered, entry["same"]) == (1, 7)
    records.assert_same(changed.master, changed.replica, name)


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("what", PAGES_FOR_BATCHES)
def test_what_is_no_answer_to_a_batch_at_all_may_be_a_firewalls_and_others_are_tried(
        changed, name, proxied, what, carried_out):
    instead = [] if carried_out else [pretend]
    front = proxied(Alters(changed.replica.url, "POST", "/batch", PAGES_FOR_BATCHES[what], *instead))
    mirror.run(*args_through(changed, "replica", front, name)).expect(0)
    assert front.altered > 0
    records.assert_same(changed.master, changed.replica, name)


def assert_bounded(peak: int, limit: int) -> None:
    assert 0 < peak < limit * (4 if mirror.is_sanitized() else 1), f"{peak} MiB"


@each_side
def test_a_page_of_a_gigabyte(changed, name, proxied, side):
    front = proxied(Alters(getattr(changed, side).url, "GET", "articles/records", gigabyte))
    before = records.stored(changed.replica, name, tombstones=True)
    result, peak = mirror.run_watched(*args_through(changed, side, front, name))
    assert_refused(result, side, front, "GET articles/records", "exceeds the limit")
    assert records.stored(changed.replica, name, tombstones=True) == before
    assert_bounded(peak, PAGE_LIMIT)


def test_an_answer_of_a_gigabyte_to_a_batch(changed, name, proxied):
    """As if one of its records were the cause, the batch is split until each goes alone."""
    front = proxied(Alters(changed.replica.url, "POST", "/batch", gigabyte, pretend))
    result, peak = mirror.run_watched(*args_through(changed, "replica", front, name))
    result.expect(0)
    records.assert_same(changed.master, changed.replica, name)
    assert front.altered > 1
    assert_bounded(peak, BATCH_LIMIT)
