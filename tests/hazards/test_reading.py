"""How lists are asked for: fields, pages and where the next one is."""

import pytest

from harness import mirror, records
from harness.faults import Pages, Scripted, paged
from harness.proxy import Proxy


def test_hazard_22_fields_drop_the_mark_of_a_tombstone(each_backend, name, rng, proxied):
    """An audit asks for few fields, and still tells a tombstone from a record."""
    master, replica = each_backend.master, each_backend.replica
    made = records.random_records(rng, 30)
    records.load(master, name, made)
    each_backend.once("--collections", name).expect(0)
    for record in made[:3]:
        records.delete(master, name, record["id"])
    with records.session(master) as web:
        for fields, marked in (("last_modified", 0), ("deleted", 3)):
            query = {"_since": 0, "_fields": fields}
            listed = web.get(records.records_url(master, name), params=query, timeout=30).json()["data"]
            assert len(listed) == 30
            assert sum("deleted" in row for row in listed) == marked

    watched = proxied(Proxy(master.url))
    result = mirror.run("run", "--once", "--json", *mirror.servers(watched.url, replica.url), "--collections", name)
    entry = result.expect(0).collection(name)
    assert [request for request in watched.requests if "_fields=" in request.path], "it asks for few fields"
    assert (entry["deleted"], entry["same"]) == (3, 27)
    records.assert_same(master, replica, name, tombstones=True)


def test_hazard_35_credentials_do_not_follow_next_page_to_another_origin(pair, name, rng, proxied):
    """Kinto makes the URL of the next page from the Host header, so that it may name anybody."""
    master, replica = pair.master, pair.replica
    records.load(master, name, records.random_records(rng, 35))
    elsewhere = proxied(Proxy(master.url))
    sent_to: set[str] = set()

    def script(request, forward):
        request.headers["Host"] = f"127.0.0.1:{elsewhere.port}"
        answer = forward(paged(request, 10))
        sent_to.update(value for key, value in answer.headers if key == "Next-Page")
        return answer

    front = proxied(Scripted(master.url, script))
    mirror.run("run", "--once", *mirror.servers(front.url, replica.url)).expect(0)
    assert sent_to and all(url.startswith(elsewhere.origin) for url in sent_to)
    assert len(records.assert_same(master, replica, name)) == 35
    assert elsewhere.requests == []


@pytest.mark.parametrize("verb", ["load", "audit"])
def test_hazard_36_equal_stamps_at_a_page_edge(pair, name, proxied, verb):
    """The memory backend allows them, and pages that are sorted by stamp alone lose them."""
    made = [{"id": f"r{i}", "n": i, "last_modified": 5000} for i in range(5)]
    records.load(pair.master, name, made)
    fronts = [proxied(Pages(server.url, 2)) for server in (pair.master, pair.replica)]
    with records.session(pair.master) as web:
        rows: list[dict] = []
        url: str | None = f"{records.records_url(pair.master, name)}?_sort=last_modified&_limit=2"
        while url:
            answer = web.get(url, timeout=30)
            rows += answer.json()["data"]
            url = answer.headers.get("Next-Page")
    assert len(rows) < 5, "sorted by stamp alone"

    if verb == "audit":
        pair.once("--collections", name).expect(0)
        records.delete(pair.replica, name, "r3")
        assert records.count(pair.replica, name) == 4
    mirror.run("run", "--once", *mirror.servers(*(front.url for front in fronts)), "--collections", name).expect(0)
    assert len(records.assert_same(pair.master, pair.replica, name)) == 5
