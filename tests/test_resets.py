"""A server that was emptied, restored or replaced is recognised by what it contains, and named."""

import json
import signal

import pytest

from harness import mirror, records
from harness.waiting import wait_until


def told(log: str) -> list[str]:
    lines = [json.loads(line) for line in log.splitlines() if '"sync.notice"' in line]
    return [line["Fields"]["msg"] for line in lines]


@pytest.fixture
def copied(each_pair, name, rng):
    records.load(each_pair.master, name, records.random_records(rng, 20))
    each_pair.once("--collections", name).expect(0)
    return each_pair


def test_an_emptied_master_is_named(copied, name):
    copied.master.flush()
    records.load(copied.master, name, [])
    (line,) = told(copied.once("--collections", name).expect(0).err)
    assert line == f"{name}: the master was emptied: it had 20 records"
    assert records.count(copied.replica, name) == 20


def test_a_master_that_was_emptied_and_written_again_is_named(copied, name):
    copied.master.flush()
    records.load(copied.master, name, [{"id": "new"}])
    (line,) = told(copied.once("--collections", name).expect(0).err)
    assert "has none of the 20 records that it had" in line


def test_records_that_the_replica_lost_are_named_and_come_back(copied, name, daemon):
    running = daemon(*copied.args, "--collections", name, "--interval", "300ms")
    wait_until(lambda: "following the master" in running.log(), "it follows, and has counted the replica")
    lost = sorted(records.stored(copied.replica, name))[:5]
    ids = ",".join(f'"{record_id}"' for record_id in lost)
    with records.session(copied.replica) as web:  # at once, so that no probe comes between two of them
        web.delete(records.records_url(copied.replica, name), params={"in_id": ids}, timeout=30).raise_for_status()
    wait_until(lambda: records.count(copied.replica, name) == 20, "they are back")
    wait_until(lambda: any("the replica lost 5 records" in line for line in told(running.log())), "it is told")
    records.assert_same(copied.master, copied.replica, name)


def test_sigusr1_compares_everything_at_once(copied, name, daemon):
    """What no probe sees: a record that was edited on the replica, its stamp moved."""
    running = daemon(*copied.args, "--collections", name, "--interval", "10m")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    record_id = min(records.stored(copied.replica, name))
    records.put(copied.replica, name, [{"id": record_id, "title": "edited"}])
    running.process.send_signal(signal.SIGUSR1)
    wait_until(lambda: records.stored(copied.replica, name)[record_id].get("title") != "edited", "it is repaired")
    wait_until(lambda: records.stored(copied.replica, name) == records.stored(copied.master, name), "all is equal")
    running.process.send_signal(signal.SIGUSR1)
    wait_until(lambda: running.log().count('"daemon.audit"') == 2, "it lives, and listens again")


def test_sigusr1_does_not_end_a_single_run(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 500))
    process = mirror.start("run", "--once", *pair.args)
    wait_until(lambda: records.count(pair.replica, name) > 0, "it writes")
    process.send_signal(signal.SIGUSR1)
    process.communicate(timeout=60)
    assert process.returncode == 0
