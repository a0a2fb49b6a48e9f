"""Sends the table to one server, and makes what it answers comparable with what another answers."""

import base64
import http.client
import json
import re
import time
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .steps import USERS, Memory, Step

# What a client may act upon. Date, Server, Content-Length and the CORS and CSP headers are left out.
HEADERS = ("ETag", "Last-Modified", "Next-Page", "Total-Objects", "Total-Records", "Alert", "Backoff", "Retry-After",
           "Content-Type", "Cache-Control", "Location", "WWW-Authenticate")
_NEAR = 10 * 60 * 1000
_NUMBER = re.compile(r"(?<![\w.])\d{13}(?![\w.])")
_PARSE_ERROR = re.compile(r"(?<=Invalid JSON)[^\"]*")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


class Answers:
    """What a server answers to one scenario, with its own stamps replaced by their rank among them."""

    def __init__(self, port: int, now: int):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._port, self._memory = port, Memory(now)
        self._started = int(time.time() * 1000)

    def run(self, steps: list[Step]) -> list[Any]:
        self._send("POST", "/v1/__flush__", {}, None)
        answers = [(_place(self._memory.fill(step.path)), self._answer(step)) for step in steps]
        self._connection.close()
        return self._rank(answers)

    def _send(self, method: str, target: str, headers: dict[str, str], body: bytes | None) -> Any:
        self._connection.request(method, target, body, headers)
        response = self._connection.getresponse()
        return response, response.read()

    def _answer(self, step: Step) -> dict[str, Any]:
        time.sleep(0.002)  # two requests in one millisecond may give two collections the same stamp
        path = self._memory.fill(step.path)
        headers = {name: str(self._memory.fill(value)) for name, value in step.headers.items()}
        body = step.raw.encode() if isinstance(step.raw, str) else step.raw
        if body is None and step.body is not None:
            body = json.dumps(self._memory.fill(step.body)).encode()
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        if step.who is not None:
            headers["Authorization"] = "Basic " + base64.b64encode(USERS[step.who].encode()).decode()
        response, text = self._send(step.method, "/v1" + path, headers, body)
        kept = {name: value for name in HEADERS if (value := response.getheader(name)) is not None}
        if step.save and (etag := kept.get("ETag")):
            self._memory.stamps[step.save] = int(etag.strip('"'))
        if step.save and (page := kept.get("Next-Page")):
            parts = urlsplit(page)
            self._memory.pages[step.save] = f"{parts.path.removeprefix('/v1')}?{parts.query}"
        assert response.getheader("Date"), f"no Date: {step}"
        return {"status": response.status, "headers": self._headers(kept), "body": self._body(text)}

    def _headers(self, headers: dict[str, str]) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for name, value in headers.items():
            if name not in HEADERS:
                continue
            value = value.replace(f":{self._port}", ":PORT")
            known[name] = value
            if name == "Next-Page":
                pairs = parse_qsl(urlsplit(value).query)
                known[name] = [value.split("?")[0], [[key, self._token(key, item)] for key, item in pairs]]
            if name == "Last-Modified" and (etag := headers.get("ETag")):
                known[name] = int(parsedate_to_datetime(value).timestamp()) == int(etag.strip('"')) // 1000
            if name == "Content-Type":
                known[name] = value.split(";")[0]
        return known

    @staticmethod
    def _token(key: str, value: str) -> Any:
        return json.loads(base64.b64decode(value)) if key == "_token" else value

    def _body(self, text: bytes) -> Any:
        try:
            body = json.loads(text.replace(f":{self._port}".encode(), b":PORT"))
        except ValueError:
            return text.decode(errors="replace")
        if isinstance(body, dict) and isinstance(body.get("responses"), list):
            for line in body["responses"]:
                line["headers"] = self._headers(line["headers"])
        return body

    def _rank(self, answers: list[tuple[str, Any]]) -> list[Any]:
        """Stamps of one list are compared with each other only: those of two lists may be equal by chance."""
        found: dict[str, set[int]] = {}
        ranks: dict[str, dict[int, int]] = {}
        uuids: dict[str, str] = {}

        def near(number: int) -> bool:
            return abs(number - self._started) < _NEAR

        def named(place: str, number: int) -> str | int:
            if not near(number):
                return number
            found.setdefault(place, set()).add(number)
            return f"stamp {ranks[place][number]}" if ranks else number

        def walk(value: Any, place: str) -> Any:
            if isinstance(value, dict):
                if isinstance(value.get("path"), str):  # a line of a batch's answer
                    place = _place(value["path"].removeprefix("/v1"))
                if isinstance(value.get("permissions"), dict):
                    value["permissions"] = {k: _unordered(v) for k, v in value["permissions"].items()}
                if "principals" in value:
                    value["principals"] = _unordered(value["principals"])
                return {walk(key, place): walk(item, place) for key, item in value.items()}
            if isinstance(value, list):
                return [walk(item, place) for item in value]
            if isinstance(value, int) and not isinstance(value, bool):
                return named(place, value)
            if isinstance(value, float) and value.is_integer() and abs(value) > 2**63:
                return int(value)
            if isinstance(value, str):
                value = _NUMBER.sub(lambda match: str(named(place, int(match[0]))), _PARSE_ERROR.sub("", value))
                return _UUID.sub(lambda match: uuids.setdefault(match[0], f"uuid {len(uuids)}"), value)
            return value

        for place, answer in answers:
            walk(answer, place)
        uuids.clear()
        ranks = {place: {stamp: rank for rank, stamp in enumerate(sorted(stamps))} for place, stamps in found.items()}
        return [walk(answer, place) for place, answer in answers]


def _unordered(value: Any) -> Any:
    return sorted(value, key=str) if isinstance(value, list) else value


def _place(path: str) -> str:
    """The list that the object at `path` is in, or the list itself."""
    parts = path.split("?")[0].split("/")
    return "/".join(parts[:len(parts) // 2 * 2])


def typed(value: Any) -> str:
    """Text that differs wherever the values do: 1 is not 1.0, and not true."""
    return json.dumps(value, sort_keys=True)
