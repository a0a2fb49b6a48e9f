"""Credentials or rights that are lost while the daemon follows: nothing is deleted, it is told once, and it goes on by
itself when they are back."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from harness import mirror, records
from harness.faults import Answers
from harness.kinto import ACCOUNTS, AUTH, KintoServer
from harness.proxy import Proxy
from harness.servers import Pair
from harness.waiting import wait_until

NAME = "mine/articles"
BOB = "bob:right-password"
OWNER = "owner:password"
TROUBLE = ("server.trouble", "sync.trouble", "sync.notice")

SCOPES = (NAME, "mine/*", "*/*")
each_side = pytest.mark.parametrize("side", ["master", "replica"])


@dataclass
class Followed:
    """A daemon that has caught up with 12 records, with a proxy in front of the side that will lose something."""
    master: KintoServer
    replica: KintoServer
    front: Proxy
    running: mirror.Daemon

    def troubles(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.running.log().splitlines()]
        return [line for line in lines if line["Type"] in TROUBLE]

    def visits(self, visit: str, count: int) -> None:
        """Waits for requests to the front whose path has this in it."""
        def seen() -> int:
            return sum(visit in part.path for request in list(self.front.requests) for part in request.parts())

        before = seen()
        wait_until(lambda: seen() >= before + count, f"{count} visits to {visit}")

    def between_rounds(self) -> None:
        """Waits until a round is over; the next is a while away."""
        def rests() -> bool:
            before = len(self.front.requests)
            time.sleep(0.3)
            return len(self.front.requests) == before

        self.visits("/", 1)
        wait_until(rests, "a round is over")

    def assert_nothing_lost(self, visit: str) -> None:
        self.visits(visit, 3 if visit == "/" else 16)
        assert self.running.process.poll() is None
        assert records.count(self.replica, NAME) == 12

    def assert_told_once(self, visit: str, *words: str) -> None:
        """Of the collection and of the server at most, however often it is tried again."""
        wait_until(self.troubles, f"it is told: {words}", timeout=15)
        self.assert_nothing_lost(visit)
        told = [line["Fields"]["msg"] for line in self.troubles()]
        assert any(all(word in message for word in words) for message in told), "\n".join(told)
        assert len(told) == len(set(told)) <= 2, "\n".join(told)

    def assert_goes_on(self) -> None:
        wait_until(lambda: records.stored(self.replica, NAME) == records.stored(self.master, NAME),
                   "what is new has arrived", timeout=60)
        assert "again" in records.stored(self.replica, NAME)


def follow(master: KintoServer, replica: KintoServer, side: str, front: Proxy, daemon, scope: str,
           auths: dict[str, str], interval: str = "200ms") -> Followed:
    auths = {"master": AUTH, "replica": AUTH} | auths
    urls = {"master": master.url, "replica": replica.url} | {side: front.url}
    args = [word for one in urls for word in (f"--{one}", urls[one], f"--{one}-auth", auths[one])]
    running = daemon(*args, "--interval", interval, "--collections", scope, "--extras", "delete",
                     "--max-delete", "100%")
    wait_until(lambda: records.count(replica, NAME) == 12, "it follows")
    followed = Followed(master, replica, front, running)
    followed.visits("/", 6)
    assert followed.troubles() == []
    return followed


def twelve() -> list[dict]:
    return [{"id": f"r{i}", "title": "first"} for i in range(12)]


@each_side
def test_a_changed_password(servers, proxied, daemon, side):
    accounts = servers.get("memory", "with accounts", ACCOUNTS, auth=BOB)
    account = f"{accounts.url}/accounts/bob"
    requests.put(account, json={"data": {"password": "right-password"}}, timeout=10).raise_for_status()
    sides = {"master": servers.get("memory", "master"), "replica": servers.get("memory", "replica")} | {side: accounts}
    records.load(sides["master"], NAME, twelve())
    followed = follow(sides["master"], sides["replica"], side, proxied(Proxy(accounts.url)), daemon, NAME, {side: BOB})

    def change(old: str, new: str) -> None:
        requests.put(account, json={"data": {"password": f"{new}-password"}}, auth=("bob", f"{old}-password"),
                     timeout=10).raise_for_status()
        accounts.auth = f"bob:{new}-password"

    try:
        change("right", "other")
        records.put(sides["master"], NAME, [{"id": "again", "title": "again"}])
        followed.assert_told_once("/", side, "401", "credentials")
    finally:
        change("other", "right")

    followed.assert_goes_on()
    wait_until(lambda: "works again" in followed.running.log(), "it is told that it works again")
    assert "right-password" not in followed.running.log()


@each_side
def test_a_proxy_that_refuses_the_credentials(pair, proxied, daemon, side):
    records.load(pair.master, NAME, twelve())
    refusing = Answers(getattr(pair, side).url, "", 401, {"code": 401, "errno": 104, "error": "Unauthorized"},
                       methods="GET HEAD PUT POST DELETE")
    refusing.active = False
    followed = follow(pair.master, pair.replica, side, proxied(refusing), daemon, "*/*", {})
    refusing.active = True
    records.put(pair.master, NAME, [{"id": "again", "title": "again"}])
    followed.assert_told_once("/", side, "401", "credentials")
    refusing.active = False
    followed.assert_goes_on()


def user_id(server: KintoServer) -> str:
    return server.client(AUTH).server_info()["user"]["id"]


def owned(server: KintoServer, rights: dict[str, list[str]]) -> None:
    """The bucket and its collection, which belong to somebody else."""
    owner = server.client(OWNER)
    owner.create_bucket(id="mine", permissions=rights)
    owner.create_collection(id="articles", bucket="mine")


@pytest.fixture
def owned_by_another(pair) -> Iterator[Callable[[str], Callable[[bool], None]]]:
    """Makes the bucket of one side somebody else's; what it returns gives the daemon's user a right to it, or takes it
    away."""
    servers: list[KintoServer] = []

    def make(side: str) -> Callable[[bool], None]:
        server = getattr(pair, side)
        servers.append(server)
        mine, right = user_id(server), "read" if side == "master" else "write"
        server.auth = OWNER  # what the test itself does must be possible at all times
        owned(server, {right: [mine]})

        def allow(allowed: bool) -> None:
            server.client().patch_bucket(id="mine", permissions={right: [mine] if allowed else []})

        return allow

    yield make
    for server in servers:
        server.auth = AUTH


def lose(pair: Pair, side: str, proxied, daemon, scope: str, allow: Callable[[bool], None],
         interval: str = "200ms") -> Followed:
    records.load(pair.master, NAME, twelve())
    front = proxied(Proxy(getattr(pair, side).url))
    followed = follow(pair.master, pair.replica, side, front, daemon, scope, {}, interval)
    if interval != "200ms":
        followed.between_rounds()
    allow(False)
    records.put(pair.master, NAME, [{"id": "again", "title": "again"}])
    return followed


@pytest.mark.records_only
@each_side
@pytest.mark.parametrize("scope", SCOPES)
def test_revoked_rights(pair, proxied, daemon, owned_by_another, side, scope):
    allow = owned_by_another(side)
    followed = lose(pair, side, proxied, daemon, scope, allow)
    followed.assert_nothing_lost("/buckets" if side == "master" else "articles")
    allow(True)
    followed.assert_goes_on()


@pytest.mark.records_only
@pytest.mark.parametrize("side, scope", [
    ("master", NAME), ("master", "mine/*"), ("master", "*/*"),
    ("replica", NAME), ("replica", "*/*")])
def test_revoked_rights_are_told_once(pair, proxied, daemon, owned_by_another, side, scope):
    # Between two rounds, so that of the master's rights only the lists tell where the scope is a wildcard.
    interval = "1s" if (side, scope) == ("master", "*/*") else "200ms"
    followed = lose(pair, side, proxied, daemon, scope, owned_by_another(side), interval)
    followed.assert_told_once("/buckets" if side == "master" else "articles", side)
