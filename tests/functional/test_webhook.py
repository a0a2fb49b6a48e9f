"""The webhook: who purges caches, or is to be woken, is called when something has happened."""

import base64
import json
import time

import pytest

from harness import mirror, records
from harness.containers import FAST
from harness.control import Control
from harness.receiver import Receiver, is_signed
from harness.status import StatusPages, events, free_port
from harness.waiting import wait_until


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.close()


@pytest.fixture
def calling(pair, daemon, name):
    """A daemon that follows `name` and calls the webhook."""
    def start(url: str, *more: str):
        return daemon(*pair.args, *FAST, "--collections", name, "--notify-url", url, *more)
    return start


def changed(receiver: Receiver, name: str) -> dict[str, int]:
    told = receiver.told("changed")
    assert all((one["replica"], one["collection"]) == ("replica", name) for one in told), told
    return {key: sum(one[key] for one in told) for key in ("created", "updated", "deleted")}


def test_changes_are_told_with_their_numbers_and_signed(pair, name, rng, receiver, calling, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("whsec_" + base64.b64encode(b"a key of the receiver's").decode() + "\n")
    records.load(pair.master, name, [{"id": f"r{n}"} for n in range(3)])
    running = calling(f"{receiver.url}/purge?site=eu", "--notify-secret-file", str(secret))
    wait_until(lambda: receiver.told("in_sync"), "the load is told")
    assert receiver.told("in_sync") == [{"replica": "replica", "collection": name}]
    assert changed(receiver, name) == {"created": 3, "updated": 0, "deleted": 0}
    records.put(pair.master, name, [{"id": "r1", "n": 1}, {"id": "new"}])
    records.delete(pair.master, name, "r2")
    wait_until(lambda: changed(receiver, name) == {"created": 4, "updated": 1, "deleted": 1}, "changes are told")
    for headers, body in receiver.messages:
        assert headers["path"] == "/purge?site=eu" and headers["content-type"] == "application/json"
        assert is_signed(headers, body, b"a key of the receiver's") and not is_signed(headers, body + " ", b"a key of the receiver's")
        message = json.loads(body)
        assert message["type"] == "kinto-mirror.news" and message["data"]["omitted"] == 0
        assert message["timestamp"].startswith(time.strftime("%Y-%m-", time.gmtime()))
    assert len({headers["webhook-id"] for headers, _ in receiver.messages}) == len(receiver.messages)
    assert running.stop() == 0


def test_a_brake_needs_a_hand_and_its_release_is_told(pair, name, receiver, calling, tmp_path):
    records.load(pair.master, name, [{"id": "r"}])
    records.load(pair.replica, name, [{"id": f"own-{n}"} for n in range(30)])
    path = tmp_path / "control.sock"
    running = calling(receiver.url, "--extras", "delete", "--control", str(path))
    wait_until(lambda: receiver.told("needs_hand"), "the brake is told")
    [told] = receiver.told("needs_hand")
    assert (told["replica"], told["collection"], told["state"]) == ("replica", name, "brake")
    assert "30 records" in told["reason"]
    Control(path, running).order("release", name).expect(0)
    wait_until(lambda: receiver.told("in_sync"), "it came in sync")
    assert changed(receiver, name)["deleted"] == 30
    assert len(receiver.told("needs_hand")) == 1
    assert running.stop() == 0


def test_a_message_is_tried_again_until_it_is_taken(pair, name, receiver, calling):
    records.load(pair.master, name, [{"id": "r"}])
    answers = iter([500, 302])
    receiver.answer = lambda: next(answers, 200)
    running = calling(receiver.url)
    wait_until(lambda: len(receiver.messages) == 3, "a third try, after one and four seconds", timeout=20)
    assert len({body for _, body in receiver.messages}) == len({headers["webhook-id"] for headers, _ in receiver.messages}) == 1
    assert "webhook-signature" not in receiver.messages[0][0]
    assert not events(running, "webhook.failed")
    assert running.stop() == 0


def test_what_became_of_the_messages_is_told_by_status_and_metrics(pair, name, receiver, calling):
    records.load(pair.master, name, [{"id": "r"}])
    receiver.answer = lambda: 500
    running = calling(f"{receiver.url}/secret-path", "--listen", "127.0.0.1:0")
    pages = StatusPages(running)
    wait_until(lambda: pages.status()["webhook"]["state"] == "failing", "it is told that it fails")
    told = pages.status()["webhook"]
    assert told["delivered"] == 0 and told["retried"] >= 1 and told["last_delivered"] is None and told["failing_for"] >= 1
    assert "500" in told["error"]["message"] and "secret-path" not in json.dumps(told)
    assert pages.metrics()["kinto_mirror_webhook_failing"] == 1
    table = mirror.run("status", "--listen", pages.address).expect(0).out
    assert "webhook: failing, 0 delivered, 0 given up" in table and receiver.url in table and "secret-path" not in table
    receiver.answer = lambda: 200
    wait_until(lambda: pages.status()["webhook"]["state"] == "works", "it is told that it works", timeout=20)
    told, metrics = pages.status()["webhook"], pages.metrics()
    assert told["delivered"] == 1 and told["error"] is None and abs(told["last_delivered"] / 1000 - time.time()) < 20
    assert metrics["kinto_mirror_webhook_failing"] == 0
    assert metrics['kinto_mirror_webhook_deliveries_total{outcome="delivered"}'] == 1
    assert metrics['kinto_mirror_webhook_deliveries_total{outcome="retried"}'] == told["retried"]
    assert metrics["kinto_mirror_webhook_last_delivery_time_seconds"] == pytest.approx(told["last_delivered"] / 1000, abs=2)
    assert running.stop() == 0


def test_one_that_never_answers_is_in_nobodys_way(pair, name, receiver, calling):
    records.load(pair.master, name, [{"id": "r"}])
    receiver.answer = lambda: time.sleep(30) or 0
    running = calling(receiver.url)
    wait_until(lambda: receiver.messages, "it was called")
    records.put(pair.master, name, [{"id": "new"}])
    wait_until(lambda: records.count(pair.replica, name) == 2, "records are copied meanwhile")
    begun = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - begun < 5
    failed = events(running, "webhook.failed")
    assert failed and receiver.url in str(failed[0]), failed


def test_what_happened_last_is_told_before_the_end(pair, name, calling):
    port = free_port()
    records.load(pair.master, name, [{"id": "r"}])
    running = calling(f"http://127.0.0.1:{port}")
    wait_until(lambda: records.count(pair.replica, name) == 1, "it is copied, and nobody could be told")
    time.sleep(0.5)
    receiver = Receiver(port)
    try:
        records.put(pair.master, name, [{"id": "new"}])
        wait_until(lambda: records.count(pair.replica, name) == 2, "it is copied")
        assert running.stop() == 0
        assert changed(receiver, name)["created"] >= 1
    finally:
        receiver.close()


@pytest.mark.parametrize("url", ["ftp://host/secret-path", "https:///secret-path", "http://user:secret@host/x", "secret-path"])
def test_a_url_that_cannot_be_called_is_told_without_its_path(pair, url):
    result = mirror.run("config", "check", *pair.args, "--notify-url", url).expect(64)
    assert "--notify-url" in result.err and "accepted: http://HOST" in result.err and "secret" not in result.err


def test_config_show_keeps_the_path_and_the_secret_to_itself(pair, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("not to be shown")
    shown = mirror.run("config", "show", *pair.args, "--notify-url", "https://hooks.example.org/services/T0/B0/XYZ",
                       "--notify-secret-file", str(secret)).expect(0).out
    assert 'url = "https://hooks.example.org/***"' in shown and "XYZ" not in shown and "not to be shown" not in shown
    secret.write_text("whsec_no base64")
    result = mirror.run("config", "check", *pair.args, "--notify-secret-file", str(secret)).expect(64, 78)
    assert str(secret) in result.err and "base64" in result.err


def test_the_path_of_the_webhook_is_in_no_log(pair, name, receiver, calling):
    records.load(pair.master, name, [{"id": "r"}])
    receiver.answer = lambda: time.sleep(30) or 0
    running = calling(f"{receiver.url}/hook-secret?token=secret")
    wait_until(lambda: receiver.messages, "it was called")
    assert running.stop() == 0
    assert events(running, "webhook.failed") and "secret" not in running.log()
