"""A server that was emptied, restored or replaced is recognised by what it contains, and named."""

import json
import signal
from urllib.parse import urlsplit

import pytest

from harness import mirror, records
from harness.kinto import BACKENDS
from harness.polls import wait_for_polls, whole_listings
from harness.proxy import Proxy
from harness.waiting import wait_until


def told(log: str) -> list[str]:
    lines = [json.loads(line) for line in log.splitlines() if '"sync.notice"' in line]
    return [line["Fields"]["msg"] for line in lines]


class Switched(Proxy):
    """Leads to one server, and then to another one."""

    def lead_to(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream).netloc


def wait_for_audit(front: Proxy) -> None:
    """A whole one, from now on: the first that begins may have begun to read before."""
    begun = whole_listings(front)
    wait_until(lambda: whole_listings(front) > begun + 1, "everything was compared again")


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


def test_the_brake_holds_through_polls_audits_and_a_restart(each_backend, name, rng, daemon, proxied):
    """Fewer than the ten that are always allowed are left over, and all of them: that must not be forgotten."""
    master, replica = each_backend.master, each_backend.replica
    old = records.random_records(rng, 8)
    records.load(master, name, old)
    front = proxied(Proxy(master.url))
    args = (*mirror.servers(front.url, replica.url), "--collections", name, "--extras", "delete", "--interval", "200ms",
            "--audit-interval", "1s")
    running = daemon(*args)
    wait_until(lambda: "following the master" in running.log(), "it follows")
    assert records.count(replica, name) == 8
    master.flush()
    for number in range(3):
        records.load(master, name, [{"id": f"new-{number}"}])
        wait_until(lambda: f"new-{number}" in records.stored(replica, name), "what is new arrives", timeout=60)
        wait_for_audit(front)
        assert records.count(replica, name) == 9 + number
    assert "the brake holds: 8 records" in running.log()
    assert running.log().count("the brake holds") < 5
    running.stop()

    running = daemon(*args)
    for _ in range(2):
        wait_for_audit(front)
    wait_until(lambda: "the brake holds: 8 records" in running.log(), "it is told again")
    assert records.stored(replica, name).keys() == {*(one["id"] for one in old), "new-0", "new-1", "new-2"}
    running.stop()
    mirror.run("run", "--once", *args, "--max-delete", "100%").expect(0)
    assert records.assert_same(master, replica, name).keys() == {"new-0", "new-1", "new-2"}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_restored_master_is_compared_once_while_the_brake_holds(servers, name, rng, daemon, proxied, backend):
    """Its ETag went back. What it has now is where to go on from, though nothing of it is stored as in sync."""
    backup, master, replica = (servers.get(backend, role) for role in ("backup", "master", "replica"))
    records.load(backup, name, records.random_records(rng, 3))
    records.load(master, name, [*records.stored(backup, name).values(), *records.random_records(rng, 20)])
    assert records.etag(backup, name) < records.etag(master, name)
    front = proxied(Switched(master.url))
    running = daemon(*mirror.servers(front.url, replica.url), "--collections", name, "--extras", "delete",
                     "--interval", "100ms", "--audit-interval", "10m")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    compared = whole_listings(front)

    front.lead_to(backup.url)
    wait_until(lambda: "the brake holds: 20 records" in running.log(), "the brake is told")
    wait_for_polls(front)

    wanted = [f"{name}: the master's ETag went back; everything is compared anew",
              f"{name}: the master went back in time: it was restored from a backup, or replaced"]
    assert (told(running.log()), whole_listings(front)) == (wanted, compared + 1)
    records.put(backup, name, [{"id": "after"}])
    wait_until(lambda: "after" in records.stored(replica, name), "what is new arrives")
    wait_for_polls(front)
    assert (told(running.log()), whole_listings(front)) == (wanted, compared + 1)
    assert records.count(replica, name) == 24


def test_records_that_memory_does_not_count_start_no_audits(pair, name, daemon, proxied):
    """It leaves out live records with a member `deleted: true`, which a walk counts."""
    records.load(pair.master, name, [{"id": "plain"}, *({"id": f"d{n}", "deleted": True, "v": n} for n in range(3))])
    front = proxied(Proxy(pair.replica.url))
    running = daemon(*mirror.servers(pair.master.url, front.url), "--collections", name, "--interval", "100ms",
                     "--audit-interval", "10m")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    assert records.stored(pair.replica, name, tombstones=True) == records.stored(pair.master, name, tombstones=True)
    assert records.count(pair.replica, name) == 1
    running.process.send_signal(signal.SIGUSR1)  # an audit that writes nothing
    wait_until(lambda: whole_listings(front) == 2, "it compares")
    wait_for_polls(front)
    records.put(pair.master, name, [{"id": "later", "deleted": True, "v": 4}])
    wait_until(lambda: "later" in records.stored(pair.replica, name, tombstones=True), "it arrives")
    wait_for_polls(front)
    assert (told(running.log()), whole_listings(front)) == ([], 2)
