"""Kintos with plugins, with other backends and with limits: each by its name and how a pair of them is started."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from harness import ages
from harness.kinto import BACKENDS, KintoServer
from harness.pgbouncer import PgBouncer
from harness.redis import Redis
from harness.servers import Pair, Servers

INCLUDES = "kinto.plugins.flush"
ROLES = ("storage", "permission", "cache")
REDIS = "23.3.2-redis"


@dataclass(frozen=True)
class Kind:
    """`start` gives one server on a backend; the stack closes it."""
    id: str
    start: Callable[["Kind", Servers, str, ExitStack], KintoServer]
    settings: dict[str, str] = field(default_factory=dict)
    which: str = ages.TODAY
    backends: tuple[str, ...] = BACKENDS

    def pair(self, servers: Servers, backend: str, stack: ExitStack) -> Pair:
        return Pair(self.start(self, servers, backend, stack), self.start(self, servers, backend, stack))


def closed(stack: ExitStack, server: KintoServer) -> KintoServer:
    stack.callback(server.close)
    return server


def plain(kind: Kind, servers: Servers, backend: str, stack: ExitStack) -> KintoServer:
    return closed(stack, servers.start(backend, kind.settings, python=ages.python(kind.which)))


def on_redis(kind: Kind, servers: Servers, backend: str, stack: ExitStack) -> KintoServer:
    redis = Redis()
    stack.callback(redis.close)
    backends = {f"kinto.{role}_backend": f"kinto_redis.{role}" for role in ROLES}
    urls = {f"kinto.{role}_url": f"{redis.url}/{number}" for number, role in enumerate(ROLES)}
    return closed(stack, servers.start(backend, kind.settings | backends | urls, python=ages.python(kind.which)))


def behind_pgbouncer(kind: Kind, servers: Servers, backend: str, stack: ExitStack) -> KintoServer:
    bouncer = PgBouncer(servers.cluster)
    stack.callback(bouncer.close)
    urls = {f"kinto.{role}_url": bouncer.url for role in ROLES}
    return closed(stack, servers.start(backend, kind.settings | urls))


KINDS = [
    Kind("history", plain, {"kinto.includes": f"{INCLUDES} kinto.plugins.history"}),
    Kind("schema-validation", plain, {"kinto.experimental_collection_schema_validation": "true"}),
    Kind("paginate-by-10", plain, {"kinto.paginate_by": "10"}),
    Kind("storage-max-fetch-size-100", plain, {"kinto.storage_max_fetch_size": "100"}),
    Kind("batch-max-requests-5", plain, {"kinto.batch_max_requests": "5"}),
    Kind("redis", on_redis, which=REDIS, backends=("memory",)),
    Kind("pgbouncer", behind_pgbouncer, backends=("postgresql",)),
]

CASES = [pytest.param((kind, backend), id=f"{kind.id}-{backend}" if len(kind.backends) > 1 else kind.id)
         for kind in KINDS for backend in kind.backends]
