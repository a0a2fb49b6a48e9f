"""Writers that keep a master busy, and remember what they wrote."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import requests

from . import records
from .kinto import KintoServer
from .repeating import Repeating

DAY = 86_400_000


@dataclass(frozen=True)
class Version:
    """A record as it once stood on the master; a tombstone has no text."""
    stamp: int
    text: str | None

    @classmethod
    def of(cls, row: dict) -> "Version":
        return cls(row["last_modified"], None if row.get("deleted") else row["text"])


class Writer(Repeating):
    """Creates, updates, deletes and re-creates records of its own ids until it is stopped, one request after the
    other. With `past`, half of the records that do not exist are created with a stamp of long ago."""

    def __init__(self, server: KintoServer, name: str, rng: random.Random, prefix: str = "w", ids: int = 15,
                 past: bool = False, pause: float = 0.01):
        super().__init__(pause)
        self._server, self._rng, self._past = server, random.Random(rng.random()), past
        self._url, self._name = records.records_url(server, name), name
        self._ids = [f"{prefix}-{number}" for number in range(ids)]
        self._made = 0
        self.steps = 0
        self.history: dict[str, list[Version]] = {}

    def run(self) -> None:
        with records.session(self._server) as self._web:
            super().run()

    def once(self) -> None:
        self._step(self._web)
        self.steps += 1

    def _step(self, web: requests.Session) -> None:
        kind = self._rng.random()
        if kind < 0.2:
            self._batch(web, self._rng.sample(self._ids, k=4))
            return
        record_id = self._rng.choice(self._ids)
        if self._lives(record_id) and kind < 0.5:
            self._remember(record_id, self._send(web, "DELETE", f"{self._url}/{record_id}"))
        else:
            data = self._data(record_id)
            self._remember(record_id, self._send(web, "PUT", f"{self._url}/{record_id}", {"data": data}))

    def _batch(self, web: requests.Session, ids: list[str]) -> None:
        bucket, collection = self._name.split("/")
        base = f"/buckets/{bucket}/collections/{collection}/records"
        body = {"defaults": {"method": "PUT"}, "requests": [
            {"path": f"{base}/{one}", "body": {"data": {"text": self._text()}}} for one in ids]}
        clashed = True
        while clashed:
            answers = self._send(web, "POST", f"{self._server.url}/batch", body)["responses"]
            clashes = [i for i, answer in enumerate(answers) if answer["status"] == 409]
            clashed = bool(clashes)
            # A clash undoes what came before it, and only that.
            for i in range(clashes[-1] + 1 if clashed else 0, len(ids)):
                assert answers[i]["status"] in (200, 201), answers[i]
                self._remember(ids[i], answers[i]["body"])

    def _send(self, web: requests.Session, method: str, url: str, body: dict | None = None) -> dict:
        """PostgreSQL refuses with 409 or 503 where two writers took one stamp; then nothing was written."""
        for _ in range(50):
            answer = web.request(method, url, json=body, timeout=60)
            if answer.status_code not in (409, 503):
                answer.raise_for_status()
                return answer.json()
        raise RuntimeError(f"{method} {url}: {answer.status_code} {answer.text}")

    def _data(self, record_id: str) -> dict:
        data: dict = {"text": self._text()}
        if self._past and not self._lives(record_id) and self._rng.random() < 0.5:
            data["last_modified"] = 1_500_000_000_000 + self._rng.randrange(1000 * DAY)
        return data

    def _text(self) -> str:
        """Never the same twice."""
        self._made += 1
        return f"{self._ids[0]} {self._made} " + "x" * self._rng.randint(0, 80)

    def _lives(self, record_id: str) -> bool:
        known = self.history.get(record_id)
        return bool(known) and known[-1].text is not None

    def _remember(self, record_id: str, answer: dict) -> None:
        self.history.setdefault(record_id, []).append(Version.of(answer["data"]))


class Putting(Repeating):
    """Puts `record(number)` with a pause of some seconds after each, and counts how often it did."""

    def __init__(self, server: KintoServer, name: str, pause: float, record: Callable[[int], dict]):
        super().__init__(pause)
        self._server, self._name, self._record = server, name, record
        self.times = 0

    def once(self) -> None:
        records.put(self._server, self._name, [self._record(self.times)])
        self.times += 1
