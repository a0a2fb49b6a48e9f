"""What users and their scripts read: help, reports, log, status pages and metrics of one session, held against a
recording. A change that is meant is recorded anew (pytest ... --record) and read in the diff."""

import json
import re
from difflib import unified_diff

import pytest

from harness import mirror, records
from harness.paths import ROOT
from harness.status import StatusPages
from harness.waiting import wait_until

RECORDING = ROOT / "tests" / "recorded" / "session.txt"
NAME = "library/books"
OLD = 1_700_000_000_000

# What differs each time: members of JSON objects, and numbers of metrics.
TIMES = {"Timestamp", "Hostname", "Pid", "ms", "took_ms", "ago", "now", "started", "audited", "lag", "next_pass",
         "next_audit", "cursor", "etag", "requests", "version", "master.version", "replica.version", "port"}
COMMANDS = [[], ["run"], ["check"], ["selftest"], ["dump"], ["restore"], ["config"], ["config", "show"], ["config", "check"], ["status"],
            ["healthcheck"]]


class Session:
    """Collects what was said, with a name in the place of each thing that differs from run to run."""

    def __init__(self, names: dict[str, str]):
        self._names = names
        self.lines: list[str] = []

    def add(self, title: str, text: str) -> None:
        for value, name in self._names.items():
            text, title = text.replace(value, name), title.replace(value, name)
        text = re.sub(r"http://127\.0\.0\.1:[0-9]+/status", "STATUS", text)
        text = re.sub(r"\b1[0-9]{12}\b", "STAMP", text)
        self.lines += [f"=== {title}", *text.rstrip("\n").split("\n"), ""]

    def add_json(self, title: str, value: object) -> None:
        self.add(title, json.dumps(without_times(value), indent=1))

    def command(self, *args: str, code: int = 0) -> None:
        """What it says on stdout, and how it ends."""
        result = mirror.run(*args).expect(code)
        self.add(f"kinto-mirror {' '.join(args)}: {code}", result.out)


def without_times(value: object) -> object:
    if isinstance(value, list):
        return [without_times(one) for one in value]
    if isinstance(value, dict):
        return {key: "..." if key in TIMES else without_times(one) for key, one in value.items()}
    return value


def log_of(text: str) -> str:
    """One line a line, without the members that differ."""
    return "\n".join(json.dumps(without_times(json.loads(line))) for line in text.split("\n") if line.startswith("{"))


def metrics_of(text: str) -> str:
    """Names, help texts and labels of all series; values of those that count records."""
    counted = ("kinto_mirror_records", "kinto_mirror_in_sync", "kinto_mirror_applied", "kinto_mirror_quarantined")
    lines = []
    for line in re.sub(r'(version|commit)="[^"]*"', r'\1="..."', text).split("\n"):
        if line and not line.startswith("#") and not line.startswith(counted):
            line = line.rsplit(" ", 1)[0] + " ..."
        lines.append(line)
    return "\n".join(lines)


def book(record_id: str, stamp: int, title: str) -> dict:
    return {"id": record_id, "last_modified": OLD + stamp, "title": title}


def record(pair, daemon) -> list[str]:
    session = Session({pair.master.url: "MASTER", pair.replica.url: "REPLICA"})
    servers = pair.args
    for command in COMMANDS:
        session.command(*command, "--help")
    records.load(pair.master, NAME, [book("a", 10, "one"), book("b", 20, "two"), book("c", 30, "three")])
    records.load(pair.replica, NAME, [book("b", 15, "old"), book("x", 12, "its own")])
    session.command("config", "show", *servers, "--collections", NAME)
    for code, command in [(1, ["check"]), (1, ["run", "--once", "--dry-run"]), (0, ["run", "--once"]), (0, ["check"])]:
        session.command(*command, *servers, code=code)
    for command in (["check"], ["run", "--once"]):
        session.add_json(" ".join(command) + " --json", mirror.run(*command, "--json", *servers).report)

    running = daemon(*servers, "--listen", "127.0.0.1:0", "--interval", "300ms")
    pages = StatusPages(running)
    wait_until(lambda: pages.status()["in_sync"], "the pair is in sync")
    records.put(pair.master, NAME, [{"id": "d", "title": "four"}])
    wait_until(lambda: pages.collection(NAME)["created"] == 1 and pages.status()["in_sync"], "the change has arrived")
    session.add_json("/status", pages.status())
    session.add("/metrics", metrics_of(pages.get("/metrics").text))
    running.stop()
    session.add("log", log_of(running.log()))
    return session.lines


def test_what_is_told_is_what_was_told_before(pair, daemon, request: pytest.FixtureRequest):
    told = record(pair, daemon)
    if request.config.getoption("--record"):
        RECORDING.parent.mkdir(exist_ok=True)
        RECORDING.write_text("\n".join(told))
        pytest.skip(f"recorded anew: {RECORDING.relative_to(ROOT)}")
    before = RECORDING.read_text().split("\n")
    difference = list(unified_diff(before, told, "recorded", "now", lineterm="", n=1))
    assert not difference, "\n".join(difference[:80])
