"""Ids, bodies and numbers that one server holds and the other alters or refuses."""

import re

import pytest
import requests

from harness import mirror, records
from harness.kinto import BACKENDS, DEFAULTS
from harness.servers import Pair
from harness.waiting import wait_until

# Without a Retry-After of some seconds on each 503, which would only make the tests slow.
VALIDATING = {"kinto.experimental_collection_schema_validation": "true", "kinto.retry_after_seconds": "0"}

NUMBERS = {
    "big": "1e22", "minus_zero": "-0.0", "largest": "1.7976931348623157e308", "past_2_53": "9007199254740993",
    "trailing": "1.10", "long": "949.3012028926441", "whole": "1.0", "tiny": "5e-324", "int64": "9223372036854775807",
}
BODY = "{" + ", ".join(f'"{key}": {text}' for key, text in NUMBERS.items()) + "}"
# Magnitudes that survive every copy on both backends; the others may be rewritten on entry.
ORDINARY = ("past_2_53", "trailing", "long", "whole", "int64")


def put_raw(server, url: str, data: str) -> None:
    answer = records.session(server).put(url, data=f'{{"data": {data}}}'.encode(), timeout=30,
                                         headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 201), answer.text


def raw_numbers(server, url: str) -> dict[str, str]:
    """The numbers as the server spells them."""
    answer: requests.Response = records.session(server).get(url, timeout=30)
    assert answer.ok, answer.text
    return {key: re.search(rf'"{key}":\s*([^,}}\s]+)', answer.text)[1] for key in NUMBERS}


def test_hazard_19_a_null_character_is_quarantined(servers, name, rng, daemon):
    """Stored on memory, a 503 for ever on PostgreSQL. The others arrive, and it does too once it is mended."""
    pair = Pair(servers.get("memory", "master"), servers.get("postgresql", "replica", VALIDATING))
    good = records.random_records(rng, 30)
    poison = {"id": "poison", "title": "a\0b"}
    records.load(pair.replica, name, [])
    with records.session(pair.replica) as web:
        refused = web.put(f"{records.records_url(pair.replica, name)}/poison", json={"data": poison}, timeout=30)
    assert refused.status_code == 503
    records.load(pair.master, name, [*good[:15], poison, *good[15:]])

    running = daemon(*pair.args, "--collections", name, "--interval", "200ms")
    wait_until(lambda: '"poison' in running.log() or "/poison" in running.log(), "it is told")
    wait_until(lambda: records.count(pair.replica, name) == 30, "the others have arrived")
    records.put(pair.master, name, [{"id": "after", "title": "the poison"}])
    wait_until(lambda: records.count(pair.replica, name) == 31, "it goes on")
    running.stop()
    result = pair.once("--collections", name).expect(1)
    (entry,) = result.collection(name)["quarantined"]
    assert entry.keys() == {"id", "status", "reason"}
    assert (entry["id"], entry["status"], result.collection(name)["state"]) == ("poison", 503, "degraded")
    assert entry["reason"] and result.report["in_sync"] is False
    records.put(pair.master, name, [{"id": "poison", "title": "mended"}])
    pair.once("--collections", name).expect(0)
    assert len(records.assert_same(pair.master, pair.replica, name)) == 32


@pytest.mark.parametrize("path", ["load", "update"])
def test_hazard_20_numbers_arrive_byte_for_byte(each_pair, name, path):
    """What arrives must be what the replica makes of the master's own bytes, and not of a JSON library's."""
    master, replica = each_pair.master, each_pair.replica
    records.load(master, name, [{"id": "numbers", "big": 0}] if path == "update" else [])
    if path == "update":
        each_pair.once().expect(0)
    put_raw(master, f"{records.records_url(master, name)}/numbers", BODY)
    sent = raw_numbers(master, f"{records.records_url(master, name)}/numbers")

    each_pair.once().expect(0)

    got = raw_numbers(replica, f"{records.records_url(replica, name)}/numbers")
    # The oracle: the master's bytes, put by hand into the same replica.
    records.load(replica, "by-hand/articles", [])
    by_hand = f"{records.records_url(replica, 'by-hand/articles')}/numbers"
    put_raw(replica, by_hand, "{" + ", ".join(f'"{key}": {text}' for key, text in sent.items()) + "}")
    assert got == raw_numbers(replica, by_hand)
    assert {key: got[key] for key in ORDINARY} == {key: sent[key] for key in ORDINARY}


def test_hazard_21_a_live_record_that_says_deleted(each_pair, name):
    """It has a field of its own named `deleted`. In a list with tombstones it looks like one of them."""
    master, replica = each_pair.master, each_pair.replica
    records.load(master, name, [{"id": "plain"}, {"id": "looks-dead", "deleted": True, "v": 1}, {"id": "dead"}])
    records.delete(master, name, "dead")
    listed = records.stored(master, name, tombstones=True)
    assert listed["looks-dead"]["deleted"] is listed["dead"]["deleted"] is True
    assert records.count(master, name) == (2 if master.backend == "postgresql" else 1)

    for version in range(2):
        each_pair.once("--collections", name).expect(0)
        for server in (master, replica):
            with records.session(server) as web:
                alive = web.get(f"{records.records_url(server, name)}/looks-dead", timeout=30)
            assert alive.json()["data"] == records.stored(master, name, tombstones=True)["looks-dead"]
        assert records.stored(replica, name, tombstones=True) == {
            key: row for key, row in records.stored(master, name, tombstones=True).items() if key != "dead"}
        records.put(master, name, [{"id": "looks-dead", "deleted": True, "v": 2 + version}])
    records.delete(master, name, "looks-dead")
    each_pair.once("--collections", name).expect(0)
    with records.session(replica) as web:
        assert web.get(f"{records.records_url(replica, name)}/looks-dead", timeout=30).status_code == 404


@pytest.mark.parametrize("backend", BACKENDS)
def test_hazard_39_a_replica_that_validates(servers, name, backend):
    """It puts a `schema` of its own into each record, refuses some of them, and may not lead us to endless updates."""
    pair = Pair(servers.get("memory", "master"), servers.get(backend, "replica", VALIDATING))
    bucket, collection = name.split("/")
    records.load(pair.master, name, [{"id": f"r{n}", "title": "good"} for n in range(5)] + [{"id": "bad", "title": 5}])
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    pair.master.client().patch_collection(id=collection, bucket=bucket, data={"schema": schema})

    for created in (5, 0):
        entry = pair.once("--collections", name).expect(1).collection(name)
        assert (entry["created"], entry["updated"], entry["deleted"], entry["differs"]) == (created, 0, 0, 0)
        assert [(one["id"], one["status"]) for one in entry["quarantined"]] == [("bad", 400)]
    found, wanted = records.stored(pair.replica, name), records.stored(pair.master, name)
    of_collection = pair.replica.client().get_collection(id=collection, bucket=bucket)["data"]["last_modified"]
    assert {row.pop("schema") for row in found.values()} == {of_collection}
    assert found == {key: row for key, row in wanted.items() if key != "bad"}


NEWLINE = "a\n"
@pytest.fixture
def odd_id(each_backend, name) -> Pair:
    """Both sides have the records `a` and `a` with a newline, which Kinto takes for two."""
    records.load(each_backend.master, name, [{"id": "z"}])
    for one in ("a", NEWLINE):
        put_raw(each_backend.master, url_of(each_backend.master, name, one), '{"v": 1}')
    each_backend.once("--collections", name).expect(0)
    assert records.assert_same(each_backend.master, each_backend.replica, name).keys() == {"a", NEWLINE, "z"}
    return each_backend


def url_of(server, name: str, record_id: str) -> str:
    return f"{records.records_url(server, name)}/{requests.utils.quote(record_id)}"


def delete(server, name: str, record_id: str) -> None:
    records.session(server).delete(url_of(server, name, record_id), timeout=30).raise_for_status()


@pytest.mark.parametrize("gone", ["a", NEWLINE])
def test_hazard_40_an_id_that_ends_in_a_newline(odd_id, name, gone):
    delete(odd_id.master, name, gone)
    odd_id.once("--collections", name).expect(0)
    left = records.assert_same(odd_id.master, odd_id.replica, name, tombstones=True)
    assert {key for key, row in left.items() if row.get("deleted")} == {gone}


def test_hazard_40_such_a_record_is_updated(odd_id, name):
    put_raw(odd_id.master, url_of(odd_id.master, name, NEWLINE), '{"v": 2}')
    odd_id.once("--collections", name).expect(0)
    assert records.assert_same(odd_id.master, odd_id.replica, name)[NEWLINE]["v"] == 2


def test_hazard_40_the_delete_of_such_a_record_is_followed(odd_id, name, daemon):
    """The master's next change arrives after it, so that nothing needs to wait for long."""
    daemon(*odd_id.args, "--collections", name, "--interval", "100ms")
    delete(odd_id.master, name, NEWLINE)
    records.put(odd_id.master, name, [{"id": "z", "v": "after"}])
    wait_until(lambda: records.stored(odd_id.replica, name)["z"].get("v") == "after", "the later change has arrived")
    records.assert_same(odd_id.master, odd_id.replica, name, tombstones=True)


def test_hazard_40_the_default_bucket_is_never_copied(servers):
    """It stands for another bucket for each user, so it means nothing to somebody else."""
    plugin = {"kinto.includes": DEFAULTS["kinto.includes"] + " kinto.plugins.default_bucket"}
    master, replica = (servers.get("memory", role, plugin) for role in ("master", "replica"))
    master.client().create_record(bucket="default", collection="notes", id="mine", data={"private": True})
    result = mirror.run("run", "--once", *mirror.servers(master.url, replica.url), "--collections", "default/notes")
    assert result.code in (0, 1, 64, 77), result.err
    assert records.bucket_ids(replica) <= {"kinto-mirror"}


def test_hazard_41_refused_records_do_not_poison_their_batch(servers, name, rng):
    """Three among many, in one batch: a 400 that leaves the others, and a 503 that takes all of them back."""
    pair = Pair(servers.get("memory", "master"), servers.get("postgresql", "replica", VALIDATING))
    bucket, collection = name.split("/")
    good = records.random_records(rng, 40)
    bad = [{"id": "number", "title": 5}, {"id": "null", "title": "a\0b"}, {"id": "object", "title": {}}]
    records.load(pair.master, name, [*good[:5], bad[0], *good[5:12], bad[1], *good[12:20], bad[2], *good[20:]])
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    pair.master.client().patch_collection(id=collection, bucket=bucket, data={"schema": schema})

    entry = pair.once("--collections", name).expect(1).collection(name)

    assert {(one["id"], one["status"]) for one in entry["quarantined"]} == {
        ("number", 400), ("null", 503), ("object", 400)}
    assert (entry["created"], entry["state"]) == (40, "degraded")
    wanted = records.stored(pair.master, name)
    found = {key: {k: v for k, v in row.items() if k != "schema"}
             for key, row in records.stored(pair.replica, name).items()}
    assert found == {record["id"]: wanted[record["id"]] for record in good}
