"""What stands between the daemon and a Kinto, or runs it instead of waitress: each by its name and how it is started."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pytest

from harness import wsgi
from harness.haproxy import Haproxy
from harness.kinto import KintoServer
from harness.nginx import Nginx
from harness.wsgi import WsgiKinto


class Started(Protocol):
    url: str

    def close(self) -> None: ...


@dataclass(frozen=True)
class Front:
    id: str
    start: Callable[[KintoServer], Started]
    in_every_run: bool = False


def nginx(id: str, outside: str = "", inside: str = "", prefix: str = "", in_every_run: bool = False) -> Front:
    return Front(f"nginx-{id}", lambda server: Nginx(server.url, outside, inside, prefix), in_every_run)


def kinto_under(id: str, command: wsgi.Command) -> Front:
    return Front(id, lambda server: WsgiKinto(server, command))


FRONTS = [
    # What Debian's nginx.conf says, and nginx's own defaults.
    nginx("as-installed", "sendfile on; tcp_nopush on; types_hash_max_size 2048; gzip on;", "client_max_body_size 1m;",
          in_every_run=True),
    nginx("gzip", "gzip on; gzip_types application/json; gzip_proxied any; gzip_min_length 1;"),
    nginx("small-bodies", inside="client_max_body_size 64k;"),
    nginx("keepalive-requests", inside="keepalive_requests 5;"),
    nginx("path-prefix", prefix="/below/this"),
    nginx("proxy-cache", "proxy_cache_path {folder}/cache keys_zone=all:1m;", "proxy_cache all; proxy_cache_valid 200 1h;"),
    nginx("limit-req", "limit_req_zone $binary_remote_addr zone=all:1m rate=20r/s;", "limit_req zone=all burst=10 nodelay;"),
    Front("haproxy", lambda server: Haproxy(server.url)),
    # Closes each connection after its answer, and does not say so.
    kinto_under("uwsgi", wsgi.uwsgi("--http", "{address}")),
    kinto_under("uwsgi-keepalive", wsgi.uwsgi("--http", "{address}", "--http-keepalive", "--add-header",
                                              "Connection: Keep-Alive")),
    kinto_under("gunicorn-sync", wsgi.gunicorn("sync")),
    kinto_under("gunicorn-gthread", wsgi.gunicorn("gthread", "--threads", "4")),
    kinto_under("granian", wsgi.granian()),
]


def _marks(front: Front) -> list[pytest.MarkDecorator]:
    return [] if front.in_every_run else [pytest.mark.whole_matrix]


CASES = [pytest.param(front, id=front.id, marks=_marks(front)) for front in FRONTS]
