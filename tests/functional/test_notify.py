"""What a service manager such as systemd is told (Type=notify, with a watchdog)."""

import signal
import socket
import uuid

import pytest

from harness import records
from harness.waiting import wait_until


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    """A socket as the service manager holds one, and its name as NOTIFY_SOCKET has it."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@kinto-mirror-{uuid.uuid4().hex}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name[1:] if name.startswith("@") else name)
        listening.settimeout(20)
        yield listening, name


def test_ready_alive_and_stopping(manager, pair, name, rng, daemon):
    listening, path = manager
    records.load(pair.master, name, records.random_records(rng, 3))
    running = daemon(*pair.args, "--collections", name, "--interval", "200ms",
                     environment={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"})

    def message() -> str:
        return listening.recv(4096).decode()

    assert message() == "READY=1"
    alive = wait_until(lambda: "in sync" in (told := message()) and told, "the status tells that it is in sync")
    assert alive == "WATCHDOG=1\nSTATUS=replica: following, 1 collections, in sync"

    # The sign comes from the thread that does the work: where that stands still, so does the sign.
    running.process.send_signal(signal.SIGSTOP)
    listening.settimeout(1)
    with pytest.raises(TimeoutError):
        for _ in range(20):  # what was under way
            message()
    running.process.send_signal(signal.SIGCONT)
    listening.settimeout(20)
    assert message().startswith("WATCHDOG=1\n")

    assert running.stop() == 0
    listening.settimeout(1)
    told = []
    with pytest.raises(TimeoutError):
        while True:
            told.append(message())
    assert told.count("STOPPING=1") == 1


def test_a_manager_that_is_not_there_is_no_fault(pair, name, rng, daemon):
    records.load(pair.master, name, records.random_records(rng, 3))
    daemon(*pair.args, "--collections", name, "--interval", "200ms",
           environment={"NOTIFY_SOCKET": "/no/such/socket", "WATCHDOG_USEC": "400000"})
    wait_until(lambda: records.count(pair.replica, name) == 3, "it follows")
