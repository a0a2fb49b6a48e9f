"""A proxy that alters answers, as a broken or hostile server might."""

import json
import re
from collections.abc import Callable, Iterator

from .proxy import Proxy, Request, Response

PIECE = 1 << 20
GIGABYTE = 1 << 30

Alteration = Callable[[Request, Response], Response]


class Alters(Proxy):
    """Alters the answers to the requests of one method whose path matches. `ask` may do something else than to ask the
    server for them."""

    def __init__(self, upstream: str, method: str, pattern: str, alter: Alteration,
                 ask: Callable[[Proxy, Request], Response] = Proxy.forward):
        super().__init__(upstream)
        self._method, self._pattern = method, re.compile(pattern)
        self._alter, self._ask = alter, ask
        self.altered = 0

    def handle(self, request: Request) -> Response:
        wanted = request.method == self._method and self._pattern.search(request.path)
        if not wanted or (request.path.endswith("/batch") and not request.is_write):
            return self.forward(request)
        self.altered += 1
        return self._alter(request, self._ask(self, request))


def body(change: Callable[[dict], object]) -> Alteration:
    """Another JSON value instead of the body."""
    def alter(request: Request, answer: Response) -> Response:
        answer.body = json.dumps(change(json.loads(answer.body))).encode()
        return answer

    return alter


def each_record(change: Callable[[dict], object]) -> Alteration:
    return body(lambda page: page | {"data": [change(record) for record in page["data"]]})


def bytes_of(old: bytes, new: bytes) -> Alteration:
    """Other bytes in the body, wherever these stand, which may leave it no JSON."""
    def alter(request: Request, answer: Response) -> Response:
        answer.body = answer.body.replace(old, new)
        return answer

    return alter


def header(name: str, value: str | None) -> Alteration:
    """Another value of a header; None takes it away."""
    def alter(request: Request, answer: Response) -> Response:
        answer.headers = [(key, old) for key, old in answer.headers if key.lower() != name.lower()]
        answer.headers += [(name, value)] if value is not None else []
        return answer

    return alter


def pretend(proxy: Proxy, request: Request) -> Response:
    """Says that a batch of writes was carried out, which it was not."""
    made = [{"status": 201, "path": sub["path"], "headers": {}, "body": {"data": sub.get("body", {}).get("data", {})}}
            for sub in json.loads(request.body)["requests"]]
    return Response.of_json(200, {"responses": made})


def cut(request: Request, answer: Response) -> Response:
    answer.body = answer.body[:-7]
    return answer


def web_page(request: Request, answer: Response) -> Response:
    return Response(200, [*answer.headers, ("Content-Type", "text/html")], b"<h1>Please log in</h1>")


def gigabyte(request: Request, answer: Response) -> Response:
    """Begins well, and goes on and on."""
    def pieces() -> Iterator[bytes]:
        yield b'{"responses":[' if request.path.endswith("/batch") else b'{"data":['
        piece = b'"' + b"x" * (PIECE - 3) + b'",'
        for _ in range(GIGABYTE // PIECE):
            yield piece

    answer.stream = pieces()
    return answer
