"""One line of the conformance table, and what it may refer to."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Any

USERS = {"alice": "alice:a", "bob": "bob:b", "carol": "carol:c"}
SECRET = "not a secret"
_PLACEHOLDER = re.compile(r"\{(\w+)([+-]\d+)?\}")


def principal(user: str) -> str:
    digest = hmac.new(SECRET.encode(), USERS[user].encode(), hashlib.sha256).hexdigest()
    return f"basicauth:{digest}"


@dataclass
class Step:
    """Texts may hold `{name}` and `{name+5}`: the stamp that the answer saved as `name` had in its ETag, `{now}`, a
    user's principal, or (in `path`, as the whole of it) `{name.next}`: where that answer's Next-Page leads."""

    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    who: str | None = "alice"
    save: str | None = None
    raw: str | bytes | None = None


class Memory:
    """What one server has answered so far in one scenario."""

    def __init__(self, now: int):
        self.stamps: dict[str, int] = {"now": now}
        self.pages: dict[str, str] = {}

    def fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.fill(key): self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if not isinstance(value, str):
            return value
        if value.endswith(".next}"):
            return self.pages.get(value[1:-6], "/no-next-page")
        whole = _PLACEHOLDER.fullmatch(value)
        if whole and whole[1] in self.stamps:
            return self._stamp(whole)
        return _PLACEHOLDER.sub(self._text, value)

    def _stamp(self, match: re.Match) -> int:
        return self.stamps[match[1]] + int(match[2] or 0)

    def _text(self, match: re.Match) -> str:
        if match[1] in USERS:
            return principal(match[1])
        return str(self._stamp(match)) if match[1] in self.stamps else match[0]


def get(path: str, **more: Any) -> Step:
    return Step("GET", path, **more)


def head(path: str, **more: Any) -> Step:
    return Step("HEAD", path, **more)


def put(path: str, data: Any = None, **more: Any) -> Step:
    return Step("PUT", path, {"data": {} if data is None else data}, **more)


def post(path: str, body: Any = None, **more: Any) -> Step:
    return Step("POST", path, body, **more)


def patch(path: str, data: Any = None, **more: Any) -> Step:
    return Step("PATCH", path, {"data": {} if data is None else data}, **more)


def delete(path: str, **more: Any) -> Step:
    return Step("DELETE", path, **more)


def batch(*requests: tuple, defaults: dict | None = None, **more: Any) -> Step:
    """Each request: method, path, data or None, headers or None."""
    lines = []
    for method, path, *rest in requests:
        line = {"method": method, "path": path}
        if rest and rest[0] is not None:
            line["body"] = {"data": rest[0]}
        if len(rest) > 1:
            line["headers"] = rest[1]
        lines.append(line)
    body = {"requests": lines} | ({"defaults": defaults} if defaults else {})
    return Step("POST", "/batch", body, **more)


COLLECTION = "/buckets/b/collections/c"
RECORDS = COLLECTION + "/records"


def world() -> list[Step]:
    return [put("/buckets/b"), put(COLLECTION)]


def records(*ids: str) -> list[Step]:
    return [put(f"{RECORDS}/{id_}", {"n": n, "s": id_}, save=id_) for n, id_ in enumerate(ids)]
