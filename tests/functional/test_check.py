"""`check` and `--dry-run` tell the truth and write nothing."""

import pytest

from harness import mirror, records
from harness.kinto import AUTH
from harness.waiting import wait_until


def everything(server, *names: str) -> tuple:
    """All that a server holds of these collections, and which buckets it has."""
    return records.bucket_ids(server), [(records.stored(server, n, tombstones=True), records.etag(server, n)) for n in names]


@pytest.fixture
def different(each_pair, name, rng):
    """20 records in sync by hand, then: 3 missing, 2 drifted stamps, 1 other body, 4 extras."""
    made = [record | {"last_modified": 1_700_000_000_000 + i} for i, record in enumerate(records.random_records(rng, 20))]
    records.load(each_pair.master, name, made)
    records.load(each_pair.replica, name, made[3:])
    records.put(each_pair.replica, name, [record | {"last_modified": 1_750_000_000_000 + i}
                                         for i, record in enumerate(made[3:5])])
    records.put(each_pair.replica, name, [made[5] | {"title": "edited", "last_modified": 1_750_000_000_100}])
    records.put(each_pair.replica, name, records.random_records(rng, 4))
    return each_pair


def test_check_counts_every_kind_of_difference(different, name):
    before = everything(different.master, name), everything(different.replica, name)

    entry = different.check().expect(1).collection(name)

    assert {key: entry[key] for key in ("master", "replica", "same", "missing", "differs", "extra")} == {
        "master": 20, "replica": 21, "same": 14, "missing": 3, "differs": 3, "extra": 4}
    assert (entry["created"], entry["updated"], entry["deleted"]) == (0, 0, 0)
    assert (everything(different.master, name), everything(different.replica, name)) == before
    assert "kinto-mirror" not in records.bucket_ids(different.replica)


def test_a_replica_that_shows_its_user_nothing_may_have_it_all(each_pair, name, rng):
    """Kinto answers 403 for what does not exist, and for what a user may not see: `check` cannot tell which."""
    records.load(each_pair.master, name, records.random_records(rng, 3))
    each_pair.once("--collections", name).expect(0)

    result = mirror.run("check", "--collections", name, *mirror.servers(each_pair.master.url, each_pair.replica.url),
                        "--replica-auth", "mirror:another-password")

    assert result.code == 1
    assert "lacks the right to read it" in result.out


def test_once_mends_what_check_found(different, name):
    different.once("--extras", "delete").expect(0)
    assert len(records.assert_same(different.master, different.replica, name)) == 20
    assert different.check("--extras", "delete").expect(0).collection(name)["same"] == 20


def test_a_dry_run_writes_nothing(different, name):
    before = everything(different.master, name), everything(different.replica, name)
    different.once("--dry-run", "--extras", "delete").expect(0, 1)
    assert (everything(different.master, name), everything(different.replica, name)) == before
    assert "kinto-mirror" not in records.bucket_ids(different.replica)


def test_nothing_is_created_on_an_empty_replica(each_pair, name, rng):
    records.load(each_pair.master, name, records.random_records(rng, 7))
    assert each_pair.check().expect(1).collection(name)["missing"] == 7
    each_pair.once("--dry-run").expect(0, 1)
    assert records.bucket_ids(each_pair.replica) == set()


def test_extras_are_a_difference_only_when_they_are_to_go(pair, name, rng):
    records.load(pair.replica, name, records.random_records(rng, 6))
    records.load(pair.master, name, [])
    assert pair.check("--extras", "keep").expect(0).collection(name)["extra"] == 6
    assert pair.check("--extras", "delete").expect(1).collection(name)["extra"] == 6


def test_a_record_that_the_master_deleted_counts_as_extra(pair, name, rng):
    made = records.random_records(rng, 5)
    records.load(pair.master, name, made)
    pair.once().expect(0)
    records.delete(pair.master, name, made[0]["id"])
    entry = pair.check("--extras", "keep").expect(1).collection(name)
    assert (entry["extra"], entry["same"]) == (1, 4)


def test_a_master_that_everybody_may_read_needs_no_credentials(each_backend, name, daemon):
    """Kinto tells who sends none 401 where it tells others 403."""
    records.load_for_everybody(each_backend.master, name, [{"id": "r"}])
    args = ("--master", each_backend.master.url, "--replica", each_backend.replica.url, "--replica-auth", AUTH, "--collections", name)
    assert mirror.run("run", "--once", *args).expect(0, 1).code == 0
    assert records.count(each_backend.replica, name) == 1
    mirror.run("check", *args).expect(0)
    hidden = mirror.run("check", *args[:-1], f"other-{name}").expect(1, 77)
    assert "lacks this right" in hidden.out or "may not" in hidden.out
    daemon(*args, "--interval", "300ms")
    records.put(each_backend.master, name, [{"id": "new"}])
    wait_until(lambda: records.count(each_backend.replica, name) == 2, "it is followed")
