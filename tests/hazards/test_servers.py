"""Nodes that only read, on the database of a writable one."""

from collections.abc import Iterator

import pytest
import requests

from harness import mirror, records
from harness.kinto import KintoServer
from harness.servers import Pair


@pytest.fixture
def read_only(servers, name) -> Iterator[tuple[Pair, KintoServer]]:
    """A pair, and a read-only node on the replica's database."""
    pair = Pair(servers.get("memory", "master"), servers.get("postgresql", "replica"))
    shared = {f"kinto.{role}_url": pair.replica.database_url for role in ("storage", "permission", "cache")}
    node = servers.start("postgresql", shared | {"kinto.readonly": "true", "kinto.retry_after_seconds": "0"})
    yield pair, node
    node.close()


def status(node: KintoServer, path: str) -> int:
    return requests.get(node.url + path, auth=tuple(node.auth.split(":", 1)), timeout=30).status_code


def test_hazard_38_a_cold_read_only_node(read_only, name):
    """It answers 503 to a list that was never asked for on the writable node. The daemon has asked for those that it
    copies, empty ones too, and says what is wrong when it is given the wrong node."""
    pair, node = read_only
    bucket, _ = name.split("/")
    empty = f"{bucket}/empty"
    records.load(pair.replica, "by-hand/cold", [])
    assert status(node, "/buckets/by-hand/collections/cold") == 200
    assert status(node, "/buckets/by-hand/collections/cold/records") == 503
    records.load(pair.master, name, [{"id": "one"}])
    records.load(pair.master, empty, [])

    wrong = mirror.run("run", "--once", *mirror.servers(pair.master.url, node.url)).expect(77)
    assert "give the URL of the writable one" in wrong.err
    for each in (name, empty):
        pair.once("--collections", each).expect(0)

    for path in ("/buckets", f"/buckets/{bucket}/collections", *(records.records_url(node, each)[len(node.url):]
                                                                for each in (name, empty))):
        assert status(node, path) == 200, path
    assert records.stored(node, name) == records.stored(pair.master, name)


def test_hazard_38_the_groups_of_a_bucket_that_was_copied(read_only, name):
    pair, node = read_only
    records.load(pair.master, name, [{"id": "one"}])
    pair.once().expect(0)
    assert status(node, f"/buckets/{name.split('/')[0]}/groups") == 200
