"""Buckets, groups and collections of a server, named as reports name them: "b", "b/groups/g", "b/collections/c"."""

from collections.abc import Callable, Iterator
from pathlib import Path

import requests

from . import mirror
from .kinto import AUTH, KintoServer
from .servers import Pair
from .waiting import wait_until

READER, OTHER = "reader:password", "other:password"
EVERYONE = "system.Everyone"
SEES_BUCKETS = "kinto.bucket_read_principals"
NEVER_ENOUGH = ("--extras", "delete", "--max-delete", "100%")
FAST = ("--interval", "300ms", "--overlap", "2s")
KEYS = {"same", "created", "updated", "deleted", "differences", "state"}
KINDS = {"missing", "data", "permissions", "undeleted", "extra", "quarantined", "unknown-permissions"}

# What stands at one place: data and permission lists, or nothing.
Tree = dict[str, tuple[dict, dict[str, list[str]]]]


def collection_of(name: str) -> str:
    """ "b/c" as records name it is "b/collections/c" here."""
    bucket, collection = name.split("/")
    return f"{bucket}/collections/{collection}"


def user_id(server: KintoServer, auth: str = AUTH) -> str:
    return server.client(auth).server_info()["user"]["id"]


def ask(server: KintoServer, method: str, path: str, auth: str | None = AUTH, body: dict | None = None,
        headers: dict[str, str] | None = None) -> requests.Response:
    """`path` begins below /buckets/; no `auth`: anonymous."""
    who = tuple(auth.split(":", 1)) if auth else None
    return requests.request(method, f"{server.url}/buckets/{path}", auth=who, json=body, headers=headers, timeout=60)


def _write(server: KintoServer, method: str, path: str, auth: str, data: dict | None,
           permissions: dict[str, list[str]] | None) -> dict:
    parts = {"data": data, "permissions": permissions}
    answer = ask(server, method, path, auth, {key: part for key, part in parts.items() if part is not None})
    assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json()["data"]


def put(server: KintoServer, path: str, data: dict | None = None, permissions: dict[str, list[str]] | None = None,
        auth: str = AUTH) -> dict:
    """All of it, and each list that `permissions` does not name is cleared, where there is one. Returns its data."""
    return _write(server, "PUT", path, auth, data, permissions)


def patch(server: KintoServer, path: str, data: dict | None = None, permissions: dict[str, list[str]] | None = None,
          auth: str = AUTH) -> dict:
    """Only what is named."""
    return _write(server, "PATCH", path, auth, data, permissions)


def remove(server: KintoServer, path: str, auth: str = AUTH) -> int:
    """Deletes it; the tombstone's stamp."""
    answer = ask(server, "DELETE", path, auth)
    assert answer.ok, f"DELETE {path}: {answer.status_code} {answer.text}"
    return answer.json()["data"]["last_modified"]


def data(server: KintoServer, path: str, auth: str = AUTH) -> dict | None:
    """None where there is no such object, as far as this user is told."""
    answer = ask(server, "GET", path, auth)
    assert answer.status_code in (200, 403, 404), answer.text
    return answer.json()["data"] if answer.ok else None


def exists(server: KintoServer, path: str, auth: str = AUTH) -> bool:
    return data(server, path, auth) is not None


def stamp(server: KintoServer, path: str) -> int:
    found = data(server, path)
    assert found is not None, f"{path} is not there"
    return found["last_modified"]


def lists(server: KintoServer, path: str, auth: str = AUTH) -> dict[str, set[str]]:
    """The permission lists as this user is shown them, without himself, whom Kinto adds to `write`."""
    answer = ask(server, "GET", path, auth)
    assert answer.ok, f"{path}: {answer.status_code}"
    mine = user_id(server, auth)
    found = {key: set(who) - ({mine} if key == "write" else set()) for key, who in answer.json()["permissions"].items()}
    return {key: who for key, who in found.items() if who}


def tombstone(server: KintoServer, path: str) -> int | None:
    """The stamp of the tombstone that the object left, None where there is none."""
    plural, _, one = path.rpartition("/")
    answer = ask(server, "GET", f"{plural}?_since=0")
    rows = answer.json()["data"] if answer.ok else []
    return next((row["last_modified"] for row in rows if row["id"] == one and row.get("deleted")), None)


def below(server: KintoServer, bucket: str, auth: str = AUTH) -> Iterator[str]:
    """The bucket and all that is in it, records too."""
    yield bucket
    for plural in ("groups", "collections"):
        for row in ask(server, "GET", f"{bucket}/{plural}", auth).json()["data"]:
            path = f"{bucket}/{plural}/{row['id']}"
            yield path
            if plural == "collections":
                yield from (f"{path}/records/{one['id']}" for one in
                            ask(server, "GET", f"{path}/records", auth).json()["data"])


def tree(server: KintoServer, *buckets: str, auth: str = AUTH) -> Tree:
    """All that stands in these buckets, to compare it with what stands there later."""
    found: Tree = {}
    for path in (one for bucket in buckets for one in below(server, bucket, auth)):
        answer = ask(server, "GET", path, auth).json()
        found[path] = answer["data"], {key: sorted(who) for key, who in answer["permissions"].items()}
    return found


def assert_same(pair: Pair, *paths: str) -> None:
    """Data by value, and the stamp."""
    for path in paths:
        assert (wanted := data(pair.master, path)) is not None, f"the master has no {path}"
        assert data(pair.replica, path) == wanted


def report(result: mirror.Result) -> dict:
    """What a report says of the containers; its shape is looked at each time."""
    [replica] = result.report["replicas"]
    found = replica["containers"]
    assert found.keys() == KEYS, found
    assert all(isinstance(found[key], int) for key in KEYS - {"differences", "state"}), found
    assert found["state"] in {"in-sync", "different", "degraded", "failed"}, found
    for one in found["differences"]:
        assert {"id", "kind", "reason"} == one.keys() and one["kind"] in KINDS and one["reason"], one
    return found


def differences(result: mirror.Result) -> set[tuple[str, str]]:
    return {(one["id"], one["kind"]) for one in report(result)["differences"]}


def reason(result: mirror.Result, path: str, kind: str) -> str:
    found = [one["reason"] for one in report(result)["differences"] if (one["id"], one["kind"]) == (path, kind)]
    assert len(found) == 1, report(result)
    return found[0]


def assert_rests(pair: Pair, *more: str) -> None:
    """What was just brought in sync is equal, and a further pass has nothing to write."""
    again = report(pair.once(*more).expect(0))
    assert (again["created"], again["updated"], again["deleted"]) == (0, 0, 0), again
    assert again["state"] == "in-sync" and not [one for one in again["differences"] if one["kind"] != "extra"], again
    assert report(pair.check(*more).expect(0))["state"] == "in-sync"


def config_file(folder: Path, pair: Pair, principals: dict[str, str], **sync: str) -> str:
    """A file with [sync.principals]; its path."""
    quoted = [f'"{key}" = "{value}"' for key, value in principals.items()]
    lines = ["[master]", f'url = "{pair.master.url}"', f'auth = "{pair.master.auth}"',
             "[[replica]]", f'url = "{pair.replica.url}"', f'auth = "{pair.replica.auth}"',
             "[sync]", *(f'{key} = "{value}"' for key, value in sync.items()), "[sync.principals]", *quoted]
    path = folder / "mirror.toml"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def soon(condition: Callable[[], object], what: str) -> None:
    """Within some intervals of FAST, and long before the next audit."""
    wait_until(condition, what, timeout=20)
