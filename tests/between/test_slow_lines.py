"""Lines so slow that a page or a batch does not fit its deadline."""

import time
from collections.abc import Iterator

import pytest

from harness import mirror, records
from harness.nginx import Nginx
from harness.proxy import Hangup, Proxy, Request, Response
from harness.rewriting import Narrow
from harness.waiting import wait_until

pytestmark = pytest.mark.any_build

WORDS = "the quick brown fox jumps over a lazy dog while seven wizards quietly judge boxing matches".split()


def texts(rng, count: int, size: int) -> list[dict]:
    def text() -> str:
        return " ".join(rng.choices(WORDS, k=size // 5))[:size]

    return [{"id": f"r{n:06}", "title": text()} for n in range(count)]


def test_pages_that_do_not_come_in_time_are_halved(pair, name, rng, proxied):
    """A run waits 40 s for an answer: of 12 kB/s that is 480 kB, and the first page has 600."""
    records.load(pair.master, name, texts(rng, 400, 1440))
    front = proxied(Narrow(pair.master.url, down=12_000))
    args = [*mirror.servers(front.url, pair.replica.url), "--collections", name]
    mirror.run("run", "--once", *args).expect(0)
    assert records.stored(pair.replica, name) == records.stored(pair.master, name)


def test_batches_that_do_not_go_in_time_are_halved(pair, name, rng, proxied):
    """And 30 s until a request is sent and answered: 25 records have 500 kB."""
    records.load(pair.master, name, texts(rng, 25, 20_000))
    front = proxied(Narrow(pair.replica.url, up=12_000))
    args = [*mirror.servers(pair.master.url, front.url), "--collections", name]
    mirror.run("run", "--once", *args).expect(0)
    assert records.stored(pair.replica, name) == records.stored(pair.master, name)
    # The first one is still on its way while the next ones go.
    sizes = sorted(len(request.body) for request in front.writes() if len(request.body) > 30_000)
    assert len(sizes) >= 2 and sizes[-2] < 300_000, sizes


def test_gzip_takes_a_third_of_the_time(pair, name, rng, proxied):
    """Of a load of 10,000 records, on a line of 1 MB/s."""
    records.load(pair.master, name, texts(rng, 10_000, 200))
    bytes_sent, seconds = {}, {}
    for gzip in ("off", "on"):
        packed = Nginx(pair.master.url, outside=f"gzip {gzip}; gzip_types application/json;")
        try:
            front = proxied(TimesLists(packed.url, down=1_000_000))
            pair.replica.flush()
            mirror.run("run", "--once", *mirror.servers(front.url, pair.replica.url), "--collections", name).expect(0)
        finally:
            packed.close()
        bytes_sent[gzip], seconds[gzip] = front.sent, front.seconds
        assert len(records.stored(pair.replica, name)) == 10_000
    assert bytes_sent["on"] <= bytes_sent["off"] / 3, bytes_sent
    assert seconds["on"] <= seconds["off"] / 3, seconds


class TimesLists(Narrow):
    """Adds up how long lists of records are on the line."""

    seconds = 0.0

    def handle(self, request: Request) -> Response:
        answer = super().handle(request)
        if request.method == "GET" and "/records?" in request.path:
            answer.stream = self._timed(answer.stream)
        return answer

    def _timed(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        begin = time.monotonic()
        yield from pieces
        self.seconds += time.monotonic() - begin


class LosesLists(Proxy):
    """While `active`, the line breaks in every list of records, and only there."""

    def __init__(self, upstream: str):
        super().__init__(upstream)
        self.active = False
        self.lost = 0

    def handle(self, request: Request) -> Response:
        if self.active and request.method == "GET" and "/records?" in request.path:
            self.lost += 1
            raise Hangup
        return self.forward(request)


def test_nothing_works_again_before_a_pass_has(pair, name, rng, proxied, daemon):
    """Rounds that put off what failed before succeed in all that they do. After a failure a collection rests for twice
    the interval, and the round after it begins at once, since it was late."""
    records.load(pair.master, name, texts(rng, 30, 50))
    front = proxied(LosesLists(pair.master.url))
    running = daemon(*mirror.servers(front.url, pair.replica.url), "--collections", name, "--interval", "2s")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    front.active = True
    records.put(pair.master, name, [{"id": "new"}])
    wait_until(lambda: "server.trouble" in running.log(), "the trouble is told", timeout=40)
    seen = front.lost
    wait_until(lambda: front.lost > seen, "it was tried again", timeout=60)
    assert "works again" not in running.log()
    front.active = False
    wait_until(lambda: "new" in records.stored(pair.replica, name), "it is copied", timeout=40)
    wait_until(lambda: "works again" in running.log(), "that is told", timeout=40)
