"""A client that does nothing but send: the servers' own ceiling."""

import base64
import http.client
import json
from urllib.parse import urlsplit

from harness.kinto import KintoServer


class BareClient:
    """One connection, one request at a time."""

    def __init__(self, server: KintoServer):
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        token = base64.b64encode(server.auth.encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}

    def _request(self, method: str, path: str, body: bytes | None = None) -> bytes:
        self._connection.request(method, f"/v1{path}", body, self._headers)
        response = self._connection.getresponse()
        text = response.read()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status} {text[:200]!r}")
        return text

    def connect(self) -> None:
        self._connection.connect()

    def warm(self) -> None:
        """A server's first answers take long, whoever asks."""
        for path in ("/", "/buckets"):
            self._request("GET", path)

    def put(self, path: str) -> None:
        self._request("PUT", path)

    def send_all(self, bodies: list[bytes]) -> None:
        for body in bodies:
            self._request("POST", "/batch", body)

    def read_all(self, collection: str, page: int) -> int:
        """All pages of the collection's changes, thrown away; how many bytes they were on the wire."""
        target, read = f"/v1{collection}/records?_sort=last_modified,id&_since=0&_limit={page}", 0
        while target:
            self._connection.request("GET", target, headers=self._headers | {"Accept-Encoding": "gzip"})
            response = self._connection.getresponse()
            read += len(response.read())
            if response.status != 200:
                raise RuntimeError(f"GET {target}: {response.status}")
            following = response.headers.get("Next-Page")
            target = following and f"{urlsplit(following).path}?{urlsplit(following).query}"
        return read

    def newest(self, collection: str) -> str:
        """The collection's ETag, as `_since` takes it."""
        self._connection.request("HEAD", f"/v1{collection}/records", headers=self._headers)
        response = self._connection.getresponse()
        response.read()
        return response.headers["ETag"].strip('"')

    def changes(self, collection: str, cursor: str) -> list[dict]:
        """At most as many as the server gives in one answer."""
        return json.loads(self._request("GET", f"{collection}/records?_since={cursor}"))["data"]

    def records(self, collection: str) -> list[dict]:
        """At most as many as the server gives in one answer."""
        return json.loads(self._request("GET", f"{collection}/records?_sort=last_modified,id"))["data"]


def batches_for(collection: str, records: list[dict], size: int = 25) -> list[bytes]:
    """Bodies of POST /batch that put these records."""
    out = []
    for begin in range(0, len(records), size):
        requests = [{"method": "PUT", "path": f"{collection}/records/{record['id']}", "body": {"data": record}}
                    for record in records[begin:begin + size]]
        out.append(json.dumps({"requests": requests}).encode())
    return out
