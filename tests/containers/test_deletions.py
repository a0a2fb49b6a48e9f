"""Collections that the master deleted go by their tombstone, with all that was in them and nothing else."""

import pytest

from harness import mirror, records
from harness.containers import (FAST, NEVER_ENOUGH, OTHER, READER, assert_rests, assert_same, ask, collection_of, data,
                                differences, exists, lists, patch, put, remove, report, soon, tombstone, tree, user_id)
from harness.exchanges import Recording
from harness.kinto import AUTH, BACKENDS, KintoServer
from harness.servers import Pair

SMALL = {"kinto.storage_max_fetch_size": "50"}
HISTORY = {"kinto.includes": "kinto.plugins.flush kinto.plugins.history"}


def load(server: KintoServer, name: str, count: int = 3, prefix: str = "r") -> str:
    put(server, name.split("/")[0])
    put(server, collection_of(name))
    records.put(server, name, [{"id": f"{prefix}{n}", "n": n} for n in range(count)])
    return collection_of(name)


def beside(name: str, other: str = "stays") -> str:
    return f"{name.split('/')[0]}/{other}"


def test_hazard_48_a_deleted_collection_goes(each_pair, name):
    """A hundred records, and no brake: a tombstone is no doubt."""
    path, stays = load(each_pair.master, name, 100), load(each_pair.master, beside(name))
    each_pair.once().expect(0)
    kept = tree(each_pair.replica, name.split("/")[0])
    when = remove(each_pair.master, path)
    checked = each_pair.check().expect(1)
    assert differences(checked) == {(path, "undeleted")} and not checked.report["in_sync"]
    assert records.count(each_pair.replica, name) == 100

    assert report(each_pair.once().expect(0))["deleted"] == 1

    assert not exists(each_pair.replica, path) and tombstone(each_pair.replica, path) == when
    assert tree(each_pair.replica, name.split("/")[0]) == {one: it for one, it in kept.items() if not one.startswith(path)}
    assert exists(each_pair.replica, stays)
    assert_rests(each_pair)


@pytest.mark.parametrize("scope", ["*/*", "named"])
@pytest.mark.parametrize("extras", [(), NEVER_ENOUGH], ids=["keep", "delete"])
def test_a_daemon_follows_it_within_an_interval(each_backend, name, daemon, scope, extras):
    """And the collection that is made anew afterwards holds nothing of the old one."""
    path = load(each_backend.master, name, 20)
    load(each_backend.master, beside(name))
    names = f"{name},{beside(name)}" if scope == "named" else scope
    daemon(*each_backend.args, *FAST, "--collections", names, *extras)
    soon(lambda: records.count(each_backend.replica, name) == 20, "it is loaded")
    when = remove(each_backend.master, path)
    soon(lambda: not exists(each_backend.replica, path), "it is gone")
    assert tombstone(each_backend.replica, path) == when
    load(each_backend.master, name, 5, "new")
    wanted = records.stored(each_backend.master, name)
    soon(lambda: records.stored(each_backend.replica, name) == wanted, "the new one arrives")
    soon(lambda: data(each_backend.replica, path) == data(each_backend.master, path), "with its stamp")
    assert records.count(each_backend.replica, beside(name)) == 3


def test_the_last_collection_takes_no_bucket_along(each_backend, name):
    path = load(each_backend.master, name)
    each_backend.once("--collections", name).expect(0)
    remove(each_backend.master, path)
    each_backend.once("--collections", name).expect(0)
    assert not exists(each_backend.replica, path)
    assert_same(each_backend, name.split("/")[0])


def test_where_only_records_are_deleted_it_stays(each_backend, name):
    path = load(each_backend.master, name)
    each_backend.once().expect(0)
    before = tree(each_backend.replica, name.split("/")[0])
    remove(each_backend.master, path)
    for extras in ((), NEVER_ENOUGH):
        each_backend.once("--deletions", "records", *extras)
        assert tree(each_backend.replica, name.split("/")[0]) == before
        assert (path, "undeleted") not in differences(each_backend.check("--deletions", "records", *extras))


def test_hazard_24_nothing_is_left_to_come_back(servers, name):
    """PostgreSQL deletes no more rows than it fetches at once, so the collection is emptied first."""
    pair = Pair(servers.get("postgresql", "master"), servers.get("postgresql", "replica", SMALL))
    path = load(pair.master, name, 130)
    pair.once().expect(0)
    records.delete_many(pair.master, name, [f"r{n}" for n in range(10)])
    pair.once().expect(0)
    remove(pair.master, path)
    pair.once().expect(0)
    assert not exists(pair.replica, path)
    put(pair.replica, path)
    assert records.stored(pair.replica, name) == {}


def test_hazard_15_it_is_deleted_alone_and_under_guard(each_backend, name, proxied):
    """Never in a batch: what comes behind it there would go with it."""
    path = load(each_backend.master, name)
    load(each_backend.master, beside(name))
    each_backend.once().expect(0)
    present = data(each_backend.replica, path)["last_modified"]
    when = remove(each_backend.master, path)
    records.put(each_backend.master, beside(name), [{"id": "later"}])
    watched = proxied(Recording(each_backend.replica.url))
    mirror.run("run", "--once", *mirror.servers(each_backend.master.url, watched.url)).expect(0)

    batched = [part for request, _ in watched.exchanges if request.path.endswith("/batch")
               for part in request.parts() if part.method == "DELETE" and "/records" not in part.path]
    alone = [(request, answer) for request, answer in watched.exchanges
             if request.method == "DELETE" and request.path.split("?")[0].endswith(f"/buckets/{path}")]
    assert batched == [] and len(alone) == 1
    [(request, answer)] = alone
    headers = {key.lower(): value for key, value in request.headers.items()}
    assert answer.status == 200 and headers["if-match"] == f'"{present}"'
    assert f"last_modified={when}" in request.path
    records.assert_same(each_backend.master, each_backend.replica, beside(name))


def test_a_container_that_was_never_copied(each_backend, name):
    """Its tombstone asks for nothing, and is no difference."""
    path = load(each_backend.master, name)
    load(each_backend.master, beside(name))
    remove(each_backend.master, path)
    each_backend.once().expect(0)
    assert not exists(each_backend.replica, path)
    assert_rests(each_backend)


def test_one_of_the_replicas_own_stays(each_backend, name):
    """It is newer than the tombstone of the same id, and the daemon never copied it."""
    path = load(each_backend.master, name)
    load(each_backend.master, beside(name))
    remove(each_backend.master, path)
    load(each_backend.replica, name, 3, "own")
    before = tree(each_backend.replica, name.split("/")[0])
    result = each_backend.once()
    found = tree(each_backend.replica, name.split("/")[0])
    assert {one: it for one, it in found.items() if one.startswith(path)} == {
        one: it for one, it in before.items() if one.startswith(path)}
    assert (path, "extra") in differences(result) and result.report["in_sync"]
    assert not exists(each_backend.replica, f"{path}/records/r0")


@pytest.mark.parametrize("what", ["record", "collection"])
def test_what_drifted_ahead_does_not_hold_it(each_backend, name, what):
    """The daemon copied it, so that the tombstone is about it, whatever its stamp is now."""
    path = load(each_backend.master, name)
    load(each_backend.master, beside(name))
    each_backend.once().expect(0)
    remove(each_backend.master, path)
    patch(each_backend.replica, path if what == "collection" else f"{path}/records/r0", {"n": "ahead"})
    each_backend.once().expect(0)
    assert not exists(each_backend.replica, path)
    assert_rests(each_backend)


def test_hazard_48_a_collection_that_is_not_shown_any_more_stays(each_backend, name):
    """To whoever may read single collections alone, no tombstone is listed: 403 is no proof."""
    reader = user_id(each_backend.master, READER)
    path = load(each_backend.master, name)
    patch(each_backend.master, path, permissions={"read": [reader]})
    args = ["--master", each_backend.master.url, "--master-auth", READER, "--replica", each_backend.replica.url,
            "--replica-auth", AUTH, "--collections", name]
    mirror.run("run", "--once", *args).expect(0)
    before = tree(each_backend.replica, name.split("/")[0])
    remove(each_backend.master, path)
    for extras in ((), NEVER_ENOUGH):
        mirror.run("run", "--once", *args, *extras).expect(1, 69, 77)
        assert tree(each_backend.replica, name.split("/")[0]) == before


@pytest.mark.parametrize("extras", [(), ("--extras", "delete")], ids=["keep", "delete"])
def test_hazard_49_made_anew_without_a_proof(each_backend, name, extras):
    """No tombstone, no history: nothing is lost until an operator says so."""
    path = load(each_backend.master, name, 30)
    each_backend.once().expect(0)
    before = records.stored(each_backend.replica, name)
    remove(each_backend.master, path)
    load(each_backend.master, name, 4, "new")
    result = each_backend.once(*extras)
    found = records.stored(each_backend.replica, name)
    assert before.items() <= found.items()
    assert found.keys() - before.keys() == {f"new{n}" for n in range(4)}
    assert_same(each_backend, path)
    assert ("brake" in result.err) == bool(extras)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("extras", [(), ("--extras", "delete")], ids=["keep", "delete"])
def test_hazard_49_made_anew_with_the_history_as_proof(servers, name, backend, extras):
    """What it had until then goes, in `keep` too; records of its new life stay, and the replica's later own ones."""
    pair = Pair(servers.get(backend, "master", HISTORY), servers.get(backend, "replica"))
    path = load(pair.master, name, 30)
    load(pair.master, beside(name), 30)
    pair.once().expect(0)
    remove(pair.master, path)
    load(pair.master, name, 4, "new")
    put(pair.master, f"{path}/records/r1", {"n": "in both lives"})
    if not extras:
        put(pair.replica, f"{path}/records/own", {"n": "newer than the deletion"})

    result = pair.once(*extras).expect(0)

    wanted = records.stored(pair.master, name)
    found = records.stored(pair.replica, name)
    assert found.keys() == wanted.keys() | (set() if extras else {"own"})
    assert {key: found[key] for key in wanted} == wanted
    assert "brake" not in result.err
    assert_same(pair, path)
    records.assert_same(pair.master, pair.replica, beside(name))


def test_hazard_49_while_a_daemon_follows(servers, name, daemon):
    pair = Pair(servers.get("postgresql", "master", HISTORY), servers.get("postgresql", "replica"))
    path = load(pair.master, name, 30)
    daemon(*pair.args, *FAST)
    soon(lambda: records.count(pair.replica, name) == 30, "it is loaded")
    for life in range(3):
        remove(pair.master, path)
        load(pair.master, name, 4, f"life{life}-")
        soon(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "only the new ones are there")


def test_a_right_to_delete_that_is_missing(pair, name):
    """It is named, with its user and its object."""
    bucket, path = name.split("/")[0], load(pair.master, name)
    mine = user_id(pair.replica)
    put(pair.replica, bucket, {}, {"read": [mine]}, OTHER)
    put(pair.replica, path, data(pair.master, path), {"read": [mine], "record:create": [mine]}, OTHER)
    pair.once("--collections", name, "--metadata", "create")
    assert records.count(pair.replica, name) == 3
    remove(pair.master, path)
    result = pair.once("--collections", name, "--metadata", "create").expect(1, 77)
    assert exists(pair.replica, path)
    told = result.err + str(report(result)["differences"])
    assert path in told and mine in told
    assert ask(pair.replica, "GET", path, OTHER).status_code == 200 and lists(pair.replica, path, OTHER)["read"] == {mine}
