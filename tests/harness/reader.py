"""A reader that keeps a copy of a collection as Kinto's own clients do."""

from . import records
from .kinto import KintoServer
from .repeating import Repeating

PAGE = 5


class Reader(Repeating):
    """Asks for what changed since the last ETag, page by page to the end, as long as it is not stopped."""

    def __init__(self, server: KintoServer, name: str):
        super().__init__(pause=0.02)
        self._url = records.records_url(server, name)
        self._web = records.session(server)
        self._etag: str | None = None
        self.changes = 0
        self.live: dict[str, dict] = {}
        self.tombstones: dict[str, int] = {}

    def once(self) -> None:
        self.poll()

    def poll(self) -> None:
        url: str | None = f"{self._url}?_limit={PAGE}" + (f"&_since={self._etag}" if self._etag else "")
        etag = ""
        while url:
            answer = self._web.get(url, timeout=60)
            answer.raise_for_status()
            # Of the first page: what is written during the paging comes with the next poll.
            etag = etag or answer.headers["ETag"]
            for row in answer.json()["data"]:
                self._take(row)
            url = answer.headers.get("Next-Page")
        self._etag = etag

    def _take(self, row: dict) -> None:
        self.changes += 1
        if row.get("deleted"):
            self.live.pop(row["id"], None)
            self.tombstones[row["id"]] = row["last_modified"]
        else:
            self.tombstones.pop(row["id"], None)
            self.live[row["id"]] = row
