"""A proxy whose network or server fails in one of several manners, for some of the requests."""

import re
import threading
import time
from collections.abc import Callable

from .proxy import Hangup, Proxy, Request, Response

PATIENCE = 60.0  # the longest silence


class Disturbed(Proxy):
    """While `active`, every `every`-th request whose path matches `only` meets the fault. The root, which tells that
    this is a Kinto, never does."""

    def __init__(self, upstream: str, fault: "Fault", every: int = 1, active: bool = True, only: str = ""):
        super().__init__(upstream)
        self._fault, self._every, self._only = fault, every, re.compile(only)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._count = 0
        self.active = active
        self.faults = 0

    def handle(self, request: Request) -> Response:
        with self._lock:
            chosen = self.active and not request.path.endswith("/v1/") and self._only.search(request.path) is not None
            self._count += chosen
            strikes = chosen and self._count % self._every == 0
            self.faults += strikes
        return self._fault(self, request) if strikes else self.forward(request)

    def keep_silent(self) -> None:
        self._closing.wait(PATIENCE)

    def close(self) -> None:
        self._closing.set()
        super().close()


Fault = Callable[[Disturbed, Request], Response]


def drop_answer(proxy: Disturbed, request: Request) -> Response:
    """The request is carried out, and the connection closed without an answer."""
    proxy.forward(request)
    raise Hangup


def cut_answer(proxy: Disturbed, request: Request) -> Response:
    """The answer ends in the middle of its body, or is missing where there is none."""
    answer = proxy.forward(request)
    if request.method == "HEAD" or not answer.body:
        raise Hangup
    answer.promised = len(answer.body)
    answer.body = answer.body[:len(answer.body) // 2]
    return answer


def delay(proxy: Disturbed, request: Request) -> Response:
    time.sleep(0.4)
    return proxy.forward(request)


def bad_gateway(proxy: Disturbed, request: Request) -> Response:
    page = b"" if request.method == "HEAD" else b"<html><h1>502 Bad Gateway</h1></html>"
    return Response(502, [("Content-Type", "text/html")], page)


def unavailable(proxy: Disturbed, request: Request) -> Response:
    answer = Response.of_json(503, {"code": 503, "errno": 201, "error": "Service Unavailable"})
    answer.headers.append(("Retry-After", "1"))
    return answer


def silence(proxy: Disturbed, request: Request) -> Response:
    proxy.keep_silent()
    raise Hangup


def too_large(limit: int) -> Fault:
    """Refuses a request whose address and body together have more than `limit` bytes."""
    def refuse(proxy: Disturbed, request: Request) -> Response:
        if len(request.path) + len(request.body) <= limit:
            return proxy.forward(request)
        return Response(413, [("Content-Type", "text/html")], b"<h1>413 Request Entity Too Large</h1>")

    return refuse
