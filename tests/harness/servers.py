"""Pairs of servers, and the pool from which the tests take them."""

from dataclasses import dataclass

from . import mirror
from .kinto import KintoServer
from .pg import PgCluster


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
        return KintoServer(backend, self.cluster if backend == "postgresql" else None, settings, **more)

    @property
    def cluster(self) -> PgCluster:
        """Where all databases are."""
        if self._cluster is None:
            self._cluster = PgCluster()
        return self._cluster

    def close(self) -> None:
        for server in self._running.values():
            server.close()
        if self._cluster:
            self._cluster.close()
