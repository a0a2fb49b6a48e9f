"""Somebody's server that a webhook calls: keeps each message, and answers as it is told to."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    def __init__(self, port: int = 0):
        self.messages: list[tuple[dict, str]] = []  # headers in lower case, and the body
        self.answer: Callable[[], int] = lambda: 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.messages.append(({name.lower(): value for name, value in self.headers.items()} | {
                    "path": self.path}, body))
                status = receiver.answer()
                if status:
                    self.send_response(status)
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def told(self, kind: str) -> list[dict]:
        """All entries of one list, in the order in which they came."""
        return [entry for _, body in list(self.messages) for entry in json.loads(body)["data"][kind]]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def is_signed(headers: dict, body: str, key: bytes) -> bool:
    """As Standard Webhooks has it."""
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    wanted = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{wanted}" and abs(time.time() - int(headers["webhook-timestamp"])) < 60
