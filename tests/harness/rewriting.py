"""Proxies that rewrite what passes, as what stands between a client and a Kinto does."""

import gzip
import time
import zlib
from collections.abc import Iterator
from email.utils import formatdate, parsedate_to_datetime
from io import BufferedIOBase
from urllib.parse import parse_qsl, urlencode, urlsplit

from .proxy import Hangup, Proxy, Request, Response


def _with(answer: Response, name: str, value: str) -> Response:
    answer.headers = [(key, old) for key, old in answer.headers if key.lower() != name.lower()] + [(name, value)]
    return answer


class RewritesETags(Proxy):
    """`form` has the ETag's own value at {}: 'W/"{}-gzip"'. What comes back in a guard is not rewritten: a client that
    gives it as it came is refused, as by a Kinto."""

    def __init__(self, upstream: str, form: str):
        super().__init__(upstream)
        self._form = form

    def handle(self, request: Request) -> Response:
        answer = self.forward(request)
        etag = dict((key.lower(), value) for key, value in answer.headers).get("etag")
        return _with(answer, "ETag", self._form.format(etag.strip('"'))) if etag else answer


class RefusesHead(Proxy):
    """Answers HEAD with a status of its own and no body, and POST of batches too where `batches` is False. Status 200:
    HEAD is turned into a GET, whose answer has no totals."""

    def __init__(self, upstream: str, status: int, batches: bool):
        super().__init__(upstream)
        self._status, self._batches = status, batches
        self.heads = 0

    def handle(self, request: Request) -> Response:
        if request.method == "POST" and not request.is_write and not self._batches:
            return Response(405, [("Content-Type", "text/html")], b"")
        if request.method != "HEAD":
            return self.forward(request)
        self.heads += 1
        if self._status != 200:
            return Response(self._status)
        answer = self.forward(request)
        answer.headers = [(key, value) for key, value in answer.headers if not key.lower().startswith("total-")]
        return answer


class DropsETags(Proxy):
    """Of all answers, but for what is inside a batch's."""

    def handle(self, request: Request) -> Response:
        answer = self.forward(request)
        answer.headers = [(key, value) for key, value in answer.headers if key.lower() != "etag"]
        return answer


class DropsNextPages(Proxy):
    """Gives lists in pages of `size`, as a Kinto with `paginate_by` does, without the header that says so. Where
    `batches` is False, POST of batches and the counts of HEAD are lost too."""

    def __init__(self, upstream: str, size: int, batches: bool):
        super().__init__(upstream)
        self._size, self._batches = size, batches

    def handle(self, request: Request) -> Response:
        if request.method == "POST" and not request.is_write and not self._batches:
            return Response(405, [("Content-Type", "text/html")], b"")
        address = urlsplit(request.path)
        if request.method == "GET" and address.path.rsplit("/", 1)[-1] in ("buckets", "collections", "records"):
            query = [(key, value) for key, value in parse_qsl(address.query) if key != "_limit"]
            request.path = f"{address.path}?{urlencode([*query, ('_limit', str(self._size))])}"
        answer = self.forward(request)
        dropped = ["next-page"] if self._batches else ["next-page", "total-objects", "total-records"]
        answer.headers = [(key, value) for key, value in answer.headers if key.lower() not in dropped]
        return answer


class Compresses(Proxy):
    """Every answer with a body, whether it was asked for or not."""

    def __init__(self, upstream: str, coding: str):
        super().__init__(upstream)
        self._coding = coding

    def handle(self, request: Request) -> Response:
        answer = self.forward(request)
        pack = {"gzip": gzip.compress, "deflate": zlib.compress,
                "raw": lambda body: zlib.compress(body, wbits=-15), "br": lambda body: body}[self._coding]
        if request.method != "HEAD" and answer.body:
            answer.body = pack(answer.body)
            _with(answer, "Content-Encoding", "deflate" if self._coding == "raw" else self._coding)
        return answer


class WantsRest(Proxy):
    """Once, answers 503 and asks for `seconds` of rest, in `form`: "date", "rfc850", "asctime" or "fraction". Its clock
    is an hour behind. Counts what came meanwhile."""

    def __init__(self, upstream: str, form: str, seconds: int):
        super().__init__(upstream)
        self._form, self._seconds = form, seconds
        self._asked: float | None = None
        self.active = False
        self.disturbed = 0

    def handle(self, request: Request) -> Response:
        now = time.time()
        if not self.active:
            return self.forward(request)
        if self._asked is None:
            self._asked = now
            there = int(now) - 3600
            return Response(503, [("Date", formatdate(there, usegmt=True)), ("Retry-After", self._wish(there))])
        if now < self._asked + self._seconds - 1:  # dates have whole seconds
            self.disturbed += 1
        return self.forward(request)

    def rested(self) -> bool:
        return self._asked is not None and time.time() > self._asked + self._seconds + 1

    def _wish(self, there: int) -> str:
        if self._form == "fraction":
            return f"{self._seconds}.0"
        date = formatdate(there + self._seconds, usegmt=True)
        when = parsedate_to_datetime(date)
        return {"date": date, "rfc850": when.strftime("%A, %d-%b-%y %H:%M:%S GMT"),
                "asctime": when.strftime("%a %b %e %H:%M:%S %Y")}[self._form]


class Narrow(Proxy):
    """A line on which each connection gets so many bytes a second; 0: as many as come."""

    def __init__(self, upstream: str, down: int = 0, up: int = 0):
        super().__init__(upstream)
        self._down, self._up = down, up
        self.sent = 0

    def read(self, stream: BufferedIOBase, size: int) -> bytes:
        body = b""
        while self._up and len(body) < size:
            piece = stream.read(min(size - len(body), max(512, self._up // 20)))
            if not piece:
                raise Hangup
            body += piece
            time.sleep(len(piece) / self._up)
        return body or super().read(stream, size)

    def handle(self, request: Request) -> Response:
        answer = self.forward(request)
        if self._down and request.method != "HEAD":
            answer.stream = self._pieces(answer.body)
        return answer

    def _pieces(self, body: bytes) -> Iterator[bytes]:
        piece = max(512, self._down // 20)
        for at in range(0, len(body), piece):
            part = body[at:at + piece]
            time.sleep(len(part) / self._down)
            self.sent += len(part)
            yield part
