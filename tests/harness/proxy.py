"""A forwarding HTTP proxy to put in front of a Kinto: a subclass overrides only what is to break."""

import http.client
import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
WRITING = {"PUT", "POST", "PATCH", "DELETE"}


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def is_write(self) -> bool:
        """A batch of nothing but reads is no write."""
        if self.path.endswith("/batch"):
            subs = json.loads(self.body)
            default = subs.get("defaults", {}).get("method", "GET")
            return any(sub.get("method", default) in WRITING for sub in subs["requests"])
        return self.method in WRITING

    def parts(self) -> list["Request"]:
        """The subrequests of a batch, as if each had been sent by itself; of anything else, itself."""
        if not self.path.endswith("/batch"):
            return [self]
        outer = json.loads(self.body)
        whole = [outer.get("defaults", {}) | sub for sub in outer["requests"]]
        return [Request(one.get("method", "GET"), one["path"], one.get("headers", {}),
                        json.dumps(one["body"]).encode() if "body" in one else b"") for one in whole]


@dataclass
class Response:
    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    # A Content-Length beyond the body's end: the connection is cut where the body stops.
    promised: int | None = None
    # Sent in chunks, instead of the body.
    stream: Iterable[bytes] | None = None

    @classmethod
    def of_json(cls, status: int, value: object) -> "Response":
        return cls(status, [("Content-Type", "application/json")], json.dumps(value).encode())


class Hangup(Exception):
    """Raised by handle(): the connection is closed without an answer."""


class Proxy:
    def __init__(self, upstream: str):
        self._upstream = urlsplit(upstream).netloc
        self.requests: list[Request] = []
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.port = self._server.server_port
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.origin}/v1"

    def handle(self, request: Request) -> Response:
        return self.forward(request)

    def read(self, stream: BufferedIOBase, size: int) -> bytes:
        """The body of a request."""
        return stream.read(size)

    def forward(self, request: Request) -> Response:
        connection = http.client.HTTPConnection(self._upstream, timeout=60)
        try:
            connection.request(request.method, request.path, body=request.body or None, headers=request.headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        headers = [(k, v) for k, v in answer.getheaders() if k.lower() not in HOP_BY_HOP]
        if request.method == "HEAD":
            headers += [(k, v) for k, v in answer.getheaders() if k.lower() == "content-length"]
        return Response(answer.status, headers, body)

    def writes(self) -> list[Request]:
        return [request for request in self.requests if request.is_write]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # an idle keep-alive connection would block it for ever

    def __init__(self, proxy: Proxy):
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away in the middle is what half the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
        request = Request(self.command, self.path, headers, self.server.proxy.read(self.rfile, size))
        self.server.proxy.requests.append(request)
        try:
            self._answer(self.server.proxy.handle(request))
        except Hangup:
            self.close_connection = True

    def _answer(self, answer: Response) -> None:
        self.send_response_only(answer.status)
        for key, value in answer.headers:
            self.send_header(key, value)
        if answer.stream is not None:
            self.send_header("Transfer-Encoding", "chunked")
        elif self.command != "HEAD":
            self.send_header("Content-Length", str(answer.promised or len(answer.body)))
        self.end_headers()
        if answer.stream is not None:
            for piece in answer.stream:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        elif self.command != "HEAD":
            self.wfile.write(answer.body)
            self.close_connection = self.close_connection or answer.promised is not None

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = _serve

    def log_message(self, format: str, *args: object) -> None:
        pass
