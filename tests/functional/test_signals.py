"""SIGTERM and SIGINT in the middle of a load."""

import json
import signal
import time

import pytest

from harness import mirror, records
from harness.faults import Slow, SlowWrites
from harness.status import free_port
from harness.waiting import wait_until

COUNT = 400


def start_slow_load(pair, name, rng, proxied, daemon, delay: float) -> tuple[mirror.Daemon, SlowWrites]:
    records.load(pair.master, name, records.random_records(rng, COUNT))
    slow = proxied(SlowWrites(pair.replica.url, delay))
    return daemon(*mirror.servers(pair.master.url, slow.url), "--interval", "1s"), slow


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_a_load_ends_it_cleanly(pair, name, rng, proxied, daemon, signum):
    running, slow = start_slow_load(pair, name, rng, proxied, daemon, delay=0.2)
    wait_until(lambda: slow.landed >= 4, "the load is under way")

    assert running.stop(signum, within=10) == 0, running.log()

    wait_until(lambda: slow.landed == len(slow.writes()), "what was under way has landed or failed", timeout=10)
    assert records.count(pair.replica, name) < COUNT, "the signal came too late to prove anything"
    pair.once().expect(0)
    assert len(records.assert_same(pair.master, pair.replica, name)) == COUNT


def test_a_server_that_hangs_does_not_delay_the_exit(pair, name, rng, proxied, daemon):
    running, slow = start_slow_load(pair, name, rng, proxied, daemon, delay=20)
    wait_until(lambda: slow.writes(), "a write is under way")
    assert running.stop(signal.SIGTERM, within=10) == 0, running.log()


def test_a_second_signal_exits_at_once(pair, name, rng, proxied, daemon):
    running, slow = start_slow_load(pair, name, rng, proxied, daemon, delay=20)
    wait_until(lambda: slow.writes(), "a write is under way")
    running.process.send_signal(signal.SIGTERM)
    # Not merged by the kernel into the first: the first must be taken up before the second is sent.
    time.sleep(0.2)
    running.stop(signal.SIGTERM, within=2)


def test_an_idle_daemon_ends_at_once(pair, name, rng, daemon):
    records.load(pair.master, name, records.random_records(rng, 5))
    running = daemon(*pair.args, "--interval", "1h")
    wait_until(lambda: records.count(pair.replica, name) == 5, "the records have arrived")
    assert running.stop(within=5) == 0, running.log()


@pytest.mark.parametrize("verb", [("run", "--once"), ("check",)], ids=" ".join)
def test_a_comparison_that_is_interrupted_is_no_success(pair, name, rng, proxied, verb):
    """It reports what it has found so far, and does not claim more."""
    records.load(pair.master, name, records.random_records(rng, 3))
    slow = proxied(Slow(pair.master.url, delay=0.5))
    process = mirror.start(*verb, "--json", *mirror.servers(slow.url, pair.replica.url))
    try:
        wait_until(lambda: len(slow.requests) >= 3, "the comparison is under way")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=10)
        assert process.returncode == 1
        assert json.loads(out)["in_sync"] is False
    finally:
        mirror.stop(process, signal.SIGKILL)


@pytest.mark.parametrize("verb", [("run", "--once"), ("check",)], ids=" ".join)
def test_whoever_interrupts_a_server_that_refuses_is_told_1(pair, verb):
    """69 is for a server that was given up, not for one that somebody did not want to wait for."""
    process = mirror.start(*verb, *mirror.servers(f"http://127.0.0.1:{free_port()}/v1", pair.replica.url))
    try:
        for line in process.stderr:  # ends with the process
            if b"server.unsteady" in line:
                break
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=10)
        assert process.returncode == 1
        assert "NOT in sync" in out.decode()
        assert time.monotonic() - begin < 10
    finally:
        mirror.stop(process, signal.SIGKILL)
