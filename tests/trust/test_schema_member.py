"""Where a Kinto validates records it puts the stamp of its own copy of the collection into each one, as `schema`. Where
the two copies have different stamps, so have the records different bodies under equal stamps: that is told."""

from collections.abc import Callable

import pytest

from harness import mirror, records
from harness.kinto import BACKENDS, KintoServer
from harness.servers import Pair
from harness.status import StatusPages
from harness.waiting import wait_until

pytestmark = pytest.mark.records_only

VALIDATES = {"kinto.experimental_collection_schema_validation": "true"}
SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}}
WIDER = SCHEMA | {"description": "edited"}


def of_collection(server: KintoServer, name: str) -> int:
    bucket, collection = name.split("/")
    return server.client().get_collection(id=collection, bucket=bucket)["data"]["last_modified"]


def set_schema(server: KintoServer, name: str, schema: dict) -> None:
    bucket, collection = name.split("/")
    server.client().patch_collection(id=collection, bucket=bucket, data={"schema": schema})


def told(text: str, name: str) -> list[str]:
    """Lines about the collection that name `schema`."""
    return [line for line in text.splitlines() if "schema" in line and name in line and '"daemon.start"' not in line]


def audits(pages: StatusPages) -> float:
    """That were made, however they ended."""
    return sum(count for series, count in pages.metrics().items()
               if series.startswith("kinto_mirror_passes_total") and 'kind="audit"' in series)


@pytest.fixture
def validating(servers, name) -> Callable[[str, bool], Pair]:
    """A pair with five records on the master under a schema; the replica validates, and the master where asked for."""

    def make(backend: str, both: bool = False) -> Pair:
        pair = Pair(servers.get("memory", "master", VALIDATES if both else None),
                    servers.get(backend, "replica", VALIDATES))
        records.load(pair.master, name, [])
        set_schema(pair.master, name, SCHEMA)
        records.put(pair.master, name, [{"id": f"r{n}", "title": "text"} for n in range(5)])
        return pair

    return make


@pytest.mark.parametrize("both", [False, True], ids=["replica-validates", "both-validate"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_schema_that_was_edited_on_the_master(validating, name, backend, both):
    """The replica's copy stays as it was when it was created."""
    pair = validating(backend, both)
    first = pair.once("--collections", name).expect(0)
    assert of_collection(pair.master, name) == of_collection(pair.replica, name)
    assert told(first.err, name) == []
    set_schema(pair.master, name, WIDER)
    records.put(pair.master, name, [{"id": "after", "title": "text"}])
    assert of_collection(pair.master, name) != of_collection(pair.replica, name)

    for result in (pair.check("--collections", name), pair.once("--collections", name),
                   pair.check("--collections", name)):
        assert told(result.err + result.out, name), result.err
    wanted, found = records.stored(pair.master, name), records.stored(pair.replica, name)
    assert found["after"]["schema"] == of_collection(pair.replica, name) != wanted["after"].get("schema")


def test_a_collection_that_was_on_the_replica_before(validating, name):
    """With the same schema, under a stamp of its own."""
    pair = validating("memory", both=True)
    records.load(pair.replica, name, [])
    set_schema(pair.replica, name, SCHEMA)
    result = pair.once("--collections", name)
    assert told(result.err + result.out, name), result.err
    assert records.stored(pair.master, name) != records.stored(pair.replica, name)


def test_it_is_told_once_while_it_follows(validating, name, daemon):
    pair = validating("memory")
    pair.once("--collections", name).expect(0)
    running: mirror.Daemon = daemon(*pair.args, "--collections", name, "--interval", "200ms", "--audit-interval", "1s",
                                    "--listen", "127.0.0.1:0")
    pages = StatusPages(running)
    wait_until(lambda: "following the master" in running.log(), "it follows")
    set_schema(pair.master, name, WIDER)
    wait_until(lambda: told(running.log(), name), "it is told", timeout=15)
    begun = audits(pages)
    wait_until(lambda: audits(pages) > begun + 2, "it compares again and again", timeout=15)
    assert len(told(running.log(), name)) == 1


def test_nothing_is_told_where_the_replica_does_not_validate(servers, name):
    """It stores what the master says of the schema, like any other member."""
    pair = Pair(servers.get("memory", "master", VALIDATES), servers.get("memory", "replica"))
    records.load(pair.master, name, [])
    set_schema(pair.master, name, SCHEMA)
    records.put(pair.master, name, [{"id": "one"}])
    pair.once("--collections", name).expect(0)
    set_schema(pair.master, name, WIDER)
    records.put(pair.master, name, [{"id": "two"}])
    assert told(pair.once("--collections", name).expect(0).err, name) == []
    assert len(records.assert_same(pair.master, pair.replica, name)) == 2
