"""kinto.js with replicas: the client as it is, which throws where it believes that a server was flushed (hazards 66 to 68)."""

import itertools
import time
from collections.abc import Callable, Iterator

import pytest

from harness import mirror, records
from harness.containers import EVERYONE, FAST, ask, collection_of, lists, patch, put, soon
from harness.kinto import KintoServer
from harness.kinto_js import KintoJs, Syncing
from harness.repeating import Repeating
from harness.servers import Pair, Servers
from harness.waiting import wait_until
from harness.writers import Writer

READ = ("--permissions", "read")


@pytest.fixture
def kinto_js() -> Iterator[Callable[[str], KintoJs]]:
    started: list[KintoJs] = []

    def start(name: str) -> KintoJs:
        started.append(KintoJs(name))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def seconds(request: pytest.FixtureRequest) -> float:
    return request.config.getoption("--reader-seconds")


@pytest.fixture
def node(servers: Servers) -> Iterator[tuple[Pair, KintoServer]]:
    """A pair, and a read-only node on the replica's database."""
    pair = Pair(servers.get("postgresql", "master"), servers.get("postgresql", "replica"))
    shared = {f"kinto.{role}_url": pair.replica.database_url for role in ("storage", "permission", "cache")}
    reading = servers.start("postgresql", shared | {"kinto.readonly": "true"})
    yield pair, reading
    reading.close()


class Editor(Repeating):
    """Edits a collection's metadata, a group, and who else may read the collection, turn by turn."""

    def __init__(self, server: KintoServer, name: str):
        super().__init__(pause=0.4)
        self._server, self._path = server, collection_of(name)
        self._group = f"{name.split('/')[0]}/groups/guests"
        self.times = 0

    def once(self) -> None:
        self.times += 1
        guests = [f"account:guest{self.times % 3}"]
        if self.times % 3 == 0:
            patch(self._server, self._path, {"edition": self.times})
        elif self.times % 3 == 1:
            put(self._server, self._group, {"members": guests})
        else:
            patch(self._server, self._path, permissions={"read": [EVERYONE, f"/buckets/{self._group}", *guests]})


def load(server: KintoServer, name: str, count: int = 40) -> None:
    put(server, name.split("/")[0])
    put(server, collection_of(name), {}, {"read": [EVERYONE]})
    records.put(server, name, [{"id": f"r{n}", "text": f"first {n}"} for n in range(count)])


def may_read(server: KintoServer, name: str) -> bool:
    return ask(server, "GET", f"{collection_of(name)}/records", auth=None).ok


def wait_equal(master: KintoServer, replica: KintoServer, name: str) -> dict[str, dict]:
    wanted = records.stored(master, name)
    wait_until(lambda: records.stored(replica, name) == wanted, "the replica is equal", timeout=60)
    return wanted


def assert_well(syncing: Syncing, at_least: int) -> None:
    assert not syncing.problems, f"{len(syncing.problems)} of {len(syncing.done)}: {syncing.problems[:3]}"
    assert len(syncing.done) >= at_least and syncing.changes > at_least / 2, "too little was seen to prove anything"


def test_it_follows_a_read_only_node(node, name, rng, daemon, kinto_js, seconds):
    """Every 300 ms, while records, metadata and rights are written on the master."""
    pair, reading = node
    load(pair.master, name)
    daemon(*pair.args, *FAST, *READ)
    soon(lambda: may_read(reading, name), "everybody may read")
    reader = kinto_js(name)
    syncing = Syncing(reader, lambda: reading)
    busy = Writer(pair.master, name, rng, ids=60), Editor(pair.master, name)
    for one in (syncing, *busy):
        one.start()
    time.sleep(seconds)  # how long it is looked at is what the option says
    for one in busy:
        one.stop()
    wanted = wait_equal(pair.master, pair.replica, name)
    syncing.stop()
    last = reader.sync(reading)

    assert_well(syncing, at_least=int(seconds))
    assert last.ok and reader.records() == wanted
    assert busy[0].steps > seconds and busy[1].times > seconds / 2
    soon(lambda: lists(pair.replica, collection_of(name)) == lists(pair.master, collection_of(name)), "the rights too")
    print(f"{len(syncing.done)} syncs brought {syncing.changes} changes, of {busy[0].steps} requests that wrote records and "
          f"{busy[1].times} that wrote metadata and rights; {len(wanted)} records at the end")


def test_hazard_66_it_comes_from_the_master(each_pair, name, kinto_js):
    """Right after the first load, and back, and over again."""
    load(each_pair.master, name)
    reader = kinto_js(name)
    assert reader.sync(each_pair.master).ok
    each_pair.once(*READ).expect(0)
    for server in (each_pair.replica, each_pair.replica, each_pair.master, each_pair.replica):
        assert (done := reader.sync(server)).ok, done.problem
        assert reader.records() == records.stored(each_pair.master, name)
    records.put(each_pair.master, name, [{"id": "new"}, {"id": "r1", "text": "second"}])
    records.delete(each_pair.master, name, "r0")
    each_pair.once(*READ).expect(0)
    assert (done := reader.sync(each_pair.replica)).ok, done.problem
    assert reader.records() == records.assert_same(each_pair.master, each_pair.replica, name)


def test_without_a_closing_mark_it_throws(pair, name, kinto_js):
    """What the mark is for. Should this fail, kinto.js has become another."""
    load(pair.master, name)
    reader = kinto_js(name)
    reader.sync(pair.master)
    pair.once(*READ, "--closing-marks", "off").expect(0)
    for _ in range(2):
        assert "ServerWasFlushedError" in (reader.sync(pair.replica).problem or "")


@pytest.mark.parametrize("first, second", [("memory", "postgresql"), ("postgresql", "memory")])
def test_hazard_67_a_balancer_over_two_replicas(servers, name, rng, tmp_path, daemon, kinto_js, first, second):
    """The second is loaded later, when the master has gone on; then both follow, each at its own pace."""
    master = servers.get("memory", "master")
    replicas = [servers.get(first, "replica"), servers.get(second, "second")]
    load(master, name)
    Pair(master, replicas[0]).once(*READ).expect(0)
    records.put(master, name, [{"id": "between"}])
    Pair(master, replicas[1]).once(*READ).expect(0)
    resting = kinto_js(name)
    for server in (replicas[1], replicas[0]) * 2:
        assert (done := resting.sync(server)).ok, done.problem

    daemon("--config", mirror.write_config(tmp_path, master.url, first=replicas[0].url, second=replicas[1].url), *FAST, *READ)
    reader, writer = kinto_js(name), Writer(master, name, rng, ids=60)
    turns = itertools.cycle(replicas)
    syncing = Syncing(reader, lambda: next(turns), pause=0.1)
    for one in (syncing, writer):
        one.start()
    wait_until(lambda: writer.steps > 150 and len(syncing.done) > 40, "much was written and read", timeout=90)
    writer.stop()
    for replica in replicas:
        wanted = wait_equal(master, replica, name)
    syncing.stop()

    assert_well(syncing, at_least=40)
    for who, server in itertools.product((reader, resting), replicas * 2):
        assert (done := who.sync(server)).ok, done.problem
        assert who.records() == wanted


def loaded_and_read(pair: Pair, name: str, kinto_js: Callable[[str], KintoJs]) -> tuple[dict[str, dict], KintoJs]:
    """The master's records, and a reader that has them from the replica."""
    load(pair.master, name)
    pair.once(*READ).expect(0)
    wanted, reader = records.stored(pair.master, name), kinto_js(name)
    assert reader.sync(pair.replica).ok and reader.records() == wanted
    return wanted, reader


DAMAGE = {
    "edited": lambda server, path: patch(server, f"{path}/records/r3", {"text": "drifted"}),
    "deleted": lambda server, path: ask(server, "DELETE", f"{path}/records/r3"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_hazard_68_a_repair_by_an_audit(each_backend, name, kinto_js, what):
    """Who does not ask between the damage and its repair has the right records all the time."""
    wanted, reader = loaded_and_read(each_backend, name, kinto_js)
    DAMAGE[what](each_backend.replica, collection_of(name))
    each_backend.once(*READ).expect(0)
    assert records.stored(each_backend.replica, name) == wanted
    for _ in range(2):
        assert (done := reader.sync(each_backend.replica)).ok, done.problem
        assert reader.records() == wanted


@pytest.mark.parametrize("what", DAMAGE)
def test_a_reader_who_was_shown_the_damage(each_backend, name, kinto_js, what):
    """He goes on without an error. The repaired record stands at the master's stamp, below his own: he keeps what he was shown
    until it changes (docs/limits.md)."""
    wanted, reader = loaded_and_read(each_backend, name, kinto_js)
    DAMAGE[what](each_backend.replica, collection_of(name))
    assert reader.sync(each_backend.replica).ok and reader.records() != wanted
    each_backend.once(*READ).expect(0)
    assert records.stored(each_backend.replica, name) == wanted
    for _ in range(2):
        assert (done := reader.sync(each_backend.replica)).ok, done.problem
    assert {key: row for key, row in reader.records().items() if key != "r3"} == {
        key: row for key, row in wanted.items() if key != "r3"}

    records.put(each_backend.master, name, [{"id": "r3", "text": "later"}])
    each_backend.once(*READ).expect(0)
    assert (done := reader.sync(each_backend.replica)).ok, done.problem
    assert reader.records() == records.assert_same(each_backend.master, each_backend.replica, name)
