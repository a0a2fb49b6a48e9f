"""A server that fails now and then leaves a line when that begins, and one when it has ended."""

import time

from harness import mirror, records
from harness.proxy import Proxy, Request, Response
from harness.status import events, free_port
from harness.tls import Authority, TlsProxy
from harness.waiting import wait_until


class Flapping(Proxy):
    """Answers 502, as a gateway does, to every third request while it flaps."""

    def __init__(self, upstream: str):
        super().__init__(upstream)
        self.flaps, self.refused, self._count = False, 0, 0

    def handle(self, request: Request) -> Response:
        self._count += 1
        if self.flaps and self._count % 3 == 0:
            self.refused += 1
            return Response(502, [("Content-Type", "text/html")], b"<html>bad gateway</html>")
        return self.forward(request)


def test_it_is_told_twice_with_counts(pair, name, rng, proxied, daemon):
    records.load(pair.master, name, records.random_records(rng, 3))
    front = proxied(Flapping(pair.master.url))
    running = daemon(*mirror.servers(front.url, pair.replica.url), "--collections", name, "--interval", "500ms")
    wait_until(lambda: "is in sync" in running.log(), "it is in sync")
    assert events(running, "server.unsteady") == []
    front.flaps = True
    wait_until(lambda: front.refused >= 8, "some requests were refused", timeout=60)
    front.flaps = False
    (over,) = wait_until(lambda: events(running, "server.steady"), "the end is told", timeout=30)
    (begun,) = events(running, "server.unsteady")
    assert begun["msg"].startswith("master: ") and "502" in begun["msg"] and begun["status"] == 502
    assert over["failures"] == front.refused and over["requests"] > over["failures"]
    assert f"{front.refused} times 502" in over["msg"]


def first_word(daemon, pair, url: str) -> tuple[str, float]:
    begin = time.monotonic()
    running = daemon(*mirror.servers(url, pair.replica.url))
    told = wait_until(lambda: events(running, "server.unsteady"), "it is told", timeout=30)
    return told[0]["msg"], time.monotonic() - begin


def test_a_closed_port_is_told_at_once(pair, daemon):
    message, took = first_word(daemon, pair, f"http://127.0.0.1:{free_port()}/v1")
    assert "connection refused; nothing listens there" in message
    assert took < 3


def test_https_against_plain_http(pair, daemon):
    """Within the time that a connection may take: such a server may wait for the rest of what it takes for a request."""
    message, took = first_word(daemon, pair, pair.master.url.replace("http://", "https://"))
    assert "should the URL begin with http://?" in message
    assert took < 13


def test_http_against_tls(pair, daemon, proxied, tmp_path):
    front = proxied(TlsProxy(pair.master.origin, Authority(tmp_path).certify("IP:127.0.0.1")))
    message, took = first_word(daemon, pair, front.url.replace("https://", "http://"))
    assert "https" in message, message
    assert took < 3
