"""Proxies that break one thing each."""

import json
import re
import threading
import time
from collections.abc import Callable

from .proxy import Proxy, Request, Response

ASCENDING = re.compile(r"/buckets/(?!kinto-mirror/)[^/]+/collections/[^/]+/records\?(?!.*in_id=).*_sort=last_modified")
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


class Scripted(Proxy):
    """Does with each request what the test's function does: `script(request, forward)` gives the answer.

    A function that raises cuts the connection, so that the client gets no answer at all.
    """

    def __init__(self, upstream: str, script: Callable[[Request, Callable[[Request], Response]], Response]):
        super().__init__(upstream)
        self._script = script

    def handle(self, request: Request) -> Response:
        return self._script(request, self.forward)


class Pages(Proxy):
    """Gives pages of at most `size` records, as a server with `paginate_by` does."""

    def __init__(self, upstream: str, size: int):
        super().__init__(upstream)
        self._size = size

    def handle(self, request: Request) -> Response:
        return self.forward(paged(request, self._size))


def paged(request: Request, size: int) -> Request:
    """The request with `_limit=size`, where it lists records."""
    path, _, query = request.path.partition("?")
    if request.method != "GET" or not path.endswith("/records"):
        return request
    parts = [part for part in query.split("&") if part and not part.startswith("_limit=")] + [f"_limit={size}"]
    return Request(request.method, f"{path}?{'&'.join(parts)}", request.headers, request.body)


class Watched(Proxy):
    """Keeps each request together with its answer."""

    def __init__(self, upstream: str):
        super().__init__(upstream)
        self.exchanges: list[tuple[Request, Response]] = []

    def handle(self, request: Request) -> Response:
        answer = self.forward(request)
        self.exchanges.append((request, answer))
        return answer


class EndsEarly(Proxy):
    """While `active`, ascending listings of records lack their last `rows` live ones, and say that this is their end.
    What the server counts is still told as it is."""

    def __init__(self, upstream: str, rows: int):
        super().__init__(upstream)
        self._rows = rows
        self.active = True
        self.shortened = 0

    def handle(self, request: Request) -> Response:
        answer = self.forward(request)
        if not self.active or request.method != "GET" or not ASCENDING.search(request.path) or answer.status != 200:
            return answer
        rows = json.loads(answer.body)["data"]
        gone = [index for index, row in enumerate(rows) if not row.get("deleted")][-self._rows:]
        self.shortened += bool(gone)
        kept = [row for index, row in enumerate(rows) if index not in gone]
        headers = [(key, value) for key, value in answer.headers if key.lower() != "next-page"]
        return Response(answer.status, headers, json.dumps({"data": kept}).encode())
