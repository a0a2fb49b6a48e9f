"""What one collection has been through, the last hour, and what is told of pages that nobody has."""

from urllib.parse import quote

import pytest

from harness import records
from harness.containers import FAST, put
from harness.servers import Pair
from harness.status import StatusPages, events, read_all
from harness.waiting import wait_until

SCHEMAS = {"kinto.experimental_collection_schema_validation": "true"}
TITLES_ARE_TEXT = {"type": "object", "properties": {"title": {"type": "string"}}}


def passes_of(pages: StatusPages, name: str) -> dict:
    answer = pages.get(f"/status?collection={quote(name, safe='')}")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json"
    [replica] = answer.json()["replicas"]
    [one] = replica["collections"]
    assert one["id"] == name
    return one


@pytest.fixture
def followed(pair, name, daemon):
    records.load(pair.master, name, [{"id": f"r{number}"} for number in range(5)])
    records.load(pair.master, f"{name}-other", [{"id": "r"}])
    running = daemon(*pair.args, *FAST, "--collections", f"{name},{name}-other", "--listen", "127.0.0.1:0",
                     "--log-level", "debug")
    pages = StatusPages(running)
    wait_until(lambda: pages.status()["in_sync"], "the pair is in sync")
    return pages, running


def test_the_last_twenty_passes_with_counts_and_times(followed, pair, name):
    pages, _ = followed
    [load] = passes_of(pages, name)["passes"]
    assert load["kind"] == "load" and load["state"] == "in-sync" and load["created"] == 5 and load["error"] is None
    assert load["master"] == load["replica"] == 5 and load["took_ms"] >= 0 and load["ended"] <= pages.status()["now"]
    for number in range(22):
        records.put(pair.master, name, [{"id": f"new-{number}"}])
        wait_until(lambda: passes_of(pages, name)["created"] == 6 + number, "it is copied and told", every=0.02)
    one = passes_of(pages, name)
    assert len(one["passes"]) == 20 and {past["kind"] for past in one["passes"]} == {"follow"}
    assert sum(past["created"] for past in one["passes"]) <= 22 and one["passes"][0]["ago"] <= one["passes"][-1]["ago"]
    assert one["passes"][0]["extra"] is None, "a follow cannot tell"
    assert set(one["for"].values()) == {None} and one["differences"] == [] and one["quarantine"] == []
    assert "passes" not in pages.collection(name)


def test_the_quarantine_in_full_and_how_long_it_stands(servers, name, daemon):
    master, replica = servers.get("memory", "master"), servers.get("memory", "replica", SCHEMAS)
    records.load(master, name, [{"id": f"bad-{number:02}", "title": 7} for number in range(25)])
    records.load(replica, name, [])
    put(replica, "{}/collections/{}".format(*name.split("/")), {"schema": TITLES_ARE_TEXT})
    pages = StatusPages(daemon(*Pair(master, replica).args, *FAST, "--metadata", "create", "--collections", name,
                               "--listen", "127.0.0.1:0"))
    wait_until(lambda: pages.collection(name)["quarantined"] == 25, "they are in quarantine")
    assert len(pages.collection(name)["quarantine"]) == 10, "the few that the whole state tells"
    one = passes_of(pages, name)
    assert [held["id"] for held in one["quarantine"]] == [f"bad-{number:02}" for number in range(25)]
    first = one["quarantine"][0]
    assert first["status"] == 400 and "string" in first["reason"] and first["tries"] == 1
    assert 0 < first["next_try"] <= 60 and first["last_modified"] > 0
    assert one["passes"][-1]["quarantined"] == 25 and one["for"]["trouble"] is not None
    wait_until(lambda: passes_of(pages, name)["quarantine"][0]["for"] > first["for"], "time goes on")


def test_since_when_a_container_differs(servers, name, daemon):
    """PostgreSQL has no null character, and so the replica refuses its metadata."""
    pair = Pair(servers.get("memory", "master"), servers.get("postgresql", "replica"))
    container = "{}/collections/{}".format(*name.split("/"))
    records.load(pair.master, name, [{"id": "r"}])
    put(pair.master, container, {"text": "a\u0000b"})
    pages = StatusPages(daemon(*pair.args, *FAST, "--collections", name, "--listen", "127.0.0.1:0"))
    [difference] = wait_until(lambda: pages.replica()["containers"]["differences"], "what is refused is told")
    assert difference["kind"] == "quarantined" and difference["id"] == container
    wait_until(lambda: pages.replica()["containers"]["differences"][0]["for"] > difference["for"], "time goes on")
    told = pages.get(f"/status?collection={quote(name, safe='')}").json()
    assert [one["id"] for one in told["replicas"][0]["containers"]["differences"]] == [container]


@pytest.mark.parametrize("query, status, words", [
    ("collection=nobody%2Fnothing", 404, "no collection nobody/nothing is followed"),
    ("collection=nobody", 404, "BUCKET/COLLECTION"),
    ("collection=", 404, "BUCKET/COLLECTION"),
    ("collection=%3Cimg%3E%2F%22x%0A", 404, "no collection <img>/"),
])
def test_a_collection_that_is_not_there_is_told_in_a_sentence(followed, query, status, words):
    pages, _ = followed
    answer = pages.get(f"/status?{query}")
    assert answer.status_code == status and answer.headers["Content-Type"] == "application/json"
    assert words in answer.json()["message"] and answer.json()["code"] == status


def test_what_is_not_percent_encoded_is_told_too(followed):
    pages, _ = followed
    with pages.connect() as connection:
        connection.sendall(b"GET /status?collection=a%2 HTTP/1.1\r\nConnection: close\r\n\r\n")
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 400 ") and b"a value is not percent-encoded" in answer


def test_the_last_hour(followed, pair, name):
    pages, _ = followed
    history = pages.get("/history").json()
    assert len(history["at"]) >= 1 and history["at"][-1] <= history["now"]
    assert history["master"]["name"] == "master" and [one["name"] for one in history["replicas"]] == ["replica"]
    records.put(pair.master, name, [{"id": f"new-{number}"} for number in range(7)])
    wait_until(lambda: len(pages.get("/history").json()["at"]) > len(history["at"]) + 1, "there are two samples more", timeout=30)
    later = pages.get("/history").json()
    replica = later["replicas"][0]
    assert sum(replica["written"]) == 5 + 1 + 7 and replica["lag"][-1] == 0
    assert replica["requests"][-1] > 0 and later["master"]["requests"][-1] > 0
    assert 9_000 < later["at"][-1] - later["at"][-2] < 15_000


def test_what_is_asked_for_is_logged_at_debug(followed):
    pages, running = followed
    assert pages.get("/__lbheartbeat__").ok and pages.get("/nowhere?x=secret-word").status_code == 404
    asked = wait_until(lambda: {(one["msg"], one["status"]) for one in events(running, "status.request")
                                if "nowhere" in one["msg"]}, "it is logged")
    assert asked == {("/nowhere: 404", 404)} and "secret-word" not in running.log()


def test_a_path_that_is_not_there_names_those_that_are(followed):
    pages, _ = followed
    answer = pages.get("/nowhere")
    assert answer.status_code == 404
    for path in ("/,", "/status", "/history", "/metrics", "/__heartbeat__", "/__lbheartbeat__", "/__version__"):
        assert path in answer.json()["message"]
