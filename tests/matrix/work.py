"""The work that every pair of the matrix is given, and a client that looks whether it was done."""

import json
import signal

import kinto_http

from harness import mirror, records
from harness.servers import Pair
from harness.waiting import wait_until

from . import bodies

MORE_THAN_A_PAGE = 600  # the daemon asks for 500 rows at once
ARRIVES = 120.0  # seconds; enough on a busy machine
METADATA = {"displayFields": ["n"], "sort": "-last_modified", "text": "\u20ac"}


def numbered(begin: int, end: int, text: str = "first") -> list[dict]:
    return [{"id": f"r{number:04}", "n": number, "text": text} for number in range(begin, end)]


def ids(begin: int, end: int) -> list[str]:
    return [record["id"] for record in numbered(begin, end)]


def fill(pair: Pair, name: str, count: int) -> None:
    """The master, with updates and deletes before anybody looked."""
    bucket, collection = name.split("/")
    records.load(pair.master, name, numbered(0, count) + bodies.records())
    pair.master.client().patch_collection(id=collection, bucket=bucket, data=METADATA)
    records.put(pair.master, name, numbered(0, count // 4, "updated"))
    records.delete_many(pair.master, name, ids(count // 2, count * 3 // 4))


def change(pair: Pair, name: str, count: int) -> None:
    """Updates, deletes, creates, and a record that is deleted and comes again."""
    records.put(pair.master, name, numbered(0, count // 2, "again"))
    records.delete_many(pair.master, name, ids(count // 4, count // 2))
    records.put(pair.master, name, numbered(count // 4, count // 4 + 3, "is back") + numbered(count, count * 3 // 2))


def metadata(client: kinto_http.Client, name: str) -> dict:
    bucket, collection = name.split("/")
    data = client.get_collection(id=collection, bucket=bucket)["data"]
    return {key: value for key, value in data.items() if key != "last_modified"}


def follow_much(pair: Pair, name: str, daemon, args: list[str] | None = None, count: int = MORE_THAN_A_PAGE) -> mirror.Daemon:
    """`count` changes and more between two polls: the daemon is stopped meanwhile."""
    running = daemon(*(args or pair.args), "--collections", name, "--interval", "1s")
    wait_until(lambda: "following the master" in running.log(), "it follows", timeout=60)
    records.assert_same(pair.master, pair.replica, name)
    running.process.send_signal(signal.SIGSTOP)
    change(pair, name, count)
    running.process.send_signal(signal.SIGCONT)
    arrives(pair, name, running)
    return running


def arrives(pair: Pair, name: str, running: mirror.Daemon, tombstones: bool = True) -> None:
    """All that the master has; a failure tells what the daemon says of it. A record that came and went between two polls
    leaves no tombstone on the replica: without `tombstones` only what lives is looked at."""
    wanted = records.stored(pair.master, name, tombstones)
    try:
        wait_until(lambda: records.stored(pair.replica, name, tombstones) == wanted, "all has arrived", ARRIVES, every=0.5)
        records.assert_same(pair.master, pair.replica, name, tombstones)
    except AssertionError as error:
        found = records.stored(pair.replica, name, tombstones)
        differing = [(wanted.get(key), found.get(key)) for key in wanted | found if wanted.get(key) != found.get(key)]
        raise AssertionError(f"{error}\n{differing[:3]}\n-- the daemon's log\n{running.log()[-6000:]}") from error


def errors(running: mirror.Daemon) -> list[str]:
    """Lines of the log that are errors or worse."""
    lines = [json.loads(line) for line in running.log().split("\n") if line.startswith("{") and line.endswith("}")]
    return [line["Fields"]["msg"] for line in lines if line["Severity"] <= 3]
