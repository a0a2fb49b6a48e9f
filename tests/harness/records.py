"""Records: making them, loading them, and looking at them as a server stores them."""

import random
import uuid
from collections.abc import Iterable
from urllib.parse import quote

import kinto_http
import requests

from .kinto import KintoServer
from .waiting import wait_until

BATCH = 25
# Of its tombstone the daemon makes the closing marks.
MARK = "kinto-mirror-mark"


def random_records(rng: random.Random, count: int) -> list[dict]:
    return [{"id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
             "internal_id": rng.randrange(10**9),
             "title": "".join(rng.choices("abcdefghijklmnopqrstuvwxyz äöü€", k=rng.randint(1, 60)))}
            for _ in range(count)]


def create_collection(client: kinto_http.Client, bucket: str, collection: str) -> None:
    client.create_bucket(id=bucket, if_not_exists=True)
    client.create_collection(id=collection, bucket=bucket, if_not_exists=True)


def load(server: KintoServer, name: str, records: Iterable[dict]) -> None:
    """PUTs the records, with their own stamps if they have any, into "bucket/collection"."""
    bucket, collection = name.split("/")
    client = server.client()
    create_collection(client, bucket, collection)
    put(server, name, list(records))


def load_for_everybody(server: KintoServer, name: str, records: list[dict]) -> None:
    """Into a collection that everybody may read, in a bucket that only its owner is shown."""
    bucket, collection = name.split("/")
    client = server.client()
    client.create_bucket(id=bucket)
    client.create_collection(id=collection, bucket=bucket, permissions={"read": ["system.Everyone"]})
    put(server, name, records)


def put(server: KintoServer, name: str, records: list[dict]) -> None:
    _in_batches(server, name, "PUT", {record["id"]: {"body": {"data": record}} for record in records})


def delete_many(server: KintoServer, name: str, ids: Iterable[str]) -> None:
    _in_batches(server, name, "DELETE", {record_id: {} for record_id in ids})


def _in_batches(server: KintoServer, name: str, method: str, parts: dict[str, dict]) -> None:
    bucket, collection = name.split("/")
    base = f"/buckets/{bucket}/collections/{collection}/records"
    subrequests = [{"path": f"{base}/{quote(record_id, safe='')}"} | part for record_id, part in parts.items()]
    with session(server) as web:
        for start in range(0, len(subrequests), BATCH):
            body = {"defaults": {"method": method}, "requests": subrequests[start:start + BATCH]}
            answer = web.post(f"{server.url}/batch", json=body, timeout=60)
            answer.raise_for_status()
            refused = [sub for sub in answer.json()["responses"] if sub["status"] not in (200, 201)]
            assert not refused, refused


def delete(server: KintoServer, name: str, record_id: str) -> dict:
    """Deletes one record; returns the tombstone."""
    bucket, collection = name.split("/")
    return server.client().delete_record(id=record_id, bucket=bucket, collection=collection)


def session(server: KintoServer) -> requests.Session:
    one = requests.Session()
    one.auth = tuple(server.auth.split(":", 1))
    return one


def records_url(server: KintoServer, name: str) -> str:
    bucket, collection = name.split("/")
    return f"{server.url}/buckets/{bucket}/collections/{collection}/records"


def is_closing_mark(row: dict) -> bool:
    return row["id"] == MARK and "deleted" in row


def stored(server: KintoServer, name: str, tombstones: bool = False, marks: bool = False) -> dict[str, dict]:
    """Every record by id, read through all pages; with tombstones where asked for, and closing marks."""
    url: str | None = records_url(server, name) + "?_sort=last_modified,id" + ("&_since=0" if tombstones else "")
    found: dict[str, dict] = {}
    with session(server) as web:
        while url:
            answer = _read(web, url)
            answer.raise_for_status()
            found |= {row["id"]: row for row in answer.json()["data"] if marks or not is_closing_mark(row)}
            url = answer.headers.get("Next-Page")
    return found


def _read(web: requests.Session, url: str) -> requests.Response:
    """After a collection was deleted and made anew, its first reads make its ETag. On PostgreSQL those that come at once,
    as a daemon's poll may, get in each other's way: all but one are answered 500."""
    for _ in range(5):
        answer = web.get(url, timeout=60)
        if answer.status_code != 500:
            break
    return answer


def stamps(server: KintoServer, name: str) -> set[int]:
    """Of the live records."""
    return {row["last_modified"] for row in stored(server, name).values()} if count(server, name) else set()


def etag(server: KintoServer, name: str) -> str:
    with session(server) as web:
        answer = web.head(records_url(server, name), timeout=60)
        answer.raise_for_status()
        return answer.headers["ETag"]


def count(server: KintoServer, name: str) -> int:
    """How many live records; 0 where the collection does not exist yet."""
    with session(server) as web:
        answer = web.head(records_url(server, name), timeout=60)
        return int(answer.headers["Total-Records"]) if answer.ok else 0


def bucket_ids(server: KintoServer) -> set[str]:
    return {bucket["id"] for bucket in server.client().get_buckets()}


def bodies(records: dict[str, dict]) -> dict[str, dict]:
    """Without the stamps: what a record says, not when it was said."""
    return {key: {k: v for k, v in row.items() if k != "last_modified"} for key, row in records.items()}


def assert_same(master: KintoServer, replica: KintoServer, name: str, tombstones: bool = False) -> dict[str, dict]:
    """The replica has the master's records: ids, bodies by value, stamps. Returns them."""
    wanted, found = stored(master, name, tombstones), stored(replica, name, tombstones)
    missing = sorted(wanted.keys() - found.keys())
    extra = sorted(found.keys() - wanted.keys())
    differing = {key: (wanted[key], found[key]) for key in wanted.keys() & found.keys() if wanted[key] != found[key]}
    assert not (missing or extra or differing), (
        f"missing {missing[:5]} ({len(missing)}), extra {extra[:5]} ({len(extra)}), "
        f"differing {list(differing.values())[:2]} ({len(differing)})")
    return found


def wait_same(master: KintoServer, replica: KintoServer, name: str, what: str, timeout: float = 30.0) -> None:
    """Waits until the replica has the master's records and tombstones: once, since a closing mark that comes behind them
    may be seen alive on a memory backend."""
    wanted = stored(master, name, tombstones=True)
    try:
        wait_until(lambda: stored(replica, name, tombstones=True) == wanted, what, timeout)
    except AssertionError:
        assert_same(master, replica, name, tombstones=True)
        raise
