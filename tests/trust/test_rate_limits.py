"""Who asks more than a rate limiter lets pass is told so by it, and by no Kinto: it is never a record's fault. The
daemon slows down; it takes nothing for refused, keeps the order, and sends hardly more than may pass."""

import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from harness import mirror, records
from harness.kinto import BACKENDS
from harness.limiter import Limiter
from harness.nginx import Nginx
from harness.proxy import Proxy, Request, Response
from harness.reader import Reader
from harness.servers import Pair
from harness.status import StatusPages, events
from harness.waiting import wait_until

# So that many requests are needed although there is little to copy.
SMALL_PAGES = {"kinto.paginate_by": "20"}
SMALL_BATCHES = {"kinto.batch_max_requests": "5"}
PAGES = ("--interval", "200ms", "--listen", "127.0.0.1:0")


def urls_through(pair: Pair, side: str, front: str) -> list[str]:
    urls = {"master": pair.master.url, "replica": pair.replica.url} | {side: front}
    return mirror.servers(urls["master"], urls["replica"])


def most(rate: float, burst: int, seconds: float) -> float:
    """The requests that may be sent to a limiter in that time."""
    return 1.5 * (rate * seconds + burst) + 3


@pytest.mark.parametrize("side, rate, burst, status, count, settings", [
    ("replica", 5, 0, 503, 200, {}),
    ("replica", 1, 20, 429, 100, SMALL_BATCHES),
    ("replica", 20, 0, 429, 250, SMALL_BATCHES),
    ("replica", 50, 5, 503, 600, SMALL_BATCHES),
    ("master", 5, 0, 429, 200, SMALL_PAGES),
    ("master", 1, 5, 503, 200, SMALL_PAGES),
    ("master", 20, 0, 503, 600, SMALL_PAGES),
], ids=lambda value: ("small" if value else "normal") if isinstance(value, dict) else None)
def test_a_single_run_ends_in_sync(servers, name, rng, proxied, side, rate, burst, status, count, settings):
    pair = Pair(*(servers.get("memory", role, settings if role == side else None) for role in ("master", "replica")))
    records.load(pair.master, name, records.random_records(rng, count))
    front = proxied(Limiter(getattr(pair, side).url, rate, burst, status))
    begin = time.monotonic()

    result = mirror.run("run", "--once", "--json", *urls_through(pair, side, front.url), "--collections", name)

    seconds = time.monotonic() - begin
    entry = result.expect(0).collection(name)
    assert (entry["created"], entry["quarantined"], entry["state"]) == (count, [], "in-sync")
    assert len(records.assert_same(pair.master, pair.replica, name)) == count
    # A slow machine may never be too fast for the higher rates.
    assert front.refused > 0 or rate >= 20, "the limiter was in nobody's way"
    assert len(front.requests) <= most(rate, burst, seconds), f"{front.passed} passed in {seconds:.1f} s"
    assert not [request for request in front.requests if "heartbeat" in request.path]


@pytest.mark.parametrize("side, rate, burst, status", [("replica", 5, 0, 503), ("replica", 10, 5, 429),
                                                       ("master", 2, 0, 503)])
def test_a_reader_of_the_replica_misses_nothing(servers, name, rng, proxied, daemon, side, rate, burst, status):
    """Of what the master gets while the daemon follows through a limiter."""
    pair = Pair(servers.get("memory", "master", SMALL_PAGES), servers.get("memory", "replica", SMALL_BATCHES))
    records.load(pair.master, name, records.random_records(rng, 10))
    pair.once("--collections", name).expect(0)
    front = proxied(Limiter(getattr(pair, side).url, rate, burst, status))
    reader = Reader(pair.replica, name)
    reader.poll()
    reader.start()
    begin = time.monotonic()
    running = daemon(*urls_through(pair, side, front.url), "--collections", name, *PAGES)
    pages = StatusPages(running)
    wait_until(lambda: "following the master" in running.log(), "it follows", timeout=25)
    for part in range(5):
        records.put(pair.master, name, [{"id": f"part-{part}-{n:02}", "n": n} for n in range(20)])
    wanted = records.stored(pair.master, name)
    wait_until(lambda: records.stored(pair.replica, name) == wanted, "all of it has arrived", timeout=30)
    seconds = time.monotonic() - begin
    assert len(front.requests) <= most(rate, burst, seconds), f"{front.passed} passed in {seconds:.1f} s"

    assert pages.collection(name)["quarantined"] == 0
    assert events(running, "sync.quarantine") == []
    assert front.refused > 0 or burst > 0, "the limiter was in nobody's way"
    assert not [request for request in front.requests if "heartbeat" in request.path]
    reader.stop()
    reader.poll()
    assert reader.live == wanted


@pytest.fixture
def nginx() -> Iterator[Callable[..., Nginx]]:
    started: list[Nginx] = []

    def start(upstream: str, outside: str, inside: str) -> Nginx:
        started.append(Nginx(upstream, outside, inside))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.mark.parametrize("side, settings", [("replica", "burst=5 nodelay"), ("master", "nodelay")])
def test_a_real_nginx_before_it(pair, name, rng, nginx, side, settings):
    """Five requests a second, and its own page to the others."""
    records.load(pair.master, name, records.random_records(rng, 200))
    front = nginx(getattr(pair, side).url, "limit_req_zone $binary_remote_addr zone=all:1m rate=5r/s;",
                  f"limit_req zone=all {settings};")
    begin = time.monotonic()

    result = mirror.run("run", "--once", "--json", *urls_through(pair, side, front.url), "--collections", name)

    seconds = time.monotonic() - begin
    entry = result.expect(0).collection(name)
    assert (entry["created"], entry["quarantined"], entry["state"]) == (200, [], "in-sync")
    records.assert_same(pair.master, pair.replica, name)
    statuses = front.statuses()
    assert 503 in statuses
    assert len(statuses) <= most(5, 5 if "burst" in settings else 0, seconds)


class RefusesOne(Proxy):
    """Answers 503 as Kinto does, with its errno, to each write of one record, for some seconds from the first one on. A
    batch with it fails as a whole, as on PostgreSQL."""

    def __init__(self, upstream: str, record: str, seconds: float):
        super().__init__(upstream)
        self._record, self._seconds = record, seconds
        self._until: float | None = None
        self.refused = 0

    def handle(self, request: Request) -> Response:
        parts = request.parts() if request.is_write else []
        if not any(urlsplit(part.path).path.endswith(f"/records/{self._record}") for part in parts):
            return self.forward(request)
        self._until = self._until or time.monotonic() + self._seconds
        if time.monotonic() > self._until:
            return self.forward(request)
        self.refused += 1
        return Response.of_json(503, {"code": 503, "errno": 201, "error": "Service Unavailable",
                                      "message": "Service temporary unavailable due to overloading or maintenance, "
                                                 "please retry later."})


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_503_of_kintos_for_one_record_holds_up_the_newer_ones(servers, name, proxied, daemon, backend):
    """Else a reader that has seen those would never ask for it again."""
    pair = Pair(servers.get("memory", "master"), servers.get(backend, "replica"))
    records.load(pair.master, name, [{"id": "first"}])
    pair.once("--collections", name).expect(0)
    front = proxied(RefusesOne(pair.replica.url, "r20", seconds=3))
    reader = Reader(pair.replica, name)
    reader.poll()
    running = daemon(*urls_through(pair, "replica", front.url), "--collections", name, "--interval", "200ms")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    reader.start()
    records.put(pair.master, name, [{"id": f"r{n:02}", "n": n} for n in range(45)])
    wanted = records.stored(pair.master, name)
    newer = {f"r{n:02}" for n in range(21, 45)}

    def arrived() -> bool:
        found = records.stored(pair.replica, name)
        early.extend(newer & found.keys() if "r20" not in found else ())
        return found == wanted

    early: list[str] = []
    wait_until(arrived, "all of it has arrived", timeout=40, every=0.02)

    assert front.refused > 0
    assert not early, f"written before r20: {sorted(set(early))[:5]}"
    reader.stop()
    reader.poll()
    assert reader.live == wanted
