"""A follow behind each front end, while the master is written to: in gusts, with calms between in which front ends close
connections that idle. That loses no write, gives no record another stamp, and is no error."""

import time
from collections.abc import Iterator

import pytest

from harness import mirror, records
from harness.servers import Pair
from harness.waiting import wait_until

from . import work
from .fronts import CASES
from .gusts import Gusts, Watch

LARGE = [{"id": f"large-{number}", "text": "x" * 8000} for number in range(40)]


@pytest.fixture(params=CASES)
def through(request: pytest.FixtureRequest, pg_pair: Pair) -> Iterator[list[str]]:
    """The arguments that lead through such a front end to both sides."""
    started = []
    try:
        for server in (pg_pair.master, pg_pair.replica):
            started.append(request.param.start(server))
        yield mirror.servers(*(front.url for front in started))
    finally:
        for front in started:
            front.close()


def test_a_follow_under_writes(through, pg_pair, name, rng, daemon, request):
    large = name.replace("articles", "large")
    records.load(pg_pair.master, large, LARGE)
    records.load(pg_pair.master, name, [])
    running = daemon(*through, "--collections", f"{name},{large}", "--interval", "3s")
    wait_until(lambda: "following the master" in running.log(), "it follows", timeout=60)
    writer, watch = Gusts(pg_pair.master, name, rng, pause=0.05), Watch(pg_pair.replica, name)
    writer.start()
    watch.start()
    time.sleep(request.config.getoption("--front-seconds"))
    writer.stop()

    for each in (name, large):
        work.arrives(pg_pair, each, running, tombstones=False)
    watch.stop()
    watch.once()
    watch.assert_nothing_restamped(writer)
    assert running.stop() == 0
    assert work.errors(running) == []
    mirror.run("check", "--json", *through, "--collections", f"{name},{large}").expect(0)
