"""Records that the replica refuses, here by a schema of its own, while the daemon follows."""

import json
import signal
from typing import Any

import pytest

from harness import mirror, records
from harness.exchanges import Recording, writes
from harness.kinto import KintoServer
from harness.servers import Pair
from harness.status import events
from harness.waiting import wait_until
from harness.writers import Putting

pytestmark = pytest.mark.records_only

SCHEMAS = {"kinto.experimental_collection_schema_validation": "true"}
TITLES_ARE_TEXT = {"type": "object", "properties": {"title": {"type": "string"}}}
BAD = 7


def set_schema(server: KintoServer, name: str, schema: dict | None) -> None:
    bucket, collection = name.split("/")
    with records.session(server) as web:
        web.put(f"{server.url}/buckets/{bucket}/collections/{collection}",
                json={"data": {"schema": schema} if schema else {}}, timeout=30).raise_for_status()


@pytest.fixture
def strict(servers, name) -> Pair:
    """A replica that takes texts for titles only."""
    pair = Pair(servers.get("memory", "master"), servers.get("memory", "replica", SCHEMAS))
    records.load(pair.master, name, [{"id": f"r{i}", "title": "text"} for i in range(3)])
    pair.once("--collections", name).expect(0)
    set_schema(pair.replica, name, TITLES_ARE_TEXT)
    return pair


class Followed:
    """A daemon that has put the record `bad` into quarantine."""

    def __init__(self, pair: Pair, name: str, proxied, daemon):
        self.pair, self.name = pair, name
        self.front: Recording = proxied(Recording(pair.replica.url))
        self.args = [*mirror.servers(pair.master.url, self.front.url), "--interval", "100ms", "--collections", name]
        self.running: mirror.Daemon = daemon(*self.args)
        wait_until(lambda: "following the master" in self.running.log(), "it follows")
        self.put("bad", BAD)
        self.put("good", "text")
        wait_until(lambda: len(self.refusals()) == 1, "the record is in quarantine")

    def put(self, record_id: str, title: object) -> None:
        records.put(self.pair.master, self.name, [{"id": record_id, "title": title}])

    def refusals(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.running.log().splitlines()]
        return [line["Fields"] for line in lines if line["Type"] == "sync.quarantine"]

    def tries(self) -> int:
        return sum(write.record == "bad" for write in writes(self.front.exchanges, self.name))

    def arrives(self, record_id: str, title: object) -> None:
        # A record in quarantine waits for a minute, so that this is no coincidence.
        wait_until(lambda: records.stored(self.pair.replica, self.name).get(record_id, {}).get("title") == title,
                   f"{record_id} has arrived", timeout=30)


@pytest.fixture
def followed(strict, name, proxied, daemon) -> Followed:
    return Followed(strict, name, proxied, daemon)


def test_it_is_named_and_does_not_hold_up_the_others(followed, name):
    followed.arrives("good", "text")
    (refusal,) = followed.refusals()
    assert (refusal["record"], refusal["status"], refusal["collection"]) == ("bad", 400, name)
    assert "title" in refusal["reason"] and "bad" in refusal["msg"]
    assert "bad" not in records.stored(followed.pair.replica, name)


def test_it_is_not_tried_at_each_poll(followed):
    followed.arrives("good", "text")
    before = followed.tries()
    for number in range(3):
        followed.put("good", f"text {number}")
        followed.arrives("good", f"text {number}")
    assert followed.tries() == before
    assert len(followed.refusals()) == 1


def test_a_new_version_is_tried_at_once(followed):
    followed.put("bad", "text")
    followed.arrives("bad", "text")
    wait_until(lambda: "works again" in followed.running.log(), "it is told that all is well")


def test_a_new_version_that_is_refused_too_is_named_again(followed):
    followed.put("bad", BAD + 1)
    wait_until(lambda: len(followed.refusals()) == 2, "it is in quarantine again")
    followed.put("bad", "text")
    followed.arrives("bad", "text")


def test_a_refused_update_leaves_the_old_version(followed, name):
    followed.put("r1", BAD)
    wait_until(lambda: len(followed.refusals()) == 2, "the update is refused")
    assert records.stored(followed.pair.replica, name)["r1"]["title"] == "text"
    records.delete(followed.pair.master, name, "r1")
    wait_until(lambda: "r1" not in records.stored(followed.pair.replica, name), "the delete has arrived")


def test_a_record_that_is_deleted_on_the_master_leaves_it(followed, name):
    records.delete(followed.pair.master, name, "bad")
    wait_until(lambda: "works again" in followed.running.log(), "nothing is refused any more")
    followed.pair.once("--collections", name).expect(0)


@pytest.mark.parametrize("how", ["signal", "restart"])
def test_once_the_replica_takes_it_an_audit_brings_it(followed, name, daemon, how):
    followed.arrives("good", "text")
    set_schema(followed.pair.replica, name, None)
    if how == "signal":
        followed.running.process.send_signal(signal.SIGUSR1)
    else:
        followed.running.kill()
        daemon(*followed.args)
    followed.arrives("bad", BAD)


def test_a_refused_update_is_on_the_replica_and_lacks_nothing(followed, name):
    """An audit counts what the replica has beyond the master's; later the update is taken, and nothing is missing."""
    followed.arrives("good", "text")
    followed.put("r1", BAD)
    wait_until(lambda: len(followed.refusals()) == 2, "the update is in quarantine")
    followed.running.process.send_signal(signal.SIGUSR1)
    wait_until(lambda: len(followed.refusals()) == 4, "an audit has tried both again")
    followed.put("r1", "another text")
    followed.arrives("r1", "another text")
    followed.put("last", "text")
    followed.arrives("last", "text")
    assert [line["msg"] for line in events(followed.running, "sync.notice")] == []


def test_a_master_whose_records_are_all_refused_was_not_emptied(servers, name):
    pair = Pair(servers.get("memory", "master"), servers.get("memory", "replica", SCHEMAS))
    records.load(pair.replica, name, [])
    set_schema(pair.replica, name, TITLES_ARE_TEXT)
    records.load(pair.master, name, [{"id": f"r{i}", "title": BAD} for i in range(3)])
    for _ in range(2):
        result = pair.once("--collections", name)
        assert len(result.report["replicas"][0]["collections"][0]["quarantined"]) == 3
    assert "emptied" not in result.err and "lost" not in result.err, result.err


def test_a_bad_record_that_is_written_again_and_again_is_quarantined(servers, name, daemon):
    """PostgreSQL takes no null character, and Kinto says 503 then, as for a database that is down for a moment."""
    pair = Pair(servers.get("memory", "master"), servers.get("postgresql", "replica"))
    records.load(pair.master, name, [{"id": "r1"}])
    running = daemon(*pair.args, "--collections", name, "--interval", "500ms")
    wait_until(lambda: "r1" in records.stored(pair.replica, name), "it follows")
    hot = Putting(pair.master, name, 2, lambda number: {"id": "hot", "text": "\0", "times": number})
    hot.start()
    wait_until(lambda: events(running, "sync.quarantine"), "it is told", timeout=40)
    hot.stop()
    assert {line["record"] for line in events(running, "sync.quarantine")} == {"hot"}
    records.put(pair.master, name, [{"id": "good"}])
    wait_until(lambda: "good" in records.stored(pair.replica, name), "what is newer has arrived")
    assert "hot" not in records.stored(pair.replica, name)
