"""Orders over the control socket: audit, pause, resume, release, sync, and who may give them."""

import os
import signal
import socket
import stat
import threading
import time
from pathlib import Path

import pytest

from harness import mirror, records
from harness.containers import FAST, data, exists, put, remove, soon
from harness.control import Control
from harness.proxy import Hangup, Proxy, Request, Response
from harness.status import StatusPages, check_metrics, events
from harness.waiting import wait_until

EXACT = ("--extras", "delete")


@pytest.fixture
def following(pair, daemon, tmp_path):
    """Starts a daemon that takes orders, with what else is given; its control and its pages."""
    def start(*more: str) -> tuple[Control, StatusPages]:
        path = tmp_path / "control.sock"
        running = daemon(*pair.args, *FAST, "--control", str(path), "--listen", "127.0.0.1:0", *more)
        control, pages = Control(path, running), StatusPages(running)
        wait_until(lambda: pages.status()["in_sync"], "it is in sync")
        return control, pages
    return start


def fill(pair, name: str, count: int = 3) -> None:
    records.load(pair.master, name, [{"id": f"r{number}", "n": number} for number in range(count)])


# Audit

def test_an_audit_is_of_what_was_asked_for(pair, name, following):
    other = f"{name}-other"
    for one in (name, other):
        fill(pair, one)
    control, pages = following("--audit-interval", "1h")
    audited = {one: pages.collection(one)["audited"] for one in (name, other)}
    time.sleep(1.1)  # the servers' clock tells seconds
    records.delete(pair.replica, name, "r1")
    done = control.order("audit", name).expect(0)
    assert done.out == "audit: 1 collection to be compared anew, at once\n"
    soon(lambda: records.count(pair.replica, name) == 3, "it is repaired")
    soon(lambda: pages.collection(name)["audited"] > audited[name], "it was audited")
    assert pages.collection(other)["audited"] == audited[other]
    assert control.order("audit", "--json").expect(0).report["collections"] == sorted([name, other])
    none = control.order("audit", "nobody/*").expect(1)
    assert none.out == "audit: nothing that is followed matches nobody/*\n"


# Pause

def test_what_is_paused_stands_still_until_it_is_resumed(pair, name, following):
    other = f"{name}-other"
    for one in (name, other):
        fill(pair, one)
    control, pages = following(*EXACT)
    control.order("pause", name).expect(0)
    records.put(pair.master, name, [{"id": "new"}])
    records.delete(pair.master, name, "r0")
    put(pair.master, "{}/collections/{}".format(*name.split("/")), {"note": "changed"})
    records.put(pair.master, other, [{"id": "new"}])
    wait_until(lambda: "new" in records.stored(pair.replica, other), "the other one is followed")
    time.sleep(1)  # some rounds: what is asserted is that nothing happens
    assert set(records.stored(pair.replica, name)) == {"r0", "r1", "r2"}
    assert "note" not in data(pair.replica, "{}/collections/{}".format(*name.split("/")))
    assert pages.collection(name)["state"] == "paused" and pages.collection(other)["state"] == "in-sync"
    assert not pages.status()["in_sync"]
    assert pages.metrics()['kinto_mirror_collections{replica="replica",state="paused"}'] == 1
    check_metrics(pages.get("/metrics").text)
    assert "paused" in pages.run("status").expect(0).out
    assert control.order("resume", name).expect(0).out == "resume: 1 collection followed again\n"
    records.wait_same(pair.master, pair.replica, name, "it was resumed")
    soon(lambda: "note" in data(pair.replica, "{}/collections/{}".format(*name.split("/"))), "its metadata too")
    soon(lambda: pages.status()["in_sync"], "in sync again")


def test_a_paused_collection_is_not_deleted_with_the_masters(pair, name, following):
    fill(pair, name)
    control, pages = following(*EXACT)
    control.order("pause", name).expect(0)
    path = "{}/collections/{}".format(*name.split("/"))
    remove(pair.master, path)
    soon(lambda: pages.replica()["containers"]["differences"], "it is told")
    [told] = pages.replica()["containers"]["differences"]
    assert told["id"] == path and told["kind"] == "undeleted" and "paused" in told["reason"]
    assert exists(pair.replica, path) and records.count(pair.replica, name) == 3
    control.order("resume").expect(0)
    soon(lambda: not exists(pair.replica, path), "it is gone")


def test_a_paused_bucket_stands_still_with_what_comes_into_it(pair, name, following):
    fill(pair, name)
    bucket = name.split("/")[0]
    control, _ = following("--groups", "follow")
    control.order("pause", f"{bucket}/*").expect(0)
    put(pair.master, f"{bucket}/groups/g", {"members": []})
    fill(pair, f"{bucket}/later")
    fill(pair, "elsewhere/x")
    soon(lambda: exists(pair.replica, "elsewhere/collections/x"), "another bucket is followed")
    assert not exists(pair.replica, f"{bucket}/groups/g") and not exists(pair.replica, f"{bucket}/collections/later")
    control.order("resume", f"{bucket}/*").expect(0)
    soon(lambda: exists(pair.replica, f"{bucket}/groups/g"), "it is followed again")
    records.wait_same(pair.master, pair.replica, f"{bucket}/later", "it was resumed")


class Breaking(Proxy):
    """Answers nothing any more once it is `broken`, or the same to everything."""
    broken = False
    answer: Response | None = None

    def handle(self, request: Request) -> Response:
        if self.broken:
            raise Hangup
        return self.answer or super().handle(request)


# Brake

def put_unseen(pair, control, name: str, prefix: str) -> None:
    """Eight extras at once: a comparison that comes between two of them would delete those that are there already."""
    control.order("pause").expect(0)
    records.put(pair.replica, name, [{"id": f"{prefix}{number}"} for number in range(8)])
    control.order("resume").expect(0)


def test_a_release_lets_go_what_the_brake_holds_once(pair, name, following):
    fill(pair, name, 40)
    control, pages = following(*EXACT, "--max-delete", "5")
    put_unseen(pair, control, name, "x")
    control.order("audit").expect(0)
    soon(lambda: pages.collection(name)["state"] == "brake", "the brake holds")
    done = control.order("release", name).expect(0)
    assert "what the brake held is deleted" in done.out
    soon(lambda: records.count(pair.replica, name) == 40, "they are gone")
    soon(lambda: pages.status()["in_sync"], "in sync")
    nothing = control.order("release", name).expect(1)
    assert nothing.out == f"release: the brake holds nothing of {name}\n"
    # Once: the next ones are held again.
    put_unseen(pair, control, name, "y")
    control.order("audit").expect(0)
    soon(lambda: pages.collection(name)["state"] == "brake", "the brake holds again")
    assert records.count(pair.replica, name) == 48


# Barrier

def test_sync_returns_when_all_that_was_there_is_on_the_replica(each_backend, name, daemon, tmp_path):
    """Each time the record is there when the command returns, however seldom the daemon looks by itself."""
    pair = each_backend
    fill(pair, name)
    path = tmp_path / "control.sock"
    control = Control(path, daemon(*pair.args, "--interval", "1m", "--control", str(path)))
    control.order("sync").expect(0)
    for number in range(5):
        records.put(pair.master, name, [{"id": f"new{number}"}])
        done = control.order("sync", name).expect(0)
        assert f"new{number}" in records.stored(pair.replica, name)
        assert done.out == "sync: 1 collection compared: each replica holds all that the master had\n"
    later = f"{name}-later"
    fill(pair, later)
    control.order("sync", "--json").expect(0)
    assert records.count(pair.replica, later) == 3


def test_sync_compares_and_assumes_nothing(pair, name, following):
    """What somebody took from the replica behind the daemon's back, no count tells."""
    fill(pair, name)
    control, _ = following("--audit-interval", "1h")
    records.delete(pair.replica, name, "r1")
    records.put(pair.replica, name, [{"id": "own"}])
    control.order("sync", name).expect(0)
    assert "r1" in records.stored(pair.replica, name)


def test_sync_says_what_stands_in_the_way(pair, name, following):
    fill(pair, name, 20)
    control, pages = following(*EXACT, "--max-delete", "5")
    control.order("pause").expect(0)
    paused = control.order("sync", "--timeout", "30s").expect(1)
    assert paused.out.startswith(f"sync: not in sync: {name} on replica: it is paused; resume it first")
    put_unseen(pair, control, name, "x")
    braked = control.order("sync", name, "--json").expect(1).report
    assert "the brake holds 8 deletes" in braked["message"] and braked["collections"] == [name]
    none = control.order("sync", "nobody/x").expect(1)
    assert "nothing that is followed matches nobody/x" in none.out


def test_what_is_paused_is_told_and_not_promised(pair, name, following):
    other = f"{name}-other"
    fill(pair, other)
    fill(pair, name, 20)
    control, _ = following(*EXACT, "--max-delete", "5")
    put_unseen(pair, control, name, "x")
    assert "the brake holds 8 deletes" in control.order("sync", name).expect(1).out
    control.order("pause", name).expect(0)
    alone = control.order("audit", name).expect(1)
    assert alone.out == "audit: 1 collection to be compared anew, at once; 1 of them, which is paused, once resumed\n"
    both = control.order("audit", f"{name},{other}").expect(0)
    assert both.out.startswith("audit: 2 collections") and "1 of them, which is paused, once resumed" in both.out
    assert control.order("release", name).expect(1).out == f"release: {name} is paused; resume it first\n"
    assert records.count(pair.replica, name) == 28


def test_sync_names_a_pattern_that_matches_nothing_behind_others(pair, name, following):
    fill(pair, name)
    control, _ = following()
    one = control.order("sync", f"{name},{name}s").expect(1)
    assert one.out == f"sync: nothing that is followed matches {name}s\n"
    assert control.order("sync", name, "--json").expect(0).report["collections"] == [name]


def test_sync_answers_at_once_where_a_hand_is_needed(pair, name, daemon, proxied, tmp_path):
    """Credentials that are refused, and a container that only an exact mirror's replica has."""
    fill(pair, name)
    proxy = proxied(Breaking(pair.replica.url))
    path = tmp_path / "control.sock"
    control = Control(path, daemon(*mirror.servers(pair.master.url, proxy.url), *FAST, *EXACT, "--control", str(path)))
    control.order("sync").expect(0)
    bucket = name.split("/")[0]
    put(pair.replica, f"{bucket}/collections/own", {})
    begin = time.monotonic()
    own = control.order("sync", "--timeout", "60s").expect(1)
    assert f"{bucket}/collections/own, only the replica has it" in own.out
    proxy.answer = Response(401, [("Content-Type", "application/json")], b'{"errno": 104, "message": "Please authenticate"}')
    refused = control.order("sync", "--timeout", "60s").expect(1)
    assert refused.out.startswith(f"sync: not in sync: replica {proxy.url}") and "check the credentials" in refused.out
    assert time.monotonic() - begin < 40


def test_who_hangs_up_waits_no_more(pair, name, daemon, proxied, tmp_path):
    """Of `sync` 32 wait at a time, which leaves room for other orders; a place is free when its client is gone."""
    fill(pair, name)
    proxy = proxied(Breaking(pair.replica.url))
    path = tmp_path / "control.sock"
    control = Control(path, daemon(*mirror.servers(pair.master.url, proxy.url), *FAST, "--control", str(path)))
    control.order("sync").expect(0)
    proxy.broken = True
    wait = ("sync", "--timeout", "1h", "--control", str(path))
    waiting = [mirror.start(*wait) for _ in range(32)]

    def refused() -> mirror.Result | None:
        answer = control.order("sync", "--timeout", "1s")
        if answer.out.startswith("sync: not asked: 32 wait"):
            return answer
        waiting.append(mirror.start(*wait))  # this order may have had the place of one of them
        return None
    try:
        full = wait_until(refused, "as many wait as may")
        assert full.code == 1
        control.order("audit").expect(0)
    finally:
        for one in waiting:
            one.kill()
            one.wait()
    wait_until(lambda: "not in sync within" in control.order("sync", "--timeout", "1s").out, "there is room again", timeout=20)


def test_sync_does_not_wait_for_what_nobody_shows(pair, name, daemon, tmp_path):
    """A collection that the master does not have, and one that goes while the daemon follows."""
    fill(pair, name)
    bucket, collection = name.split("/")
    path = tmp_path / "control.sock"
    running = daemon(*pair.args, *FAST, "--control", str(path), "--collections", f"{name},{bucket}/none", "--deletions", "records")
    control = Control(path, running)
    control.order("sync", name).expect(0)
    begin = time.monotonic()
    missing = control.order("sync", "--timeout", "60s").expect(1)
    assert missing.out.startswith(f"sync: not in sync: {bucket}/none on replica: the master does not show it: it does not exist there")
    assert time.monotonic() - begin < 30
    fill(pair, f"{bucket}/none", 5)
    control.order("sync").expect(0)
    assert records.count(pair.replica, f"{bucket}/none") == 5
    pair.master.client().delete_collection(id=collection, bucket=bucket)
    gone = control.order("sync", name, "--timeout", "60s").expect(1)
    assert gone.out == f"sync: nothing that is followed matches {name}\n"
    assert time.monotonic() - begin < 50


def test_sync_gives_up_at_its_timeout(pair, name, daemon, proxied, tmp_path):
    fill(pair, name)
    proxy = proxied(Breaking(pair.replica.url))
    path = tmp_path / "control.sock"
    control = Control(path, daemon(*mirror.servers(pair.master.url, proxy.url), *FAST, "--control", str(path)))
    control.order("sync").expect(0)
    proxy.broken = True
    records.put(pair.master, name, [{"id": "new"}])
    begin = time.monotonic()
    late = control.order("sync", "--timeout", "2s").expect(1)
    assert 2 <= time.monotonic() - begin < 10
    assert late.out.startswith("sync: not in sync within 2s: ")


def test_sync_waits_for_every_replica_while_the_master_is_written_to(pair, name, servers, daemon, tmp_path):
    fill(pair, name)
    second = servers.get("memory", "second")
    config = mirror.write_config(tmp_path, pair.master.url, paris=pair.replica.url, tokyo=second.url)
    path = tmp_path / "control.sock"
    control = Control(path, daemon("--config", config, *FAST, "--control", str(path)))
    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.wait(0.01):
            records.put(pair.master, name, [{"id": f"w{number % 50}", "n": number}])
            number += 1
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            records.put(pair.master, name, [{"id": f"mark{number}"}])
            control.order("sync", name).expect(0)
            for replica in (pair.replica, second):
                assert f"mark{number}" in records.stored(replica, name)
    finally:
        over.set()
        writer.join()


# The socket

def test_the_socket_is_its_users_alone_and_goes_with_the_daemon(pair, name, following):
    fill(pair, name)
    control, _ = following()
    assert stat.S_IMODE(os.stat(control.path).st_mode) == 0o600
    assert control.running.stop() == 0
    assert not Path(control.path).exists()
    gone = control.order("audit").expect(69)
    assert control.path in gone.err and "is it running" in gone.err


def test_a_killed_daemon_leaves_nothing_in_the_way_and_two_do_not_share_one(pair, name, daemon, following):
    fill(pair, name)
    control, _ = following()
    second = mirror.run("run", "--listen", "off", *pair.args, "--control", control.path).expect(69)
    assert "another daemon takes orders there" in second.err
    control.order("audit").expect(0)
    control.running.process.send_signal(signal.SIGKILL)
    control.running.process.wait()
    assert Path(control.path).exists()
    control.order("audit").expect(69)
    again = Control(control.path, daemon(*pair.args, *FAST, "--control", control.path))
    again.order("sync").expect(0)


def test_a_file_that_is_no_socket_is_left_alone(pair, tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text("# mine\n")
    refused = mirror.run("run", "--listen", "off", *pair.args, "--control", str(mine)).expect(64)
    assert "a file that is no socket is there" in refused.err
    assert mine.read_text() == "# mine\n" and [one.name for one in tmp_path.iterdir()] == ["mine.toml"]


def test_the_socket_is_found_as_the_daemon_finds_it(pair, name, daemon, tmp_path):
    fill(pair, name)
    found = {"RUNTIME_DIRECTORY": str(tmp_path), "XDG_RUNTIME_DIR": "/nowhere"}
    running = daemon(*pair.args, *FAST, environment=found)
    wait_until(lambda: events(running, "control.listening"), "it takes orders")
    mirror.run("sync", environment=found).expect(0)
    nowhere = {"RUNTIME_DIRECTORY": "", "XDG_RUNTIME_DIR": ""}
    assert "no daemon can be found" in mirror.run("sync", environment=nowhere).expect(69).err
    # A default that another daemon has is no mistake.
    other = daemon(*pair.args, *FAST, environment=found)
    wait_until(lambda: events(other, "control.listen"), "it goes on without")
    assert "going on without it" in other.log()


def test_strangers_at_the_socket_are_told_and_harm_nothing(pair, name, following):
    fill(pair, name)
    control, _ = following()

    def said(request: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(control.path)
            client.sendall(request)
            return client.recv(65536)
    assert said(b"POST /stop HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").startswith(b"HTTP/1.1 404 ")
    assert said(b"POST /audit?x=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert said(b"GET /audit HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 404 ")
    assert said(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    assert said(b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    control.order("audit").expect(0)


@pytest.mark.parametrize("words, why", [
    (("release",), "release BUCKET/COLLECTION"),
    (("release", "b/*"), "not one collection"),
    (("audit", "main"), "audit: \"main\""),
    (("sync", "--timeout", "soon"), "--timeout: \"soon\""),
    (("reload", "b/c"), "reload takes no word"),
    (("pause", "a/b", "c/d"), "quote a pattern"),
])
def test_a_wrong_order_is_told_in_one_line(words, why):
    result = mirror.run(*words, "--control", "/nowhere/control.sock").expect(64)
    assert why in result.err and result.err.count("\n") == 1
