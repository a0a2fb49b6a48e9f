"""A rate limiter in front of a server."""

import threading
import time

from .proxy import Proxy, Request, Response

REASONS = {429: "Too Many Requests", 503: "Service Temporarily Unavailable"}


class Limiter(Proxy):
    """Lets `rate` requests a second pass, and as many as `burst` at once beyond that, as nginx's `limit_req` does with
    `nodelay`. The others are answered at once, by a web page that no Kinto wrote."""

    def __init__(self, upstream: str, rate: float, burst: int, status: int = 503, active: bool = True):
        super().__init__(upstream)
        self._rate, self._burst, self._status = rate, burst, status
        self._lock = threading.Lock()
        self._excess = 0.0
        self._last: float | None = None
        self.active = active
        self.passed = 0
        self.refused = 0

    def handle(self, request: Request) -> Response:
        if self.active and not self._passes():
            title = f"{self._status} {REASONS[self._status]}"
            page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body><h1>{title}</h1></body>\r\n</html>\r\n"
            return Response(self._status, [("Content-Type", "text/html")], page.encode())
        return self.forward(request)

    def _passes(self) -> bool:
        with self._lock:
            now = time.monotonic()
            excess = 0.0 if self._last is None else max(0.0, self._excess - (now - self._last) * self._rate + 1)
            if excess > self._burst:
                self.refused += 1
                return False
            self._excess, self._last = excess, now
            self.passed += 1
            return True
