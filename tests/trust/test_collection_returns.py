"""Whatever breaks the chain from one look to the next ends in a comparison, soon and not only when the next audit is
due: a collection that was gone, a daemon that was away, a checkpoint that was written under another configuration."""

import signal
import threading
import time
from collections.abc import Callable

import pytest

from harness import mirror, records
from harness.faults import Scripted
from harness.kinto import BACKENDS, KintoServer
from harness.proxy import Request, Response
from harness.servers import Pair
from harness.status import StatusPages, events
from harness.waiting import wait_until

pytestmark = pytest.mark.records_only

SOON = 30.0  # the interval of the audits is an hour
NEVER_ENOUGH = ("--extras", "delete", "--max-delete", "100%")
FAST = ("--interval", "300ms", "--listen", "127.0.0.1:0")
ALL = "*/*"
OLD = 80


def same_on_both(servers, backend: str) -> Pair:
    return Pair(servers.get(backend, "master"), servers.get(backend, "replica"))


def delete_collection(server: KintoServer, name: str) -> None:
    bucket, collection = name.split("/")
    server.client().delete_collection(id=collection, bucket=bucket)


def put_back(server: KintoServer, name: str) -> None:
    """As from a backup: sixty others, under stamps of ten minutes ago."""
    began = int(time.time() * 1000) - 600_000
    records.load(server, name, [{"id": f"back-{n:02}", "n": n, "last_modified": began + n} for n in range(60)])


def has_come_back(pair: Pair, name: str, extras: tuple[str, ...]) -> bool:
    """With what it had before: extras now."""
    wanted, found = records.stored(pair.master, name), records.stored(pair.replica, name)
    before = {key for key in found if key.startswith("old-")}
    kept = len(before) == (0 if extras else OLD)
    return len(wanted) == 60 and kept and {key: found[key] for key in found.keys() - before} == wanted


class Followed:
    """A pair with records that are equal, and a daemon that follows."""

    def __init__(self, pair: Pair, name: str, daemon: Callable[..., mirror.Daemon], *args: str):
        self.pair, self.name = pair, name
        records.load(pair.master, name, [{"id": f"old-{n:03}"} for n in range(OLD)])
        self._start = lambda: daemon(*pair.args, *FAST, *args)
        self.start()
        wait_until(lambda: self.pages.collection(name)["state"] == "in-sync", "it is in sync")

    def start(self) -> None:
        self.running: mirror.Daemon = self._start()
        self.pages = StatusPages(self.running)

    def has_noticed(self) -> bool:
        """It is let go, or said not to be in sync."""
        known = {one["id"]: one for one in self.pages.replica()["collections"]}
        one = known.get(self.name)
        return one is None or one["state"] != "in-sync" or one["lag"] is None

    def is_in_sync(self) -> bool:
        one = self.pages.collection(self.name)
        return (one["state"], one["missing"], one["differs"], one["lag"]) == ("in-sync", 0, 0, 0)


@pytest.mark.parametrize("extras", [(), NEVER_ENOUGH], ids=["keep", "delete"])
@pytest.mark.parametrize("scope", ["wildcard", "named"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_deleted_and_put_back_while_it_follows(servers, name, daemon, backend, scope, extras):
    pair = same_on_both(servers, backend)
    followed = Followed(pair, name, daemon, "--collections", ALL if scope == "wildcard" else name, *extras)
    delete_collection(pair.master, name)
    wait_until(followed.has_noticed, "it has noticed")

    put_back(pair.master, name)

    wait_until(lambda: has_come_back(pair, name, extras), "all of it has arrived", timeout=SOON)
    wait_until(followed.is_in_sync, "and it says so", timeout=SOON)
    lines = [line["msg"] for line in events(followed.running, "sync.notice")]
    assert any(name in line and "compared" in line for line in lines), lines


@pytest.mark.parametrize("backend, scope, extras",
                         [("memory", "wildcard", ()), ("postgresql", "wildcard", NEVER_ENOUGH),
                          ("postgresql", "named", ()), ("memory", "named", NEVER_ENOUGH)],
                         ids=["memory-wildcard-keep", "postgresql-wildcard-delete", "postgresql-named-keep",
                              "memory-named-delete"])
def test_put_back_while_the_daemon_is_stopped(servers, name, daemon, backend, scope, extras):
    """Which had noticed that it was gone."""
    pair = same_on_both(servers, backend)
    followed = Followed(pair, name, daemon, "--collections", ALL if scope == "wildcard" else name, *extras)
    delete_collection(pair.master, name)
    wait_until(followed.has_noticed, "it has noticed")
    assert followed.running.stop() == 0

    put_back(pair.master, name)
    followed.start()

    wait_until(lambda: has_come_back(pair, name, extras), "all of it has arrived", timeout=SOON)
    wait_until(followed.is_in_sync, "and it says so", timeout=SOON)


@pytest.mark.parametrize("extras", [(), NEVER_ENOUGH], ids=["keep", "delete"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_deleted_and_put_back_between_two_looks(servers, name, daemon, backend, extras):
    pair = same_on_both(servers, backend)
    followed = Followed(pair, name, daemon, "--collections", name, *extras)
    followed.running.process.send_signal(signal.SIGSTOP)
    delete_collection(pair.master, name)
    put_back(pair.master, name)
    followed.running.process.send_signal(signal.SIGCONT)

    wait_until(lambda: has_come_back(pair, name, extras), "all of it has arrived", timeout=SOON)
    wait_until(followed.is_in_sync, "and it says so", timeout=SOON)


def test_extras_go_soon_after_a_restart_that_asks_for_it(pair, name, daemon):
    records.load(pair.replica, name, [{"id": f"extra-{n}"} for n in range(5)])
    followed = Followed(pair, name, daemon, "--collections", name)
    assert followed.pages.collection(name)["extra"] == 5
    assert followed.running.stop() == 0

    daemon(*pair.args, *FAST, "--collections", name, *NEVER_ENOUGH)

    wait_until(lambda: records.count(pair.replica, name) == OLD, "the extras are gone", timeout=SOON)
    records.assert_same(pair.master, pair.replica, name)


def test_a_restored_replica_is_compared_soon_after_the_restart(pair, name, daemon, tmp_path):
    """The checkpoint is in a file, so that it is not lost with the data; and there are as many records, of which only
    some of long ago are others."""
    records.load(pair.master, name, [{"id": f"past-{n}", "last_modified": 2000 + n} for n in range(20)])
    followed = Followed(pair, name, daemon, "--collections", name, "--checkpoint", f"file:{tmp_path}/checkpoints")
    assert followed.running.stop() == 0
    pair.replica.flush()
    wanted = records.stored(pair.master, name)
    others = {f"past-{n}": {"id": f"past-{n}", "v": "older", "last_modified": 1000 + n} for n in range(20)}
    records.load(pair.replica, name, list((wanted | others).values()))

    followed.start()

    wait_until(lambda: records.stored(pair.replica, name) == wanted, "the replica is equal", timeout=SOON)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_changed_under_past_stamps_while_it_was_away(servers, name, daemon, backend):
    """Neither the count nor the ETag tells of it."""
    pair = same_on_both(servers, backend)
    records.load(pair.master, name, [{"id": f"past-{n}", "last_modified": 1000 + n} for n in range(4)])
    followed = Followed(pair, name, daemon, "--collections", name)
    assert followed.running.stop() == 0
    before = records.etag(pair.master, name), records.count(pair.master, name)
    records.put(pair.master, name, [{"id": "past-0", "v": 2, "last_modified": 2000},
                                    {"id": "late", "last_modified": 3000}])
    with records.session(pair.master) as web:
        web.delete(f"{records.records_url(pair.master, name)}/past-1?last_modified=4000", timeout=30).raise_for_status()
    assert (records.etag(pair.master, name), records.count(pair.master, name)) == before

    followed.start()

    wanted = records.stored(pair.master, name)
    wait_until(lambda: records.stored(pair.replica, name) == wanted, "all of it has arrived", timeout=SOON)


class HoldsListings(Scripted):
    """While `closed`, listings of records wait, as long as half a minute."""

    def __init__(self, upstream: str):
        super().__init__(upstream, self._wait)
        self._open = threading.Event()
        self._open.set()

    def _wait(self, request: Request, forward: Callable[[Request], Response]) -> Response:
        if request.method == "GET" and "/records?" in request.path and "/buckets/kinto-mirror/" not in request.path:
            self._open.wait(30)
        return forward(request)

    def hold(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()


def test_after_a_restart_it_is_not_compared_until_it_is(pair, name, daemon, proxied):
    """A checkpoint tells from where to follow, and not what the replica holds now."""
    front = proxied(HoldsListings(pair.master.url))
    records.load(pair.master, name, [{"id": f"old-{n:03}"} for n in range(OLD)])
    args = [*mirror.servers(front.url, pair.replica.url), "--collections", name]
    mirror.run("run", "--once", *args).expect(0)
    front.hold()
    pages = StatusPages(daemon(*args, *FAST))

    wait_until(lambda: pages.collection(name)["state"] == "not-compared", "it says so", timeout=10)
    for _ in range(10):
        status = pages.status()
        assert status["in_sync"] is False and status["replicas"][0]["in_sync"] is False
        assert pages.collection(name)["state"] == "not-compared"

    front.release()
    wait_until(lambda: pages.collection(name)["state"] == "in-sync", "it has compared", timeout=SOON)
    assert pages.status()["in_sync"] is True and pages.collection(name)["next_audit"] > 3000
