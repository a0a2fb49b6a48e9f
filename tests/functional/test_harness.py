"""The harness itself: a test that stands on a harness that cannot fail proves nothing."""

import pytest
import requests

from harness import one_backend, records
from harness.faults import Answers, LosesWrites
from harness.kinto import BACKENDS
from harness.waiting import wait_until


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_server_stores_records_with_their_own_stamps(servers, backend, name, rng):
    server = servers.get(backend, "master")
    made = [record | {"last_modified": 1000 + i} for i, record in enumerate(records.random_records(rng, 60))]
    records.load(server, name, made)
    assert records.stored(server, name) == {record["id"]: record for record in made}
    assert records.count(server, name) == 60


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_flush_leaves_nothing(servers, backend, name, rng):
    records.load(servers.get(backend, "master"), name, records.random_records(rng, 3))
    assert records.bucket_ids(servers.get(backend, "master")) == set()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_lowered_page_is_followed_to_the_end(servers, backend, name, rng):
    server = servers.get(backend, "small pages", {"kinto.storage_max_fetch_size": "10"})
    records.load(server, name, records.random_records(rng, 35))
    first = requests.get(records.records_url(server, name), auth=tuple(server.auth.split(":")), timeout=10).json()
    assert len(first["data"]) == 10
    assert len(records.stored(server, name)) == 35


def test_a_losing_proxy_answers_success_and_stores_less(servers, name, rng, proxied):
    server = servers.get("memory", "replica")
    records.load(server, name, [])
    proxy = proxied(LosesWrites(server.url, every=3))
    base = f"/buckets/{name.replace('/', '/collections/')}/records"
    made = records.random_records(rng, 7)
    body = {"defaults": {"method": "PUT"}, "requests": [
        {"path": f"{base}/{record['id']}", "body": {"data": record}} for record in made]}
    answer = requests.post(f"{proxy.url}/batch", json=body, auth=tuple(server.auth.split(":")), timeout=10).json()
    assert [sub["status"] for sub in answer["responses"]] == [201] * 7
    assert [sub["body"]["data"]["id"] for sub in answer["responses"]] == [record["id"] for record in made]
    assert proxy.lost == 2
    assert records.count(server, name) == 5


def test_an_answering_proxy_answers_only_what_matches(servers, proxied):
    server = servers.get("memory", "replica")
    proxy = proxied(Answers(server.url, r"/buckets$", 403, {"errno": 121}))
    auth = tuple(server.auth.split(":"))
    assert requests.get(f"{proxy.url}/buckets", auth=auth, timeout=10).status_code == 403
    assert requests.get(f"{proxy.url}/", auth=auth, timeout=10).status_code == 200
    assert [request.path for request in proxy.requests] == ["/v1/buckets", "/v1/"]


def test_waiting_fails_when_the_time_is_up():
    with pytest.raises(AssertionError, match="a thing that never comes"):
        wait_until(lambda: False, "a thing that never comes", timeout=0.2)


def test_a_sanitizer_sees_each_test_on_one_backend():
    pairs = [f"a.py::pairs[{m}-to-{r}]" for m in BACKENDS for r in BACKENDS]
    each = [f"a.py::each[{what}-{backend}]" for what in ("one", "two") for backend in BACKENDS]
    alone = ["a.py::alone", "a.py::alone[postgresql]", "a.py::other[in-memory-store]"]
    kept = set(pairs + each + alone) - one_backend.left_out(pairs + each + alone)
    assert len(kept & set(pairs)) == 1
    assert {one.rsplit("-", 1)[0] for one in kept & set(each)} == {"a.py::each[one", "a.py::each[two"} and len(kept) == 6
    assert set(alone) <= kept
    many = [f"a.py::test_{number}[{backend}]" for number in range(100) for backend in BACKENDS]
    assert 30 < sum("memory" in one for one in one_backend.left_out(many)) < 70
