"""Daemons that share the work: together they do all of it, each thing once, and need not know of each other."""

import uuid

import pytest

from harness import mirror, records
from harness.containers import (EVERYONE, FAST, SEES_BUCKETS, ask, assert_same, collection_of, data, differences, exists,
                                lists, put, remove, report, soon, stamp, user_id)
from harness.faults import SlowWrites
from harness.kinto import BACKENDS
from harness.servers import Pair
from harness.shards import shard_args, shard_of
from harness.status import StatusPages, check_metrics, events
from harness.waiting import wait_until
from harness.writers import Writer

SERVERS = ("--master", "http://127.0.0.1:9/v1", "--replica", "http://127.0.0.1:10/v1")
ALL = ("--groups", "follow")


def ids(report: dict) -> list[str]:
    return [one["id"] for replica in report["replicas"] for one in replica["collections"]]


def new_bucket(collections: int) -> str:
    """A fresh name under which each of three shards has at least one of the collections c0, c1, ...: the shard follows from
    the name, and of eight collections, one name in nine leaves a shard without any."""
    for _ in range(1000):
        bucket = f"bucket-{uuid.uuid4().hex[:8]}"
        if {shard_of(f"{bucket}/c{number}", 3) for number in range(collections)} == {0, 1, 2}:
            return bucket
    raise AssertionError(f"{collections} collections cannot be spread over three shards")


def fill(pair: Pair, buckets: int = 3, collections: int = 8) -> list[str]:
    """Buckets with metadata, a group and small collections on the master; the collections' names."""
    names = []
    for _ in range(buckets):
        bucket = new_bucket(collections)
        put(pair.master, bucket, {"v": bucket})
        put(pair.master, f"{bucket}/groups/g", {"members": ["account:bob"]})
        for number in range(collections):
            put(pair.master, f"{bucket}/collections/c{number}", {"v": number})
            records.put(pair.master, f"{bucket}/c{number}", [{"id": f"r{n}", "n": n} for n in range(3)])
            names.append(f"{bucket}/c{number}")
    return names


def buckets_of(names: list[str]) -> list[str]:
    return sorted({name.split("/")[0] for name in names})


def containers_of(names: list[str]) -> list[str]:
    found = [name.replace("/", "/collections/") for name in names]
    return found + [path for bucket in buckets_of(names) for path in (bucket, f"{bucket}/groups/g")]


def assert_copied(pair: Pair, names: list[str]) -> None:
    """Records and containers, with the master's own stamps."""
    for name in names:
        records.assert_same(pair.master, pair.replica, name)
    assert_same(pair, *containers_of(names))


# The setting

@pytest.mark.parametrize("value, why", [
    ("3/3", "names none of the shards 0 to 2"), ("x", "is not I/N"), ("1", "is not I/N"), ("-1/2", "is not two whole numbers"),
    ("0/0", "names none"), ("0/1001", "is of more than 1000 shards"), ("1/2/3", "is not two whole numbers"),
])
def test_a_share_that_cannot_be_is_told_in_one_line(value, why):
    result = mirror.run("run", f"--shard={value}", *SERVERS).expect(64)
    line, = result.err.strip().split("\n")
    assert f'--shard: "{value}" {why}' in line and "accepted: I/N" in line
    result = mirror.run("run", *SERVERS, environment={"KINTO_MIRROR_SHARD": value}).expect(78)
    assert f'KINTO_MIRROR_SHARD: "{value}" {why}' in result.err


def test_the_default_is_the_whole():
    shown = mirror.run("config", "show", "--json", *SERVERS).expect(0).report["sync"]["shard"]
    assert shown == {"value": "0/1", "from": "default"}
    shown = mirror.run("config", "show", "--json", *SERVERS, environment={"KINTO_MIRROR_SHARD": "2/3"}).expect(0).report
    assert shown["sync"]["shard"] == {"value": "2/3", "from": "environment KINTO_MIRROR_SHARD"}


# One pass

@pytest.mark.parametrize("verb", ["run", "check"])
def test_all_shards_together_report_everything_once(pair, verb):
    names = fill(pair)
    found, containers = [], []
    for index in range(3):
        run = pair.once if verb == "run" else pair.check
        result = run(*ALL, *shard_args(index, 3)).expect(0 if verb == "run" else 1)
        assert ids(result.report) == [name for name in sorted(names) if shard_of(name, 3) == index]
        found += ids(result.report)
        containers += [one["id"] for one in report(result)["differences"]]
        owned = [bucket for bucket in buckets_of(names) if shard_of(bucket, 3) == index]
        if verb == "check":
            assert {one for one in containers[-len(report(result)["differences"]):] if "/" not in one} == set(owned)
    assert sorted(found) == sorted(names)
    if verb == "run":
        assert not containers
        assert_copied(pair, names)
    else:
        assert sorted(containers) == sorted(containers_of(names))
    pair.check(*ALL).expect(0 if verb == "run" else 1)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("last", [False, True], ids=["owner-first", "owner-last"])
def test_whichever_shard_is_first_the_bucket_is_as_on_the_master(servers, backend, last):
    pair = Pair(servers.get(backend, "master"), servers.get(backend, "replica"))
    names = fill(pair, buckets=1)
    bucket, = buckets_of(names)
    put(pair.master, bucket, {"v": 2}, {"read": ["account:alice"]})
    owner = shard_of(bucket, 3)
    order = sorted(range(3), key=lambda index: (index == owner) == last)
    codes = [pair.once("--permissions", "copy", *shard_args(index, 3)).code for index in order]
    if not last:
        # Nobody may be let in before the other shards have loaded what is theirs.
        assert codes[0] == 1 and lists(pair.replica, bucket) == {}
        result = pair.once("--permissions", "copy", *shard_args(owner, 3)).expect(0)
        assert not differences(result)
    assert codes[1 if not last else 0:] in ([0, 0], [0, 0, 0])
    assert lists(pair.replica, bucket) == {"read": {"account:alice"}}
    assert_copied(pair, names)


def test_a_bucket_waits_for_a_collection_that_another_shard_has_yet_to_load(pair):
    names = fill(pair, buckets=1)
    bucket, = buckets_of(names)
    put(pair.master, bucket, {"v": 2}, {"read": ["account:alice"]})
    owner = shard_of(bucket, 3)
    result = pair.once("--permissions", "copy", *shard_args(owner, 3)).expect(1)
    assert (bucket, "permissions") in differences(result)
    assert "which is another shard's" in str(report(result)["differences"])


@pytest.mark.parametrize("met_by", ["a-daemon-that-follows", "a-daemon-that-starts"])
def test_a_bucket_waits_for_a_collection_that_another_shard_makes_anew(pair, proxied, daemon, met_by):
    """The replica lost it, and what was stored of it tells that it is loaded. Whoever is let in by the bucket has all of it."""
    bucket = new_bucket(8)
    owner = shard_of(bucket, 3)
    name = next(f"{bucket}/c{n}" for n in range(8) if shard_of(f"{bucket}/c{n}", 3) != owner)
    other = shard_of(name, 3)
    records.load(pair.master, name, [{"id": f"r{n:03}", "n": n} for n in range(600)])
    copy = ("--permissions", "copy", "--collections", f"{bucket}/*")
    for index in (other, owner):
        pair.once(*copy, *shard_args(index, 3)).expect(0)
    slow = proxied(SlowWrites(pair.replica.url, 0.2))
    args = [*mirror.servers(pair.master.url, slow.url), *FAST, *copy, *shard_args(other, 3)]
    running = daemon(*args) if met_by == "a-daemon-that-follows" else None
    if running:
        wait_until(lambda: "following the master" in running.log(), "it follows")

    remove(pair.replica, collection_of(name))
    running = running or daemon(*args)
    put(pair.master, bucket, None, {"read": [EVERYONE]})
    daemon(*pair.args, *FAST, *copy, *shard_args(owner, 3))

    first: list[int] = []

    def is_let_in() -> bool:
        answer = ask(pair.replica, "GET", f"{collection_of(name)}/records?_limit=1000", auth=None)
        if answer.ok:
            first.append(len(answer.json()["data"]))
        return answer.ok

    wait_until(is_let_in, "everybody may read", timeout=60)
    assert first == [600]


def test_what_only_the_replica_has_is_reported_by_its_shard_alone(pair):
    names = fill(pair, buckets=1)
    pair.once(*ALL).expect(0)
    own = f"{buckets_of(names)[0]}/own"
    records.load(pair.replica, own, [{"id": "x"}])
    for index in range(3):
        result = pair.check(*ALL, "--extras", "delete", *shard_args(index, 3))
        told = own in ids(result.report)
        assert told == (shard_of(own, 3) == index)
        assert bool(report(result)["differences"]) == told and result.code == (1 if told else 0)


def test_a_shard_may_be_empty_and_says_so_once(pair, name, daemon):
    records.load(pair.master, name, [{"id": "x"}])
    empty = next(index for index in range(3) if index not in (shard_of(name, 3), shard_of(name.split("/")[0], 3)))
    scope = ("--collections", name, *shard_args(empty, 3))
    result = pair.once(*scope).expect(0)
    assert ids(result.report) == []
    [notice] = result.report["notices"]
    assert f"shard {empty}/3 has no collection" in notice["message"] and "the 1 in scope" in notice["message"]
    assert "of the other shards" in mirror.run("check", *pair.args, *scope).expect(0).out

    running = daemon(*pair.args, *FAST, *scope, "--listen", "127.0.0.1:0")
    pages = StatusPages(running)
    wait_until(lambda: pages.status()["in_sync"], "it is in sync with nothing")
    pages.run("healthcheck").expect(0)
    wait_until(lambda: pages.replica()["requests"].get("200", 0) > 20, "rounds go by")
    assert len([one for one in events(running, "sync.notice") if "has no collection" in one["msg"]]) == 1
    assert not exists(pair.replica, name.split("/")[0])


# Who follows

def test_a_daemon_tells_which_share_is_its_own(pair, daemon):
    names = fill(pair)
    running = daemon(*pair.args, *FAST, *ALL, *shard_args(1, 3), "--listen", "127.0.0.1:0")
    pages = StatusPages(running)
    wait_until(lambda: pages.status()["in_sync"], "it is in sync")
    assert events(running, "daemon.start")[0]["sync.shard"] == "1/3"
    assert "shard 1/3" in events(running, "daemon.start")[0]["msg"]
    assert pages.status()["shard"] == "1/3"
    assert [one["id"] for one in pages.replica()["collections"]] == [name for name in sorted(names) if shard_of(name, 3) == 1]
    metrics = pages.metrics()
    assert metrics['kinto_mirror_shard{shard="1",shards="3"}'] == 1 and metrics["kinto_mirror_shards"] == 3
    check_metrics(pages.get("/metrics").text)
    table = pages.run("status").expect(0).out
    assert "shard 1/3" in table and not [name for name in names if name in table and shard_of(name, 3) != 1]


@pytest.fixture
def seeing(request, servers) -> Pair:
    """Servers that list the tombstones of buckets to the daemon's user."""
    settings = {SEES_BUCKETS: user_id(servers.get("memory", "master"))}
    return Pair(servers.get(request.param, "master", settings), servers.get(request.param, "replica"))


@pytest.mark.parametrize("seeing", BACKENDS, indirect=True)
def test_a_deleted_bucket_goes_when_every_shard_has_taken_out_its_own(seeing, daemon):
    pair = seeing
    names = fill(pair, buckets=2)
    bucket, other = buckets_of(names)
    owner = shard_of(bucket, 3)
    pages = [StatusPages(daemon(*pair.args, *FAST, *ALL, *shard_args(index, 3), "--listen", "127.0.0.1:0"))
             for index in range(3) if index == owner]
    others = [daemon(*pair.args, *FAST, *ALL, *shard_args(index, 3)) for index in range(3) if index != owner]
    soon(lambda: all(records.count(pair.replica, name) == 3 for name in names), "all is loaded")
    for one in others:
        one.stop()
    when = remove(pair.master, bucket)
    [own] = pages
    soon(lambda: [one["kind"] for one in own.replica()["containers"]["differences"]] == ["undeleted"], "it waits")
    assert "another shard's" in own.replica()["containers"]["differences"][0]["reason"]
    assert exists(pair.replica, bucket)
    for index in range(3):
        if index != owner:
            daemon(*pair.args, *FAST, *ALL, *shard_args(index, 3))
    soon(lambda: not exists(pair.replica, bucket), "it is gone")
    soon(lambda: own.status()["in_sync"], "nothing is told of it any more")
    assert when and exists(pair.replica, other)


def stopped(daemons: list[mirror.Daemon]) -> None:
    for one in daemons:
        assert one.stop() == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_from_three_to_four_while_writes_go_on_and_one_is_killed(servers, backend, rng, daemon):
    """Nothing is lost, and nothing stamped anew, though old and new ones overlap for a while."""
    pair = Pair(servers.get(backend, "master"), servers.get(backend, "replica"))
    names = fill(pair, buckets=2, collections=6)
    often = (*pair.args, "--interval", "200ms", "--overlap", "2s", "--audit-interval", "3s", *ALL)
    old = [daemon(*often, *shard_args(index, 3)) for index in range(3)]
    soon(lambda: all(records.count(pair.replica, name) == 3 for name in names), "all is loaded")
    writers = [Writer(pair.master, name, rng, prefix=f"w{i}", ids=6) for i, name in enumerate(names[::2])]
    for writer in writers:
        writer.start()
    goal = [60]

    def steps_more(count: int = 60) -> None:
        goal[0] += count
        wait_until(lambda: all(writer.steps >= goal[0] for writer in writers), "writes go on", timeout=120)

    steps_more()
    old.pop(1).kill()
    put(pair.master, buckets_of(names)[0], {"v": "changed meanwhile"})
    steps_more()
    new = [daemon(*often, *shard_args(index, 4)) for index in range(4)]
    steps_more()
    stopped(old)
    steps_more()
    for writer in writers:
        writer.stop()

    def equal() -> bool:
        return all(records.stored(pair.replica, name) == records.stored(pair.master, name) for name in names)

    wait_until(equal, "the four have made the replica equal", timeout=60)
    soon(lambda: data(pair.replica, buckets_of(names)[0]) == data(pair.master, buckets_of(names)[0]), "its metadata too")
    stopped(new)
    assert_copied(pair, names)
    for index in range(4):
        result = pair.once(*ALL, *shard_args(index, 4)).expect(0)
        written = [one["created"] + one["updated"] + one["deleted"] for one in result.report["replicas"][0]["collections"]]
        assert not any(written), "all was there already, as it is on the master"
    pair.check(*ALL).expect(0)
