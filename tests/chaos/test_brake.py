"""The brake's message: how many records, the first of them, and the flag that lets them go."""

import json
import re
import shlex
import signal

import pytest

from harness import mirror, records
from harness.kinto import AUTH
from harness.servers import Pair
from harness.status import StatusPages
from harness.waiting import wait_until

OWN = [f"own-{number:02}" for number in range(40)]
DELETE = ("--extras", "delete")


@pytest.fixture
def braked(pair, name) -> Pair:
    """Forty records that only the replica has, and five that both have."""
    records.load(pair.master, name, [{"id": f"r{i}", "title": "both"} for i in range(5)])
    pair.once("--collections", name).expect(0)
    records.put(pair.replica, name, [{"id": record_id} for record_id in OWN])
    return pair


def told(log: str) -> list[str]:
    """What was said of the brake."""
    lines = [json.loads(line) for line in log.splitlines()]
    return [line["Fields"]["msg"] for line in lines if "the brake holds" in line["Fields"]["msg"]]


def assert_complete(message: str, name: str) -> str:
    """Whether the message has all that an operator needs; the flag's value that it names."""
    assert message.startswith(f"{name}: ")
    assert "40 records" in message and "10 are allowed" in message
    shown = re.findall(r"own-\d\d", message)
    assert len(shown) == 5 and set(shown) <= set(OWN)
    assert "35 more" in message
    return re.search(r"--max-delete (\S+)", message)[1]


def advised(message: str) -> list[str]:
    """The arguments of the command that works without a daemon's socket: the last one that the message names."""
    return shlex.split(message.rsplit(": kinto-mirror ", 1)[1])


def test_of_a_single_run(braked, name):
    result = braked.once("--collections", name, *DELETE).expect(1)
    (message,) = told(result.err)
    flag = assert_complete(message, name)
    assert flag == "40"
    assert result.collection(name)["state"] == "brake"
    assert records.count(braked.replica, name) == 45

    # One less is not enough, and what the message says is.
    braked.once("--collections", name, *DELETE, "--max-delete", str(int(flag) - 1)).expect(1)
    braked.once("--collections", name, *DELETE, "--max-delete", flag).expect(0)
    records.assert_same(braked.master, braked.replica, name)


def braked_daemon(braked: Pair, name: str, daemon) -> mirror.Daemon:
    """It has compared everything three times, and followed an update after each."""
    running = daemon(*braked.args, "--collections", name, *DELETE, "--interval", "100ms")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    for audits in (1, 2, 3):
        running.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: running.log().count('"daemon.audit"') == audits, "the signal was taken up")
        records.put(braked.master, name, [{"id": "r1", "title": f"edited {audits}"}])
        wait_until(lambda: records.stored(braked.replica, name)["r1"]["title"] == f"edited {audits}",
                   "what is new arrives although the brake holds")
    return running


def test_of_a_following_daemon(braked, name, daemon):
    running = braked_daemon(braked, name, daemon)
    messages = wait_until(lambda: told(running.log()), "the brake is told")
    assert len(set(messages)) == 1 and len(messages) <= 3, "not more than once for each comparison"
    assert records.count(braked.replica, name) == 45
    assert running.process.poll() is None

    braked.once("--collections", name, *DELETE, "--max-delete", assert_complete(messages[0], name)).expect(0)
    assert records.count(braked.replica, name) == 5
    records.put(braked.master, name, [{"id": "new"}])
    wait_until(lambda: records.count(braked.replica, name) == 6, "the daemon goes on")


@pytest.mark.parametrize("way", ["environment", "file", "flags"])
def test_the_command_works_as_it_is_pasted(braked, name, daemon, tmp_path, way):
    """With the configuration that the daemon has, and the daemon lets go at once, with nothing new on the master."""
    environment = {"KINTO_MIRROR_INTERVAL": "200ms"}
    flags: list[str] = []
    if way == "environment":
        environment |= {"KINTO_MIRROR_MASTER": braked.master.url, "KINTO_MIRROR_REPLICA": braked.replica.url,
                        "KINTO_MIRROR_MASTER_AUTH": AUTH, "KINTO_MIRROR_REPLICA_AUTH": AUTH}
    elif way == "file":
        flags = ["--config", mirror.write_config(tmp_path, braked.master.url, copy=braked.replica.url)]
    else:
        environment |= {"KINTO_MIRROR_MASTER_AUTH": AUTH, "KINTO_MIRROR_REPLICA_AUTH": AUTH}
        flags = ["--master", braked.master.url, "--replica", braked.replica.url]
    running = daemon(*flags, *DELETE, "--listen", "127.0.0.1:0", environment=environment)
    pages = StatusPages(running)
    (message,) = wait_until(lambda: told(running.log()), "the brake is told")
    remark = pages.run("status").expect(0).out
    assert " ".join(advised(message)).startswith(remark.split("to let them go: kinto-mirror ")[1].split("\n")[0])
    assert f"to let them go: kinto-mirror release {name}; where no orders are taken: kinto-mirror run" in message
    assert records.count(braked.replica, name) == 45

    mirror.run(*advised(message), environment=environment).expect(0)

    records.assert_same(braked.master, braked.replica, name)
    wait_until(lambda: pages.collection(name)["brake"] is None, "the daemon lets go", timeout=10)
    wait_until(lambda: pages.collection(name)["state"] == "in-sync", "it has compared", timeout=10)


def test_the_daemon_lets_go_where_somebody_else_deleted_them(braked, name, daemon):
    running = daemon(*braked.args, "--collections", name, *DELETE, "--interval", "200ms", "--listen", "127.0.0.1:0")
    pages = StatusPages(running)
    wait_until(lambda: told(running.log()), "the brake is told")
    for record_id in OWN[:30]:  # the daemon may delete the last ten itself
        records.delete(braked.replica, name, record_id)
    wait_until(lambda: pages.collection(name)["brake"] is None, "the daemon lets go", timeout=10)


def test_nothing_works_again_while_the_brake_holds(braked, name, daemon):
    running = daemon(*braked.args, "--collections", name, *DELETE, "--interval", "100ms", "--log-level", "debug")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    audits = running.log().count(f"audit of {name}")
    running.process.send_signal(signal.SIGUSR1)
    # Another one that is under way would bring the update itself.
    wait_until(lambda: running.log().count(f"audit of {name}") > audits, "it has compared everything anew")
    assert told(running.log())
    records.put(braked.master, name, [{"id": "r1", "title": "edited"}])
    wait_until(lambda: f"follow of {name}: 0 created, 1 updated" in running.log(), "a follow pass has brought the update")
    assert "works again" not in running.log()


def test_of_a_master_that_looks_lost(braked, name):
    """No number lets everything go, and the message does not name one."""
    braked.master.flush()
    records.load(braked.master, name, [])
    (message,) = told(braked.once("--collections", name, *DELETE).expect(1).err)
    assert "45 records" in message and "none is allowed" in message and "--max-delete 100%" in message
    assert records.count(braked.replica, name) == 45
    braked.once("--collections", name, *DELETE, "--max-delete", "100%").expect(0)
    assert records.count(braked.replica, name) == 0


@pytest.mark.parametrize("command", [("run", "--dry-run"), ("check",)], ids=" ".join)
def test_a_dry_run_tells_that_it_would_hold(braked, name, command):
    """And ends as the real run does. The limit is counted as that run counts it."""
    def dry(*flags: str) -> mirror.Result:
        return mirror.run(*command, *braked.args, "--collections", name, *DELETE, *flags).expect(1)

    for text in (dry().out, dry().err):
        assert ("the brake would hold: 40 of the replica's 45 records are only there and would be deleted, and 10 are "
                "allowed; --max-delete 40 would let them go") in text
    assert "the brake" not in dry("--max-delete", "40").out
    assert "would hold" in dry("--max-delete", "39").out
    assert "the brake" not in mirror.run(*command, *braked.args, "--collections", name).expect(0).out  # it keeps them
    assert records.count(braked.replica, name) == 45


def test_a_dry_run_knows_a_master_that_looks_lost(braked, name):
    """One that has nothing left of what it had too, which only the checkpoint tells."""
    records.load(braked.master, name, [{"id": f"r{i}"} for i in range(5)])
    braked.once("--collections", name).expect(0)
    records.load(braked.master, name, [{"id": "another"}])
    for i in range(5):
        records.delete(braked.master, name, f"r{i}")
    dry = braked.once("--collections", name, "--dry-run", *DELETE, "--max-delete", "99%").expect(1)
    real = braked.once("--collections", name, *DELETE, "--max-delete", "99%").expect(1)
    assert real.collection(name)["state"] == "brake"
    assert "none is allowed, since the master is empty or has nothing left" in dry.err
