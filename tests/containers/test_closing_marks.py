"""Readers that come from another server (hazards 66 to 68). kinto.js asks `_since` its stamp, and throws where the list
is empty under a higher ETag: it takes that for a flushed server. A closing mark gives it a change to go on from."""

import time

import pytest

from harness import mirror, records
from harness.containers import EVERYONE, FAST, assert_rests, collection_of, patch, put, soon
from harness.kinto import KintoServer
from harness.servers import Pair
from harness.status import StatusPages

OPEN = ("--readers", EVERYONE)


def load(server: KintoServer, name: str, count: int = 20) -> None:
    put(server, name.split("/")[0])
    put(server, collection_of(name), {}, {"read": [EVERYONE]})
    records.put(server, name, [{"id": f"r{n}", "n": n} for n in range(count)])


def stamp_of(server: KintoServer, name: str) -> int:
    return int(records.etag(server, name).strip('"'))


def assert_takes_no_fright(server: KintoServer, name: str, *stamps: int) -> None:
    """A reader who comes with any of these stamps: nothing new under his own ETag, or something new."""
    for since in stamps:
        with records.session(server) as web:
            answer = web.get(f"{records.records_url(server, name)}?_sort=-last_modified&_since={since}", timeout=60)
        etag = int(answer.headers["ETag"].strip('"'))
        assert answer.json()["data"] or etag <= since, f"nothing after {since} under the ETag {etag}"


def newest(server: KintoServer, name: str) -> int:
    return max(row["last_modified"] for row in records.stored(server, name, tombstones=True, marks=True).values())


def mark(server: KintoServer, name: str) -> dict | None:
    return records.stored(server, name, tombstones=True, marks=True).get(records.MARK)


@pytest.mark.parametrize("more", [OPEN, ("--permissions", "read")], ids=["readers", "read"])
def test_hazard_66_a_reader_who_comes_from_the_master(each_pair, name, more):
    load(each_pair.master, name)
    each_pair.once(*more).expect(0)
    assert_takes_no_fright(each_pair.replica, name, 0, stamp_of(each_pair.master, name), newest(each_pair.master, name))
    assert mark(each_pair.replica, name)["deleted"] and newest(each_pair.replica, name) == stamp_of(each_pair.replica, name)


def test_it_is_no_record_no_difference_and_no_extra(each_backend, name):
    """And none is written a second time."""
    load(each_backend.master, name)
    each_backend.once(*OPEN).expect(0)
    before = records.stored(each_backend.replica, name, tombstones=True, marks=True)
    for extras in ((), ("--extras", "delete")):
        for result in (each_backend.once(*OPEN, *extras), each_backend.check(*OPEN, *extras)):
            entry = result.expect(0).collection(name)
            assert (entry["state"], entry["extra"], entry["differs"], entry["missing"]) == ("in-sync", 0, 0, 0)
            assert (entry["same"], entry["master"], entry["replica"]) == (20, 20, 20)
    assert_rests(each_backend, *OPEN)
    assert records.stored(each_backend.replica, name, tombstones=True, marks=True) == before
    records.assert_same(each_backend.master, each_backend.replica, name)


def test_off_writes_none(each_backend, name):
    load(each_backend.master, name)
    each_backend.once(*OPEN, "--closing-marks", "off").expect(0)
    assert mark(each_backend.replica, name) is None
    records.assert_same(each_backend.master, each_backend.replica, name, tombstones=True)


def test_off_by_the_environment(pair, name):
    load(pair.master, name)
    mirror.run("run", "--once", *pair.args, *OPEN, environment={"KINTO_MIRROR_CLOSING_MARKS": "off"}).expect(0)
    assert mark(pair.replica, name) is None


def test_none_is_written_where_the_etag_is_the_newest_objects(each_backend, name):
    """The replica's collection was there before the master's newest record."""
    put(each_backend.replica, name.split("/")[0])
    put(each_backend.replica, collection_of(name), {}, {"read": [EVERYONE]})
    records.etag(each_backend.replica, name)
    time.sleep(0.05)
    load(each_backend.master, name)
    each_backend.once(*OPEN).expect(0)
    assert mark(each_backend.replica, name) is None
    assert stamp_of(each_backend.replica, name) == newest(each_backend.master, name)


def test_none_is_written_while_it_follows(each_backend, name, daemon):
    """What comes from the master has the highest stamp each time."""
    load(each_backend.master, name)
    pages = StatusPages(daemon(*each_backend.args, *FAST, *OPEN, "--listen", "127.0.0.1:0"))
    soon(lambda: pages.collection(name)["state"] == "in-sync", "it is loaded")
    soon(lambda: mark(each_backend.replica, name), "the load is closed")
    first = mark(each_backend.replica, name)
    for n in range(5):
        records.put(each_backend.master, name, [{"id": "r0", "n": 100 + n}])
        soon(lambda: records.stored(each_backend.replica, name) == records.stored(each_backend.master, name), "it arrives")
    records.delete(each_backend.master, name, "r1")
    soon(lambda: records.count(each_backend.replica, name) == 19, "it goes")
    time.sleep(1)
    assert mark(each_backend.replica, name) == first


def test_hazard_67_a_reader_between_two_replicas(servers, name):
    """Loaded one after the other, and both behind one name."""
    master = servers.get("memory", "master")
    pairs = [Pair(master, servers.get(backend, role)) for backend, role in
             (("memory", "replica"), ("postgresql", "replica"), ("memory", "second"))]
    load(master, name)
    for pair in pairs:
        pair.once(*OPEN).expect(0)
        time.sleep(0.1)
    stamps = [0, stamp_of(master, name), *(stamp_of(pair.replica, name) for pair in pairs)]
    for pair in pairs:
        # A stamp of a replica that was loaded later is above all of this one: nothing new is right then.
        assert_takes_no_fright(pair.replica, name, *stamps)
    records.put(master, name, [{"id": "new"}])
    for pair in pairs:
        pair.once(*OPEN).expect(0)
        assert_takes_no_fright(pair.replica, name, *stamps)
        records.assert_same(master, pair.replica, name)


def test_hazard_68_a_repair_that_raises_the_etag(each_backend, name, daemon):
    """A drifted record is deleted and put back under its old stamp; the replica's own readers know the stamp between."""
    load(each_backend.master, name)
    daemon(*each_backend.args, *FAST, *OPEN, "--audit-interval", "2s")
    soon(lambda: mark(each_backend.replica, name), "it is loaded")
    before = stamp_of(each_backend.replica, name)
    patch(each_backend.replica, f"{collection_of(name)}/records/r3", {"n": "drifted"})
    drifted = stamp_of(each_backend.replica, name)
    wanted = records.stored(each_backend.master, name)
    soon(lambda: records.stored(each_backend.replica, name) == wanted, "it is repaired")
    soon(lambda: newest(each_backend.replica, name) == stamp_of(each_backend.replica, name), "and closed")
    assert_takes_no_fright(each_backend.replica, name, before, drifted, stamp_of(each_backend.master, name))


def test_it_stays_out_of_the_masters_way(each_backend, name):
    """A record of the master's with that very id is a record like any other."""
    load(each_backend.master, name)
    records.put(each_backend.master, name, [{"id": records.MARK, "n": 1}])
    each_backend.once(*OPEN)
    assert records.assert_same(each_backend.master, each_backend.replica, name)[records.MARK]["n"] == 1


def test_nothing_is_written_by_check_or_in_a_dry_run(pair, name):
    load(pair.master, name)
    pair.once(*OPEN, "--closing-marks", "off").expect(0)
    before = stamp_of(pair.replica, name)
    pair.check(*OPEN)
    pair.once(*OPEN, "--dry-run")
    assert (mark(pair.replica, name), stamp_of(pair.replica, name)) == (None, before)
