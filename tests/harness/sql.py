"""Direct SQL on the database of a PostgreSQL Kinto, for what HTTP cannot make happen at will."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2

from . import records
from .kinto import KintoServer
from .waiting import wait_until

LOCKS = "held/locks"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def rows(server: KintoServer, query: str, *values: object) -> list[tuple]:
    """What the query finds, in a transaction of its own."""
    connection = psycopg2.connect(server.database_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@contextmanager
def held_put(server: KintoServer, name: str, record: dict) -> Iterator[None]:
    """A PUT whose stamp is given at once, and whose transaction stays open while the block runs.

    Kinto keeps one transaction for a whole batch, so a batch that first writes the record and then waits for a row that
    we have locked does what any long batch or slow request does.
    """
    records.load(server, LOCKS, [{"id": "lock"}])
    body = {"defaults": {"method": "PUT"}, "requests": [
        {"path": f"/buckets/{bucket}/collections/{collection}/records/{row['id']}", "body": {"data": row}}
        for (bucket, collection), row in ((name.split("/"), record), (LOCKS.split("/"), {"id": "lock"}))]}
    answers: list[int] = []

    def send() -> None:
        answer = records.session(server).post(f"{server.url}/batch", json=body, timeout=60)
        answers.extend(sub["status"] for sub in answer.json()["responses"])

    holder = psycopg2.connect(server.database_url)
    writer = threading.Thread(target=send, daemon=True)
    try:
        with holder.cursor() as cursor:
            cursor.execute("SELECT 1 FROM objects WHERE id = 'lock' AND resource_name = 'record' FOR UPDATE")
            assert cursor.fetchall() == [(1,)]
            writer.start()
            wait_until(lambda: rows(server, WAITING)[0][0], "the batch waits for the locked row")
            yield
    finally:
        holder.rollback()
        holder.close()
    writer.join(30)
    assert [status in (200, 201) for status in answers] == [True, True], answers
