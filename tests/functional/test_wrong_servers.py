"""Servers that are not there, are something else, or do not let the daemon in: exit code and message."""

import http.server
import socket
import threading

import pytest
import requests

from harness import mirror, records
from harness.faults import Scripted
from harness.kinto import ACCOUNTS, AUTH
from harness.proxy import Response

BOTH = pytest.mark.parametrize("side", ["master", "replica"])


@pytest.fixture
def web_server():
    """Answers every request with a friendly page, and is no Kinto."""

    class Page(http.server.BaseHTTPRequestHandler):
        answer = (200, "text/html", b"<h1>It works!</h1>")

        def do_GET(self) -> None:
            status, kind, body = self.answer
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.page = Page
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def args_with(pair, side: str, url: str | None = None, auth: str | None = None) -> list[str]:
    """The pair's arguments with one side's URL or credentials replaced."""
    wanted = {"master": [pair.master.url, AUTH], "replica": [pair.replica.url, AUTH]}
    wanted[side] = [url or wanted[side][0], auth or wanted[side][1]]
    return [word for name, (where, who) in wanted.items() for word in (f"--{name}", where, f"--{name}-auth", who)]


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@BOTH
@pytest.mark.parametrize("verb", [("run", "--once"), ("check",)], ids=" ".join)
def test_a_dead_server(pair, name, rng, side, verb):
    records.load(pair.master, name, records.random_records(rng, 3))
    port = closed_port()
    result = mirror.run(*verb, *args_with(pair, side, f"http://127.0.0.1:{port}/v1")).expect(69)
    assert side in result.err and str(port) in result.err


@BOTH
@pytest.mark.parametrize("answer", [
    (200, "text/html", b"<h1>It works!</h1>"), (404, "text/html", b"not here"), (200, "application/json", b"{}"),
    (200, "application/json", b"[1, 2"),
], ids=["html", "404", "other-json", "cut-json"])
def test_a_web_server_that_is_no_kinto(pair, name, rng, web_server, side, answer):
    records.load(pair.master, name, records.random_records(rng, 3))
    web_server.page.answer = answer
    url = f"http://127.0.0.1:{web_server.server_port}/v1"
    result = mirror.run("run", "--once", *args_with(pair, side, url)).expect(69)
    assert side in result.err and "Kinto" in result.err
    assert records.count(pair.replica, name) == 0


@BOTH
def test_a_wrong_path(pair, name, rng, side):
    records.load(pair.master, name, records.random_records(rng, 3))
    origin = getattr(pair, side).origin
    result = mirror.run("run", "--once", *args_with(pair, side, f"{origin}/nowhere/v1")).expect(69)
    assert side in result.err


@BOTH
def test_a_wrong_password(servers, name, side):
    accounts = servers.get("memory", "with accounts", ACCOUNTS, auth="bob:right-password")
    other = servers.get("memory", "other")
    requests.put(f"{accounts.url}/accounts/bob", json={"data": {"password": "right-password"}},
                 timeout=10).raise_for_status()
    urls = {"master": other.url, "replica": other.url} | {side: accounts.url}
    records.load(other, "blog/articles", [{"id": "one"}])
    good, bad = ({"master": AUTH, "replica": AUTH} | {side: f"bob:{word}-password"} for word in ("right", "wrong"))

    def once(auths: dict[str, str]) -> mirror.Result:
        return mirror.run("run", "--once", "--master", urls["master"], "--master-auth", auths["master"],
                          "--replica", urls["replica"], "--replica-auth", auths["replica"])

    refused = once(bad).expect(77)
    assert side in refused.err
    assert "wrong-password" not in refused.err
    assert once(good).code != 77


@pytest.fixture
def locked(servers):
    """A server on which nobody may create a bucket."""
    return servers.get("memory", "locked", {"kinto.bucket_create_principals": "basicauth:nobody"})


def test_no_right_to_create_on_the_replica(servers, locked, name, rng):
    master = servers.get("memory", "master")
    records.load(master, name, records.random_records(rng, 3))
    result = mirror.run("run", "--once", *mirror.servers(master.url, locked.url)).expect(77)
    assert "replica" in result.err
    assert name.split("/")[0] in result.err


def test_no_right_to_read_on_the_master(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 3))
    stranger = args_with(pair, "master", auth="stranger:password")
    result = mirror.run("run", "--once", *stranger, "--collections", name).expect(77)
    assert "master" in result.err
    assert records.count(pair.replica, name) == 0


def test_no_right_to_write_to_the_replicas_collection(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 3))
    bucket, collection = name.split("/")
    owner = pair.replica.client("owner:password")
    owner.create_bucket(id=bucket, permissions={"read": ["system.Everyone"]})
    owner.create_collection(id=collection, bucket=bucket)
    mirror.run("run", "--once", *pair.args).expect(77)
    assert owner.get_records(bucket=bucket, collection=collection) == []


@pytest.mark.parametrize("leads, words", [
    ("itself", "a redirect back to the address asked"), ("http://127.0.0.1:9/v1/", "a redirect to http://127.0.0.1:9/v1/"),
])
def test_an_address_that_redirects(pair, proxied, leads, words):
    """To itself, another address would not help."""
    def redirect(request, forward):
        location = f"{front.origin}{request.path}" if leads == "itself" else leads
        return Response(301, [("Location", location)])

    front = proxied(Scripted(pair.master.url, redirect))
    result = mirror.run("run", "--once", *mirror.servers(front.url, pair.replica.url)).expect(69)
    assert words in result.out and words in result.err
    assert ("X-Forwarded-Proto" in result.out) == (leads == "itself")
