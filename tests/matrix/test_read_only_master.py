"""A read-only node as master, on the database of the node that is written to. Kinto refuses it every batch, and gives it
no collection that was never listed on a writable node."""

from collections.abc import Iterator

import pytest

from harness import mirror, records
from harness.kinto import KintoServer
from harness.servers import Pair
from harness.waiting import wait_until

from . import work
from .plugins import ROLES

pytestmark = pytest.mark.whole_matrix


@pytest.fixture
def node(servers, pg_pair) -> Iterator[KintoServer]:
    urls = {f"kinto.{role}_url": pg_pair.master.database_url for role in ROLES}
    server = servers.start("postgresql", urls | {"kinto.readonly": "true"})
    yield server
    server.close()


def test_a_load_and_a_follow(pg_pair: Pair, node, name, daemon):
    records.load(pg_pair.master, name, work.numbered(0, 120))
    args = mirror.servers(node.url, pg_pair.replica.url)
    mirror.run("run", "--once", "--json", *args, "--collections", name).expect(0)

    running = work.follow_much(pg_pair, name, daemon, args, count=120)

    assert running.stop() == 0
    assert work.errors(running) == []
    mirror.run("check", *args, "--collections", name).expect(0)


def test_a_collection_that_was_never_listed_holds_up_no_other(pg_pair: Pair, node, name, daemon):
    cold = name.replace("articles", "cold")
    bucket = name.split("/")[0]
    records.load(pg_pair.master, name, work.numbered(0, 5))
    pg_pair.master.client().create_collection(id="cold", bucket=bucket)
    daemon(*mirror.servers(node.url, pg_pair.replica.url), "--collections", f"{name},{cold}", "--interval", "1s")
    records.wait_same(pg_pair.master, pg_pair.replica, name, "the other one has arrived", timeout=20)
    records.put(pg_pair.master, name, work.numbered(5, 10))
    wait_until(lambda: records.count(pg_pair.replica, name) == 10, "and is followed", timeout=10)
