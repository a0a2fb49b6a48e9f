"""Servers and daemons for the tests. Servers are shared by a session, and flushed before each test that gets one."""

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from harness import mirror
from harness.kinto import BACKENDS, KintoServer
from harness.pg import PgCluster
from harness.proxy import Proxy


@dataclass
class Pair:
    master: KintoServer
    replica: KintoServer

    @property
    def args(self) -> list[str]:
        return mirror.servers(self.master.url, self.replica.url)

    def once(self, *more: str) -> mirror.Result:
        return mirror.run("run", "--once", "--json", *self.args, *more)

    def check(self, *more: str) -> mirror.Result:
        return mirror.run("check", "--json", *self.args, *more)


class Servers:
    """Starts each kind of server once. Two servers of one kind differ by their role."""

    def __init__(self) -> None:
        self._running: dict[tuple, KintoServer] = {}
        self._cluster: PgCluster | None = None

    def get(self, backend: str, role: str, settings: dict[str, str] | None = None, **more: str) -> KintoServer:
        key = (backend, role, *sorted((settings or {}).items()), *sorted(more.items()))
        if key not in self._running:
            self._running[key] = self.start(backend, settings, **more)
        server = self._running[key]
        server.flush()
        return server

    def start(self, backend: str, settings: dict[str, str] | None = None, **more: str) -> KintoServer:
        """One that is not shared: the caller closes it."""
        if backend == "postgresql" and self._cluster is None:
            self._cluster = PgCluster()
        return KintoServer(backend, self._cluster, settings, **more)

    def close(self) -> None:
        for server in self._running.values():
            server.close()
        if self._cluster:
            self._cluster.close()


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
