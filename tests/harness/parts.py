"""A proxy that takes a hand in single writes, whether they come alone or inside a batch."""

import json
import re
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from .proxy import Proxy, Request, Response

# A part of a batch as Kinto takes it: method, path (below the API's root), headers, body.
Part = dict
# May change the part, and gives an answer to it where it is not to be carried out.
Change = Callable[[Part], dict | None]
METHODS = ("PUT", "POST", "PATCH", "DELETE")


def pretend(part: Part) -> dict:
    """Success, of what nobody did."""
    return {"status": 200, "path": part["path"], "headers": {}, "body": {"data": part.get("body", {}).get("data", {})}}


class BreaksWrites(Proxy):
    """Does `change` to the engine's writes of one method whose path matches. (Its writes to containers are guarded; a
    client's are not, and a question after a right is guarded by the stamp 1.)"""

    def __init__(self, upstream: str, method: str, pattern: str, change: Change):
        super().__init__(upstream)
        self._method, self._pattern, self._change = method, re.compile(pattern), change
        self._lock = threading.Lock()
        self.broken = 0

    def handle(self, request: Request) -> Response:
        if request.method == "POST" and request.path.endswith("/batch") and request.is_write:
            return self._batch(request)
        if request.method not in METHODS:
            return self.forward(request)
        address = urlsplit(request.path)
        part = {"method": request.method, "path": request.path[len("/v1"):], "headers": request.headers}
        if request.body:
            part["body"] = json.loads(request.body)
        answer = self._break(part)
        if answer is not None:
            return Response.of_json(answer["status"], answer["body"])
        body = json.dumps(part["body"]).encode() if "body" in part else request.body
        return self.forward(Request(request.method, address.geturl(), request.headers, body))

    def _break(self, part: Part) -> dict | None:
        headers = {key.lower(): value for key, value in part.get("headers", {}).items()}
        guarded = "if-none-match" in headers or headers.get("if-match", '"1"') != '"1"'
        mine = guarded and part.get("method", "GET") == self._method and self._pattern.search(part["path"])
        if not mine:
            return None
        with self._lock:
            self.broken += 1
        return self._change(part)

    def _batch(self, request: Request) -> Response:
        outer = json.loads(request.body)
        parts = [outer.get("defaults", {}) | sub for sub in outer["requests"]]
        made_up = [self._break(part) for part in parts]
        kept = [part for part, answer in zip(parts, made_up) if answer is None]
        answers = iter([])
        if kept:
            real = self.forward(Request(request.method, request.path, request.headers,
                                        json.dumps({"requests": kept}).encode()))
            if real.status != 200:
                return real
            answers = iter(json.loads(real.body)["responses"])
        return Response.of_json(200, {"responses": [next(answers) if one is None else one for one in made_up]})
