"""The --json report has exactly the documented shape, alone on stdout."""

import json

import pytest

from harness import mirror, records

COUNTS = {"master", "replica", "created", "updated", "deleted", "same", "missing", "differs", "extra"}
COLLECTION = {"id", "state", "quarantined"} | COUNTS
CONTAINERS = {"same", "created", "updated", "deleted", "differences", "state"}


@pytest.mark.parametrize("command", [("run", "--once"), ("check",), ("run", "--once", "--dry-run")], ids=" ".join)
def test_the_keys_are_exactly_the_documented_ones(pair, name, rng, command):
    records.load(pair.master, name, records.random_records(rng, 3))
    report = json.loads(mirror.run(*command, "--json", *pair.args).out)
    assert report.keys() == {"in_sync", "replicas"}
    assert isinstance(report["in_sync"], bool)
    (replica,) = report["replicas"]
    assert replica.keys() == {"name", "url", "collections", "containers"}
    assert replica["containers"].keys() == CONTAINERS
    assert all(one.keys() == {"id", "kind", "reason"} for one in replica["containers"]["differences"])
    (entry,) = replica["collections"]
    # A replica that has no such collection does not show it, which is noted; and what it lacks is named.
    assert entry.keys() == (COLLECTION if command == ("run", "--once") else COLLECTION | {"notes", "differences"})
    assert entry["id"] == name
    assert all(type(entry[key]) is int for key in COUNTS)
    assert entry["quarantined"] == []


def test_in_sync_and_the_exit_code_agree(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 3))
    before = pair.check().expect(1)
    after = pair.once().expect(0)
    assert (before.report["in_sync"], after.report["in_sync"]) == (False, True)
    assert after.collection(name)["state"] == "in-sync"
    assert before.collection(name)["state"] != "in-sync"


def test_the_flags_may_stand_before_the_command(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 2))
    mirror.run(*pair.args, "--json", "run", "--once").expect(0)
    records.assert_same(pair.master, pair.replica, name)
    mirror.run(*pair.args, "--json", "check").expect(0)


def test_without_json_the_report_is_for_people(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 3))
    result = mirror.run("run", "--once", *pair.args).expect(0)
    assert name in result.out
    with pytest.raises(json.JSONDecodeError):
        json.loads(result.out)


def test_the_report_says_why(pair, name, rng):
    """Of a collection, of a replica, and of the run; and only where there is something to say."""
    records.load(pair.master, name, records.random_records(rng, 3))
    absent = pair.once("--collections", f"{name},{name}-absent,typo*/*").expect(1, 69, 77)
    entry = absent.collection(f"{name}-absent")
    assert entry["state"] == "not-shown"
    assert "the master does not show this collection" in entry["reason"]
    assert entry["error"]["kind"] in ("forbidden", "not found") and "404" in entry["error"]["message"]
    assert absent.collection(name).keys() == COLLECTION
    (notice,) = absent.report["notices"]
    assert notice["replica"] == "replica" and "typo*/*" in notice["message"] and "collection" not in notice

    refused = mirror.run("check", "--json", *mirror.servers(pair.master.url, "http://127.0.0.1:9/v1")).expect(69)
    (replica,) = refused.report["replicas"]
    assert replica["error"]["kind"] == "unreachable" and "http://127.0.0.1:9" in replica["error"]["message"]
