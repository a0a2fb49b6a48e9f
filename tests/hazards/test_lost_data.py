"""A master that lost records, or does not show them any more: neither is an order to delete them."""

from collections.abc import Callable

import pytest
import requests

from harness import mirror, records
from harness.faults import Scripted, paged
from harness.proxy import Request, Response
from harness.waiting import wait_until

NEVER_ENOUGH = ("--extras", "delete", "--max-delete", "100%")
READER = "reader:secret"


def reader_id(server) -> str:
    return server.client(READER).server_info()["user"]["id"]


@pytest.mark.parametrize("extras", ["keep", "delete"])
def test_hazard_26_a_comparison_finds_what_purged_tombstones_do_not_tell(pg_pair, name, rng, extras):
    """Kinto's own command removes the tombstones, and on PostgreSQL also a live record of the same id elsewhere."""
    other = name.replace("articles", "other")
    made = records.random_records(rng, 30)
    records.load(pg_pair.master, name, made)
    records.load(pg_pair.master, other, [made[0], {"id": "alone"}])
    for each in (name, other):
        pg_pair.once("--collections", each).expect(0)
    for record in made[:3]:
        records.delete(pg_pair.master, name, record["id"])
    pg_pair.master.purge_deleted("record")
    assert records.stored(pg_pair.master, name, tombstones=True).keys() == {record["id"] for record in made[3:]}
    assert records.stored(pg_pair.master, other, tombstones=True).keys() == {"alone"}

    entries = [pg_pair.once("--extras", extras, "--collections", each).expect(0).collection(each)
               for each in (name, other)]

    # In `keep`, what has no tombstone cannot be told from a record of the replica's own.
    found = [(entry["deleted"], entry["extra"]) for entry in entries]
    assert found == ([(0, 3), (0, 1)] if extras == "keep" else [(3, 0), (1, 0)])
    if extras == "delete":
        for each in (name, other):
            records.assert_same(pg_pair.master, pg_pair.replica, each)
    else:
        assert records.count(pg_pair.replica, name) == 30


@pytest.mark.parametrize("extras", ["keep", "delete"])
def test_hazard_27_a_flushed_master_deletes_nothing(each_pair, name, rng, extras):
    records.load(each_pair.master, name, records.random_records(rng, 12))
    each_pair.once().expect(0)
    before = records.stored(each_pair.replica, name)
    etag = records.etag(each_pair.master, name)
    each_pair.master.flush()
    result = each_pair.once("--extras", extras)
    assert records.stored(each_pair.replica, name) == before

    # The owner re-creates the containers: an empty collection is as doubtful as none.
    records.load(each_pair.master, name, [])
    assert records.etag(each_pair.master, name) > etag, "the ETag went forward"
    second = each_pair.once("--extras", extras).expect(0 if extras == "keep" else 1)
    assert records.stored(each_pair.replica, name) == before
    assert second.collection(name)["deleted"] == 0
    if extras == "delete":
        result.expect(1, 69, 77)


def reader_args(pair, name: str, master: str | None = None) -> list[str]:
    return ["--master", master or pair.master.url, "--master-auth", READER, "--replica", pair.replica.url,
            "--replica-auth", pair.replica.auth, "--collections", name, *NEVER_ENOUGH]


@pytest.fixture
def read_by_another(pair, name, rng):
    """A copy of 12 records, made by a user who may only read the collection."""
    bucket, collection = name.split("/")
    records.load(pair.master, name, records.random_records(rng, 12))
    pair.master.client().patch_collection(id=collection, bucket=bucket, permissions={"read": [reader_id(pair.master)]})
    mirror.run("run", "--once", *reader_args(pair, name)).expect(0)
    assert records.count(pair.replica, name) == 12
    return pair


def revoke(server, name: str, left: str | None) -> None:
    """The reader may read one record from now on, or none."""
    bucket, collection = name.split("/")
    client = server.client()
    client.patch_collection(id=collection, bucket=bucket, permissions={"read": []})
    if left:
        requests.patch(f"{records.records_url(server, name)}/{left}", auth=tuple(server.auth.split(":")), timeout=10,
                       json={"permissions": {"read": [reader_id(server)]}}).raise_for_status()


@pytest.mark.parametrize("when", ["before", "in mid-run"])
@pytest.mark.parametrize("left", ["one", "none"])
def test_hazard_28_revoked_read_rights_delete_nothing(read_by_another, name, proxied, when, left):
    """The list is then shorter, with status 200, or refused with 403: neither is a deletion."""
    master, replica = read_by_another.master, read_by_another.replica
    before = records.stored(replica, name)
    one = next(iter(before)) if left == "one" else None
    revoked: list[bool] = []

    def script(request: Request, forward: Callable[[Request], Response]) -> Response:
        if "_token=" in request.path and not revoked:
            revoke(master, name, one)
            revoked.append(True)
        return forward(paged(request, 5))

    front = proxied(Scripted(master.url, script))
    if when == "before":
        revoke(master, name, one)
    else:
        mirror.run("run", "--once", *reader_args(read_by_another, name, front.url)).expect(1, 69, 77)
        assert revoked
    visible = requests.get(records.records_url(master, name), auth=("reader", "secret"), timeout=10)
    assert visible.status_code == (200 if one else 403)
    assert [row["id"] for row in visible.json().get("data", [])] == ([one] if one else [])

    mirror.run("run", "--once", *reader_args(read_by_another, name)).expect(1, 69, 77)

    assert records.stored(replica, name).keys() == before.keys()


@pytest.mark.parametrize("extras", ["keep", "delete"])
def test_hazard_43_a_memory_master_that_restarts_deletes_nothing(servers, name, rng, daemon, extras):
    """A silent flush: nothing may be deleted, and what is new must arrive."""
    master, replica = servers.start("memory"), servers.get("memory", "replica")
    try:
        records.load(master, name, records.random_records(rng, 12))
        port = master.port
        daemon(*mirror.servers(master.url, replica.url), "--interval", "200ms", "--audit-interval", "1s",
               "--extras", extras)
        wait_until(lambda: records.count(replica, name) == 12, "the first records have arrived")
        before = records.stored(replica, name)
        master.halt()
        master.start(port)
        records.load(master, name, [{"id": "after", "title": "the flush"}])
        wait_until(lambda: "after" in records.stored(replica, name), "the new record has arrived", timeout=60)
        found = records.stored(replica, name)
        assert found.pop("after")["title"] == "the flush"
        assert found == before
    finally:
        master.close()
