"""A read-only node as master: it takes no batches at all, and cannot list what its writable node was never asked for."""

import time

import pytest

from harness import mirror, records
from harness.kinto import KintoServer
from harness.status import StatusPages
from harness.waiting import wait_until

NAMES = [f"site/c{number}" for number in range(6)]
NEVER_LISTED = "site/unread"


@pytest.fixture
def node(servers):
    """The read-only node, and the writable one behind it."""
    writable = servers.start("postgresql")
    for name in NAMES:
        records.load(writable, name, [{"id": f"r{number}"} for number in range(5)])
    writable.client().create_collection(id="unread", bucket="site")
    urls = {f"kinto.{role}_url": writable.database_url for role in ("storage", "permission", "cache")}
    reading = servers.start("postgresql", {"kinto.readonly": "true"} | urls)
    yield reading, writable
    reading.close()
    writable.close()


@pytest.fixture
def replica(servers) -> KintoServer:
    return servers.get("memory", "replica")


@pytest.fixture
def args(node: tuple[KintoServer, KintoServer], replica: KintoServer) -> list[str]:
    return [*mirror.servers(node[0].url, replica.url), "--collections", "site/*"]


def test_one_collection_that_it_cannot_list_holds_nothing_up(node, args, replica):
    begin = time.monotonic()
    result = mirror.run("run", "--once", "--json", *args)
    assert time.monotonic() - begin < 10
    assert result.code not in (0, 69)
    for name in NAMES:
        records.assert_same(node[1], replica, name)
    told = [line for line in result.err.splitlines() if NEVER_LISTED in line]
    assert told and all("503" in line and "writable node" in line for line in told), result.err


def test_nor_while_it_follows(node, args, replica, daemon):
    running = daemon(*args, "--interval", "200ms", "--listen", "127.0.0.1:0")
    pages = StatusPages(running)
    wait_until(lambda: all(pages.collection(name)["state"] == "in-sync" for name in NAMES), "they are in sync", 20)
    begin = time.monotonic()
    records.put(node[1], NAMES[0], [{"id": "new"}])
    wait_until(lambda: "new" in records.stored(replica, NAMES[0]), "it has arrived", 20)
    assert time.monotonic() - begin < 3
    # Once the writable node was asked for them, the records can be read.
    records.count(node[1], NEVER_LISTED)
    wait_until(lambda: pages.collection(NEVER_LISTED)["state"] == "in-sync", "it heals by itself", 60)
