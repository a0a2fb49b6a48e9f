"""Something in front of a server takes no more than 1 KiB at once, as nginx with `client_max_body_size 1k`."""

import pytest

from harness import mirror, records
from harness.containers import assert_same, collection_of, put
from harness.kinto import KintoServer
from harness.proxy import Hangup, Proxy, Request, Response
from harness.waiting import wait_until

MOST = 1024
SETTINGS = ("--permissions", "copy", "--groups", "follow")
PAGE = b"<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n</html>\r\n"


class SmallBodies(Proxy):
    """Refuses larger bodies with a page, or closes the connection."""

    def __init__(self, upstream: str, hangs_up: bool = False):
        super().__init__(upstream)
        self._hangs_up = hangs_up
        self.refused = 0

    def handle(self, request: Request) -> Response:
        if len(request.body) <= MOST:
            return self.forward(request)
        self.refused += 1
        if self._hangs_up:
            raise Hangup
        return Response(413, [("Content-Type", "text/html")], PAGE)


def fill(master: KintoServer, name: str) -> list[str]:
    """Twenty small collections with metadata, a group, and rights; their names. They fill batches of reads."""
    bucket = name.split("/")[0]
    put(master, bucket, {"v": 1}, {"read": ["account:alice"]})
    put(master, f"{bucket}/groups/g", {"members": ["account:bob"]})
    names = [f"{bucket}/c{number}" for number in range(20)]
    for one in names:
        put(master, collection_of(one), {"v": one}, {"read": ["account:bob"]})
        records.put(master, one, [{"id": f"r{n}", "n": n} for n in range(15)])
    return names


@pytest.fixture(params=["master", "replica", "master-that-hangs-up"])
def narrow(request, pair, proxied) -> tuple[SmallBodies, list[str]]:
    """It, and where the daemon finds both servers."""
    master, replica = pair.master.url, pair.replica.url
    front = proxied(SmallBodies(replica if request.param == "replica" else master, request.param.endswith("hangs-up")))
    return front, mirror.servers(master, front.url) if request.param == "replica" else mirror.servers(front.url, replica)


def test_everything_is_copied_and_what_comes_through_is_remembered(pair, name, narrow):
    front, servers = narrow
    names = fill(pair.master, name)

    result = mirror.run("run", "--once", "--json", *servers, "--collections", f"{name.split('/')[0]}/*", *SETTINGS).expect(0)

    assert front.refused > 0 and result.report["in_sync"]
    for one in names:
        records.assert_same(pair.master, pair.replica, one)
    assert_same(pair, name.split("/")[0], f"{name.split('/')[0]}/groups/g", *map(collection_of, names))
    pair.check("--collections", f"{name.split('/')[0]}/*", *SETTINGS).expect(0)
    if not front._hangs_up:
        assert front.refused < 30, "it asks for too much again and again"


def test_a_daemon_follows_it(pair, name, narrow, daemon):
    front, servers = narrow
    names = fill(pair.master, name)
    running = daemon(*servers, "--collections", f"{name.split('/')[0]}/*", *SETTINGS, "--interval", "300ms", "--overlap", "2s")
    wait_until(lambda: all(records.count(pair.replica, one) == 15 for one in names), "all is copied", timeout=60)
    refused = front.refused
    for one in names:
        records.put(pair.master, one, [{"id": f"new{n}", "n": n} for n in range(5)])
    put(pair.master, collection_of(names[0]), {"v": "changed"}, {"read": ["account:carol"]})
    for one in names:
        records.wait_same(pair.master, pair.replica, one, "it is copied")
    wait_until(lambda: running.log().count("following the master") > 0, "it follows")
    if not front._hangs_up:
        assert front.refused - refused < 10, "it asks for too much again and again"
    assert running.stop() == 0
