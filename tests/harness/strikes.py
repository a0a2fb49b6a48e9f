"""Proxies in front of a server that choose a request to strike at, to hold back, or to let others overtake."""

import random
import threading
import time
from collections.abc import Callable

from .exchanges import Recording
from .proxy import Hangup, Request, Response

MOMENTS = ("before", "during", "after")


class StrikesAt(Recording):
    """Once armed, calls `strike` at the n-th request from then on: before it is forwarded (it never is), while the
    server works on it, or when it was carried out but not answered."""

    def __init__(self, upstream: str):
        super().__init__(upstream)
        self._gate = threading.Lock()
        self._left = 0
        self._moment = ""
        self._strike: Callable[[], None] = lambda: None
        self.struck = threading.Event()

    def arm(self, at: int, moment: str, strike: Callable[[], None]) -> None:
        with self._gate:
            self.struck.clear()
            self._left, self._moment, self._strike = at, moment, strike

    def handle(self, request: Request) -> Response:
        with self._gate:
            self._left -= 1
            mine = self._left == 0
        if not mine:
            return self.forward(request)
        if self._moment == "after":
            self.forward(request)
        elif self._moment == "during":
            threading.Thread(target=self.forward, args=(request,), daemon=True).start()
        self._strike()
        self.struck.set()
        raise Hangup


class HoldsBack(Recording):
    """The first write of records that passes while `closed` waits until release(), as long as a minute."""

    def __init__(self, upstream: str):
        super().__init__(upstream)
        self._released = threading.Event()
        self.closed = False
        self.holding = threading.Event()

    def handle(self, request: Request) -> Response:
        if self.closed and request.is_write and b"/records/" in request.path.encode() + request.body:
            self.closed = False
            self.holding.set()
            self._released.wait(60)
        return self.forward(request)

    def release(self) -> None:
        self._released.set()


class Dawdles(Recording):
    """Each write waits for a while of its own before it is forwarded, so that others overtake it."""

    def __init__(self, upstream: str, rng: random.Random, longest: float):
        super().__init__(upstream)
        self._rng, self._longest = random.Random(rng.random()), longest

    def handle(self, request: Request) -> Response:
        if request.is_write:
            time.sleep(self._rng.uniform(0, self._longest))
        return self.forward(request)
