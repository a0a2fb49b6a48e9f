"""A cache in front of a server."""

import re
import threading
import time
from email.utils import formatdate

from .proxy import Proxy, Request, Response

MANNERS = ("age", "date", "nothing")


class StaleCache(Proxy):
    """While `active`, stores answers to GET and HEAD, and gives them for some seconds whatever the request says of
    caches. It shows that it does so by an `Age` beside the old `Date`, by the old `Date` alone, or by nothing; what it
    gives is said to be older by `aged` seconds than it is."""

    def __init__(self, upstream: str, manner: str, seconds: float = 3600, only: str = "", aged: int = 120):
        super().__init__(upstream)
        assert manner in MANNERS
        self._manner, self._seconds, self._only, self._aged = manner, seconds, re.compile(only), aged
        self._lock = threading.Lock()
        self._stored: dict[tuple[str, str], tuple[float, Response]] = {}
        self.active = True
        self.replayed = 0

    def handle(self, request: Request) -> Response:
        if not self.active or request.method not in ("GET", "HEAD") or not self._only.search(request.path):
            return self.forward(request)
        key = request.method, request.path
        with self._lock:
            begin, answer = self._stored.get(key, (0.0, None))
        if answer is not None and self._fresh(request, begin, answer):
            with self._lock:
                self.replayed += 1
            return self._old(begin, answer)
        answer = self.forward(request)
        if self._storable(answer):
            with self._lock:
                self._stored[key] = time.time(), answer
        return answer

    def _fresh(self, request: Request, begin: float, answer: Response) -> bool:
        return time.time() < begin + self._seconds

    def _storable(self, answer: Response) -> bool:
        return answer.status == 200

    def _old(self, begin: float, answer: Response) -> Response:
        headers = [(key, value) for key, value in answer.headers if key.lower() != "date"]
        headers.append(("Date", formatdate(None if self._manner == "nothing" else begin - self._aged, usegmt=True)))
        if self._manner == "age":
            headers.append(("Age", str(self._aged + round(time.time() - begin))))
        return Response(answer.status, headers, answer.body)


class PoliteCache(StaleCache):
    """As caches ought to be: it stores what the server allows, and gives it to nobody who asks for a new answer."""

    def __init__(self, upstream: str):
        super().__init__(upstream, "age")

    def _fresh(self, request: Request, begin: float, answer: Response) -> bool:
        said = {key.lower(): value.lower() for key, value in request.headers.items()}
        return "no-cache" not in said.get("cache-control", "") and time.time() < begin + _max_age(answer)

    def _storable(self, answer: Response) -> bool:
        return super()._storable(answer) and _max_age(answer) > 0


def _max_age(answer: Response) -> int:
    said = ", ".join(value for key, value in answer.headers if key.lower() == "cache-control")
    found = re.search(r"max-age=(\d+)", said)
    return int(found[1]) if found and "no-store" not in said else 0
