"""What passed through a proxy: the writes to one collection with their answers, and what must hold for each."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from .proxy import WRITING, Proxy, Request, Response


@dataclass
class Write:
    """One write of a record, alone or out of a batch, and what became of it."""
    method: str
    path: str  # without the query
    query: str
    headers: dict[str, str]
    data: dict
    status: int | None  # None: not answered, or undone with its batch
    answer: dict

    @property
    def record(self) -> str:
        return self.path.rsplit("/", 1)[1]

    @property
    def carried_out(self) -> bool:
        return self.status in (200, 201)


class Recording(Proxy):
    """Keeps each request together with the server's answer."""

    def __init__(self, upstream: str):
        super().__init__(upstream)
        self._lock = threading.Lock()
        self._under_way = 0
        self.exchanges: list[tuple[Request, Response | None]] = []

    def forward(self, request: Request) -> Response:
        answer: Response | None = None
        with self._lock:
            self._under_way += 1
        try:
            answer = super().forward(request)
            return answer
        finally:
            with self._lock:
                self._under_way -= 1
                self.exchanges.append((request, answer))

    @property
    def quiet(self) -> bool:
        with self._lock:
            return self._under_way == 0


def writes(exchanges: list[tuple[Request, Response | None]], name: str) -> Iterator[Write]:
    """Those to the records of one bucket/collection."""
    bucket, collection = name.split("/")
    place = f"/buckets/{bucket}/collections/{collection}/records/"
    for request, answer in list(exchanges):
        for write in _parts(request, answer):
            if write.method in WRITING and place in write.path:
                yield write


def _parts(request: Request, answer: Response | None) -> list[Write]:
    whole = {"method": request.method, "path": request.path, "headers": request.headers}
    if not request.path.endswith("/batch"):
        body = json.loads(request.body) if request.body else {}
        said = {"status": answer.status, "body": json.loads(answer.body or b"{}")} if answer else None
        return [_write(whole | {"body": body}, said)]
    batch = json.loads(request.body)
    answers = json.loads(answer.body)["responses"] if answer and answer.status == 200 else []
    # PostgreSQL undoes what came before a clash, so that none of it counts.
    if any(one["status"] == 409 for one in answers):
        answers = []
    parts = [batch.get("defaults", {}) | sub for sub in batch["requests"]]
    return [_write(part, answers[i] if answers else None) for i, part in enumerate(parts)]


def _write(part: dict, said: dict | None) -> Write:
    url = urlsplit(part["path"])
    body = (said or {}).get("body")
    return Write(part.get("method", "GET"), url.path, url.query, part.get("headers", {}),
                 (part.get("body") or {}).get("data") or {}, said["status"] if said else None,
                 body if isinstance(body, dict) else {})


def assert_guarded(found: list[Write]) -> None:
    """Not one write could have hit another version than the one that it was meant for."""
    assert found
    bare = [write for write in found if not {"If-Match", "If-None-Match"} & write.headers.keys()]
    assert not bare, f"{len(bare)} writes without a guard: {bare[:3]}"


def assert_carried_out_once(found: list[Write]) -> None:
    """No version of a record was written twice: a replay is refused by its guard."""
    done = Counter((write.record, write.answer.get("data", {}).get("last_modified"))
                   for write in found if write.method == "PUT" and write.carried_out)
    twice = {key: count for key, count in done.items() if count > 1}
    assert not twice, f"written more than once: {dict(list(twice.items())[:5])}"
