"""Servers and daemons for the tests. Servers are shared by a session, and flushed before each test that gets one."""

import random
import uuid
from collections.abc import Callable, Iterator

import pytest

from harness import mirror, one_backend
from harness.kinto import BACKENDS
from harness.proxy import Proxy
from harness.servers import Pair, Servers


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--matrix", action="store_true", help="all of tests/matrix: each Kinto, plugin and front end")
    parser.addoption("--front-seconds", type=float, default=6.0, help="how long a master is written to behind each front end")
    parser.addoption("--reader-seconds", type=float, default=20.0, help="how long kinto.js follows a read-only node")
    parser.addoption("--one-backend", action="store_true", help="each test on one backend, or one pairing of them, of those that it has")
    parser.addoption("--record", action="store_true", help="record anew what test_recorded_session.py compares with")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is left out is not skipped, which would be told and counted."""
    left_out: list[pytest.Item] = []
    if not config.getoption("--matrix"):
        left_out += [item for item in items if item.get_closest_marker("whole_matrix")]
    if config.getoption("--one-backend"):
        names = one_backend.left_out([item.nodeid for item in items])
        left_out += [item for item in items if item.nodeid in names]
    config.hook.pytest_deselected(items=left_out)
    away = set(left_out)
    items[:] = [item for item in items if item not in away]


@pytest.fixture(autouse=True)
def records_only(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Marked so, a test changes a replica's collection, or deletes the master's, to see what becomes of the records."""
    if request.node.get_closest_marker("records_only"):
        monkeypatch.setattr(mirror, "defaults", mirror.RECORDS_ONLY)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    pool = Servers()
    yield pool
    pool.close()


@pytest.fixture(params=[(m, r) for m in BACKENDS for r in BACKENDS], ids=lambda p: f"{p[0]}-to-{p[1]}")
def each_pair(request: pytest.FixtureRequest, servers: Servers) -> Pair:
    """The four pairings of backends, one after the other."""
    master, replica = request.param
    return Pair(servers.get(master, "master"), servers.get(replica, "replica"))


@pytest.fixture
def pair(servers: Servers) -> Pair:
    return Pair(servers.get("memory", "master"), servers.get("memory", "replica"))


@pytest.fixture
def pg_pair(servers: Servers) -> Pair:
    return Pair(servers.get("postgresql", "master"), servers.get("postgresql", "replica"))


@pytest.fixture(params=BACKENDS)
def each_backend(request: pytest.FixtureRequest, servers: Servers) -> Pair:
    """Both sides on one backend, and then on the other."""
    return Pair(servers.get(request.param, "master"), servers.get(request.param, "replica"))


@pytest.fixture
def name() -> str:
    """A bucket/collection of the test's own: what a killed daemon of an earlier test still writes is not in it."""
    return f"bucket-{uuid.uuid4().hex[:8]}/articles"


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Random, and the same in each run of one test."""
    return random.Random(request.node.nodeid)


@pytest.fixture
def proxied() -> Iterator[Callable[[Proxy], Proxy]]:
    """Closes the proxies that it was given."""
    proxies: list[Proxy] = []

    def keep(proxy: Proxy) -> Proxy:
        proxies.append(proxy)
        return proxy

    yield keep
    for proxy in proxies:
        proxy.close()


@pytest.fixture
def daemon() -> Iterator[Callable[..., mirror.Daemon]]:
    """Starts `kinto-mirror run` in the background."""
    started: list[mirror.Daemon] = []

    def start(*args: str, environment: dict[str, str] | None = None) -> mirror.Daemon:
        started.append(mirror.Daemon(*args, environment=environment))
        return started[-1]

    yield start
    for one in started:
        one.close()
