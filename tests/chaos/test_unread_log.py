"""Hazard 59: a log that nobody reads costs lines, and nothing else."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import threading

import pytest
import requests

from harness import mirror, mozlog, records
from harness.processes import die_with_parent, stop
from harness.status import free_port
from harness.waiting import wait_until

LIMIT = 4096  # bytes of the pipe: the smallest that Linux gives


class Unread:
    """A daemon whose stdout and stderr are a pipe that nobody reads, until somebody does."""

    def __init__(self, *args: str):
        self._reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, LIMIT)
        self.port = free_port()
        self.process = subprocess.Popen(
            [str(mirror.BINARY), "run", "--listen", f"127.0.0.1:{self.port}", "--log-level", "debug", *args],
            env=mirror.clean_environment(), cwd="/", stdin=subprocess.DEVNULL, stdout=writer, stderr=writer,
            preexec_fn=die_with_parent)
        os.close(writer)
        self.text = b""

    def get(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=5)

    def is_full(self) -> bool:
        """Nothing more fits into the pipe: what is in it fills its one page, but for less than a line."""
        waiting = bytearray(4)
        fcntl.ioctl(self._reader, 0x541B, waiting)  # FIONREAD
        return int.from_bytes(waiting, "little") > LIMIT - 1024

    def read_on(self) -> None:
        def read() -> None:
            while piece := os.read(self._reader, 65536):
                self.text += piece

        threading.Thread(target=read, daemon=True).start()

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.text.decode().split("\n")[:-1]]

    def close(self) -> None:
        if self.process.poll() is None:
            stop(self.process, signal.SIGKILL)
        os.close(self._reader)


@pytest.fixture
def unread():
    started: list[Unread] = []

    def start(*args: str) -> Unread:
        started.append(Unread(*args))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_the_daemon_goes_on(pair, name, rng, unread):
    """It replicates, answers its status pages, and ends in time."""
    records.load(pair.master, name, records.random_records(rng, 3))
    running = unread(*pair.args, "--collections", name, "--interval", "100ms", "--log-level", "trace")
    wait_until(running.is_full, "the pipe is full")

    for number in range(30):
        records.put(pair.master, name, [{"id": f"after-{number}"}])
        wait_until(lambda: records.count(pair.replica, name) == 4 + number, "the change has arrived", timeout=10)
    assert running.get("/__heartbeat__").status_code == 200
    wait_until(lambda: running.get("/status").json()["in_sync"], "it is in sync", timeout=10)

    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(10) == 0


def test_what_was_dropped_is_counted_and_told(pair, name, rng, unread):
    records.load(pair.master, name, records.random_records(rng, 3))
    running = unread(*pair.args, "--collections", name, "--interval", "100ms", "--log-level", "trace")
    wait_until(running.is_full, "the pipe is full")

    def exchanges() -> int:
        status = running.get("/status").json()
        return sum(sum(server["requests"].values()) for server in (status["master"], *status["replicas"]))

    def more() -> bool:
        running.process.send_signal(signal.SIGUSR1)  # each begins a round at once
        return exchanges() > 1500

    wait_until(more, "more lines than wait for a reader", timeout=120, every=0)
    running.read_on()
    wait_until(lambda: any(line["Type"] == "log.dropped" for line in running.lines()), "the gap is told")
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(10) == 0
    wait_until(lambda: running.lines()[-1]["Type"] == "daemon.end", "the last line is there")

    lines = running.lines()
    assert [problem for line in lines for problem in mozlog.problems(line)] == []
    assert lines[0]["Type"] == "daemon.start"
    dropped = [line["Fields"] for line in lines if line["Type"] == "log.dropped"]
    assert sum(fields["lines"] for fields in dropped) > 100
    assert f"dropped {dropped[0]['lines']} lines" in dropped[0]["msg"]


def test_why_it_did_not_start_is_not_lost(pair, unread):
    """The last line before the exit is written, also where the log was just begun."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        running = unread(*pair.args, "--listen", "127.0.0.1:" + str(taken.getsockname()[1]))
        running.read_on()
        assert running.process.wait(30) == 69
    wait_until(lambda: "another process has the port" in running.text.decode(), "the reason is there")
    assert running.lines()[-1]["Type"] == "status.listen"
