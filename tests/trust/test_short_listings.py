"""A listing that ends before its end: nothing is concluded from it. Kintos up to 11.2.1 give such listings, since they
offer a next page only while the rows given so far are fewer than the live records, though tombstones are rows too."""

import signal
from collections.abc import Callable

import pytest

from harness import ages, mirror, records
from harness.altered import Alters, header
from harness.faults import EndsEarly
from harness.kinto import BACKENDS, KintoServer
from harness.proxy import Proxy
from harness.servers import Pair, Servers
from harness.status import StatusPages
from harness.waiting import wait_until

OLD = "11.2.1"
NEVER_ENOUGH = ("--extras", "delete", "--max-delete", "100%")
PAGES = {"kinto.paginate_by": "20"}


def old_kinto(servers: Servers, backend: str, settings: dict[str, str] | None = None) -> KintoServer:
    return servers.get(backend, "old", settings, python=ages.python(OLD))


def numbered(begin: int, end: int) -> list[dict]:
    return [{"id": f"r{number:04}", "n": number} for number in range(begin, end)]


def ids(begin: int, end: int) -> list[str]:
    return [record["id"] for record in numbered(begin, end)]


def rows_of(server: KintoServer, name: str, limit: int) -> int:
    """What following Next-Page finds, oldest first, tombstones too."""
    url: str | None = f"{records.records_url(server, name)}?_since=0&_sort=last_modified&_limit={limit}"
    found = 0
    with records.session(server) as web:
        while url:
            answer = web.get(url, timeout=60)
            answer.raise_for_status()
            found += len(answer.json()["data"])
            url = answer.headers.get("Next-Page")
    return found


def with_many_tombstones(server: KintoServer, name: str, count: int, deleted: int, new: int) -> None:
    records.load(server, name, numbered(0, count))
    records.delete_many(server, name, ids(0, deleted))
    records.put(server, name, numbered(count, count + new))


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_old_master_is_copied_whole(servers, name, backend):
    """With Kinto's default settings."""
    pair = Pair(old_kinto(servers, backend), servers.get("memory", "replica"))
    with_many_tombstones(pair.master, name, 700, 400, 50)
    assert rows_of(pair.master, name, 500) < 750, "this Kinto lists all"

    entry = pair.once("--collections", name).expect(0).collection(name)

    assert (entry["master"], entry["created"], entry["missing"], entry["state"]) == (350, 350, 0, "in-sync")
    assert len(records.assert_same(pair.master, pair.replica, name)) == 350
    pair.check("--collections", name).expect(0)


def test_an_old_master_that_tells_no_date_is_copied_whole(servers, name, proxied):
    """uWSGI sends none. How far ahead Kinto lets a filter look is judged by the daemon's own clock then."""
    pair = Pair(old_kinto(servers, "memory", PAGES), servers.get("memory", "replica"))
    front = proxied(Alters(pair.master.url, "GET", "/", header("Date", None)))
    with_many_tombstones(pair.master, name, 300, 250, 2)

    mirror.run("run", "--once", "--collections", name, *mirror.servers(front.url, pair.replica.url)).expect(0)

    assert len(records.assert_same(pair.master, pair.replica, name)) == 52


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_an_old_master_changes_in_one_interval_is_applied(servers, name, daemon, backend):
    """More deletes than a page holds, and the creates behind them. The daemon is stopped meanwhile, while it waits for
    its next look."""
    pair = Pair(old_kinto(servers, backend), servers.get("memory", "replica"))
    records.load(pair.master, name, numbered(0, 650))
    running = daemon(*pair.args, "--collections", name, "--interval", "5s")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    assert records.count(pair.replica, name) == 650
    running.process.send_signal(signal.SIGSTOP)
    records.delete_many(pair.master, name, ids(0, 600))
    records.put(pair.master, name, numbered(650, 700))
    running.process.send_signal(signal.SIGCONT)

    wanted = records.stored(pair.master, name)
    assert len(wanted) == 100
    wait_until(lambda: records.stored(pair.replica, name) == wanted, "all of it has arrived", timeout=40)
    tombstones = [row for row in records.stored(pair.replica, name, tombstones=True).values() if row.get("deleted")]
    assert len(tombstones) == 600


def test_an_old_master_that_rests_is_only_counted(servers, name, daemon):
    """It calls its counts by their old name."""
    pair = Pair(old_kinto(servers, "memory"), servers.get("memory", "replica"))
    records.load(pair.master, name, numbered(0, 5))
    pages = StatusPages(daemon(*pair.args, "--collections", name, "--interval", "200ms", "--overlap", "200ms",
                               "--listen", "127.0.0.1:0"))
    wait_until(lambda: pages.collection(name)["last_pass"]["ago"] >= 2, "no pass is made any more", timeout=10)
    assert pages.collection(name)["state"] == "in-sync"


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_live_record_of_an_old_master_is_deleted(servers, name, backend):
    """Not even where all extras may go."""
    pair = Pair(old_kinto(servers, backend, PAGES), servers.get("memory", "replica"))
    records.load(pair.master, name, numbered(0, 60))
    pair.once("--collections", name).expect(0)
    records.delete_many(pair.master, name, ids(0, 40))
    records.put(pair.master, name, numbered(60, 68))
    assert rows_of(pair.master, name, 20) < 68, "this Kinto lists all"
    # As a replica has them that was filled before: those that the listing does not reach.
    records.load(pair.replica, name, list(records.stored(pair.master, name).values()))

    entry = pair.once("--collections", name, *NEVER_ENOUGH).expect(0).collection(name)

    assert (entry["master"], entry["replica"], entry["extra"]) == (28, 28, 0)
    assert len(records.assert_same(pair.master, pair.replica, name)) == 28


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_old_replica_is_known_whole(servers, name, backend):
    """Its last records are there, and are no differences; the last of its extras are, and go."""
    pair = Pair(servers.get("memory", "master"), old_kinto(servers, backend, PAGES))
    records.load(pair.master, name, numbered(0, 60))
    pair.once("--collections", name).expect(0)
    records.delete_many(pair.master, name, ids(0, 40))
    records.put(pair.master, name, numbered(60, 68))
    pair.once("--collections", name).expect(0)
    assert rows_of(pair.replica, name, 20) < 68, "this Kinto lists all"

    pair.check("--collections", name).expect(0)
    records.put(pair.replica, name, numbered(900, 903))
    found = pair.check("--collections", name).expect(0).collection(name)
    assert (found["state"], found["same"], found["missing"], found["extra"]) == ("in-sync", 28, 0, 3)
    entry = pair.once("--collections", name, *NEVER_ENOUGH).expect(0).collection(name)
    assert (entry["created"], entry["deleted"], entry["extra"]) == (0, 3, 0)
    assert len(records.assert_same(pair.master, pair.replica, name)) == 28


@pytest.fixture
def copied(pair, name) -> Pair:
    """Equal sides with sixty records and some tombstones."""
    with_many_tombstones(pair.master, name, 60, 10, 10)
    pair.once("--collections", name).expect(0)
    return pair


def lie(pair: Pair, side: str, proxied: Callable[[Proxy], Proxy]) -> tuple[EndsEarly, list[str]]:
    """A proxy before one side that shortens its listings, and the arguments that lead through it."""
    front = EndsEarly(getattr(pair, side).url, rows=7)
    proxied(front)
    urls = {"master": pair.master.url, "replica": pair.replica.url} | {side: front.url}
    return front, mirror.servers(urls["master"], urls["replica"])


@pytest.mark.parametrize("verb", [("run", "--once"), ("check",)], ids=" ".join)
@pytest.mark.parametrize("side", ["master", "replica"])
def test_a_listing_below_the_servers_own_count_proves_nothing(copied, name, proxied, side, verb):
    before = records.stored(copied.replica, name, tombstones=True)
    front, args = lie(copied, side, proxied)
    more = NEVER_ENOUGH if verb[0] == "run" else NEVER_ENOUGH[:2]

    result = mirror.run(*verb, "--json", *args, "--collections", name, *more).expect(1)

    assert front.shortened > 0
    assert result.report["in_sync"] is False
    assert result.collection(name)["state"] == "failed"
    assert "short" in result.out + result.err and side in result.err
    assert records.stored(copied.replica, name, tombstones=True) == before


@pytest.mark.parametrize("side", ["master", "replica"])
def test_nor_while_it_follows(copied, name, proxied, daemon, side):
    """Until the listing is whole again: then it is compared, and in sync."""
    front, args = lie(copied, side, proxied)
    copied.replica.client().delete_bucket(id="kinto-mirror")
    before = records.stored(copied.replica, name, tombstones=True)
    running = daemon(*args, "--collections", name, "--interval", "200ms", "--listen", "127.0.0.1:0", *NEVER_ENOUGH)
    pages = StatusPages(running)
    wait_until(lambda: pages.collection(name)["state"] == "failed", "it says that it has failed")
    wait_until(lambda: pages.collection(name)["failures"] >= 2, "and tries again")
    assert not pages.status()["in_sync"]
    assert "short" in pages.collection(name)["error"]["message"]
    assert records.stored(copied.replica, name, tombstones=True) == before
    front.active = False
    wait_until(lambda: pages.status()["in_sync"], "it is in sync", timeout=30)
    assert records.stored(copied.replica, name, tombstones=True) == before
