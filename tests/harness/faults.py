"""Proxies that break one thing each."""

import json
import re
import threading
import time

from .proxy import Proxy, Request, Response

RECORD = re.compile(r"/buckets/([^/]+)/collections/[^/]+/records(/[^/?]+)?(\?.*)?$")


class SlowWrites(Proxy):
    """Every write takes a while, so that a test can be sure to strike in the middle of a load."""

    def __init__(self, upstream: str, delay: float):
        super().__init__(upstream)
        self._delay = delay
        self._lock = threading.Lock()
        self.landed = 0

    def handle(self, request: Request) -> Response:
        if not request.is_write:
            return self.forward(request)
        time.sleep(self._delay)
        answer = self.forward(request)
        with self._lock:
            self.landed += 1
        return answer


class Slow(Proxy):
    """Every answer takes a while."""

    def __init__(self, upstream: str, delay: float):
        super().__init__(upstream)
        self._delay = delay

    def handle(self, request: Request) -> Response:
        time.sleep(self._delay)
        return self.forward(request)


class LosesWrites(Proxy):
    """Answers success to every `every`-th record write, and forgets it."""

    def __init__(self, upstream: str, every: int = 3):
        super().__init__(upstream)
        self._every = every
        self._lock = threading.Lock()
        self._seen = 0
        self.lost = 0

    def handle(self, request: Request) -> Response:
        if request.method == "POST" and request.path.endswith("/batch"):
            return self._batch(request)
        if request.method in ("PUT", "POST") and self._loses(request.path):
            status, body = self._pretend(request.path, json.loads(request.body))
            return Response.of_json(status, body)
        return self.forward(request)

    def _loses(self, path: str) -> bool:
        if not RECORD.search(path) or "/buckets/kinto-mirror/" in path:
            return False
        with self._lock:
            self._seen += 1
            lose = self._seen % self._every == 0
            self.lost += lose
            return lose

    @staticmethod
    def _pretend(path: str, body: dict) -> tuple[int, dict]:
        data = dict(body.get("data") or {})
        match = RECORD.search(path)
        data.setdefault("id", match[2].strip("/") if match and match[2] else "lost")
        data.setdefault("last_modified", int(time.time() * 1000))
        return 201, {"data": data, "permissions": {"write": []}}

    def _batch(self, request: Request) -> Response:
        """Forwards the batch without the writes to lose, and puts made-up answers into their places."""
        outer = json.loads(request.body)
        defaults = outer.get("defaults", {})
        made_up: dict[int, dict] = {}
        kept = []
        for index, sub in enumerate(outer["requests"]):
            whole = defaults | sub
            if whole.get("method", "GET") in ("PUT", "POST") and self._loses(whole["path"]):
                status, body = self._pretend(whole["path"], whole.get("body") or {})
                made_up[index] = {"status": status, "path": whole["path"], "headers": {}, "body": body}
            else:
                kept.append(sub)
        answers: list[dict] = []
        if kept:
            real = self.forward(Request(request.method, request.path, request.headers,
                                        json.dumps(outer | {"requests": kept}).encode()))
            if real.status != 200:
                return real
            answers = json.loads(real.body)["responses"]
        for index, answer in sorted(made_up.items()):
            answers.insert(index, answer)
        return Response.of_json(200, {"responses": answers})


class Answers(Proxy):
    """Answers with one status to the requests whose path matches, while `active`."""

    def __init__(self, upstream: str, pattern: str, status: int, body: object, methods: str = "GET HEAD"):
        super().__init__(upstream)
        self._pattern = re.compile(pattern)
        self._methods = methods.split()
        self._answer = Response.of_json(status, body)
        self.active = True

    def handle(self, request: Request) -> Response:
        if self.active and request.method in self._methods and self._pattern.search(request.path):
            return self._answer
        return self.forward(request)
