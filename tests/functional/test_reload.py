"""A configuration that is read anew while the daemon runs: by `reload`, or on SIGHUP."""

import base64
import json
import subprocess
import time
from pathlib import Path

import pytest

from harness import mirror, records
from harness.containers import soon
from harness.control import Control
from harness.kinto import AUTH
from harness.paths import BINARY
from harness.proxy import Proxy
from harness.status import StatusPages, events, free_port
from harness.waiting import wait_until


class Site:
    """A daemon whose configuration is a file that the test writes."""

    def __init__(self, pair, folder: Path, daemon, master: str | None = None):
        self.pair, self.file, self.secret = pair, folder / "mirror.toml", folder / "secret"
        self.master = master or pair.master.url
        self.secret.write_text(AUTH)
        self.path = folder / "control.sock"
        self.write()
        self.running = daemon("--config", str(self.file), "--listen", "127.0.0.1:0")
        self.control, self.pages = Control(self.path, self.running), StatusPages(self.running)
        wait_until(lambda: self.pages.replica()["state"] == "following", "it follows")

    def write(self, *sync: str, log: str = "info", more: str = "") -> None:
        lines = ["[master]", f'url = "{self.master}"', f'auth_file = "{self.secret}"',
                 "[[replica]]", f'url = "{self.pair.replica.url}"', f'auth = "{AUTH}"',
                 "[control]", f'path = "{self.path}"', "[log]", f'level = "{log}"',
                 "[sync]", *(sync or ('collections = ["nobody/*"]', 'interval = "300ms"')), more]
        self.file.write_text("\n".join(lines) + "\n")


@pytest.fixture
def site(pair, tmp_path, daemon) -> Site:
    return Site(pair, tmp_path, daemon)


@pytest.mark.parametrize("by_signal", [False, True], ids=["reload", "SIGHUP"])
def test_another_scope_and_rhythm_are_taken(site, pair, name, by_signal):
    records.load(pair.master, name, [{"id": "x"}])
    site.write(f'collections = ["{name}"]', 'interval = "400ms"', log="debug")
    if by_signal:
        site.control.hang_up()
    else:
        done = site.control.reload().expect(0)
        assert done.out == "reload: taken: log.level, sync.collections, sync.interval\n"
    soon(lambda: records.count(pair.replica, name) == 1, "it is copied")
    soon(lambda: site.pages.collection(name)["state"] == "in-sync", "it is followed")
    [told] = wait_until(lambda: events(site.running, "config.reload"), "it is logged")
    assert "taken: log.level, sync.collections, sync.interval" in told["msg"]
    # What left the scope is left alone, and told of no more.
    site.write()
    site.control.reload().expect(0)
    soon(lambda: name not in {one["id"] for one in site.pages.replica()["collections"]}, "it is followed no more")
    records.put(pair.master, name, [{"id": "y"}])
    time.sleep(1)  # some rounds: what is asserted is that nothing happens
    assert set(records.stored(pair.replica, name)) == {"x"}


def test_what_came_back_into_scope_is_compared(site, pair, name):
    records.load(pair.master, name, [{"id": "x"}])
    for sync, wanted in (((f'collections = ["{name}"]', 'interval = "300ms"'), {"x"}), ((), {"x"}),
                         ((f'collections = ["{name}"]', 'interval = "300ms"'), {"x", "y"})):
        site.write(*sync)
        site.control.reload().expect(0)
        soon(lambda: set(records.stored(pair.replica, name)) == wanted if not sync else
             site.pages.collection(name)["state"] == "in-sync" and set(records.stored(pair.replica, name)) == wanted, "as asked")
        records.put(pair.master, name, [{"id": "y"}]) if not sync else None


def test_one_that_cannot_be_used_changes_nothing(site, pair, name):
    site.file.write_text(site.file.read_text().replace("300ms", "soon") + "colour = 1\n")
    done = site.control.reload().expect(78)
    assert "cannot be used, and nothing has changed" in done.out and "and 1 more" in done.out
    [told] = wait_until(lambda: events(site.running, "config.reload"), "it is logged")
    assert "nothing has changed" in told["msg"]
    site.file.unlink()
    assert str(site.file) in site.control.reload().expect(78).out
    # It follows as before.
    site.write(f'collections = ["{name}"]', 'interval = "300ms"')
    records.load(pair.master, name, [{"id": "x"}])
    site.control.reload().expect(0)
    soon(lambda: records.count(pair.replica, name) == 1, "it is copied")


def test_what_needs_a_restart_is_said_each_time(site):
    site.write('collections = ["nobody/*"]', 'interval = "300ms"', 'extras = "delete"', 'checkpoint = "file:/tmp/x"')
    for _ in range(2):
        done = site.control.reload().expect(0)
        assert done.out == "reload: nothing is taken; needs a restart: sync.checkpoint, sync.extras\n"
    site.write()
    done = site.control.order("reload", "--json").expect(0)
    assert done.report == {"ok": True, "exit": 0, "message": "read anew; nothing else is asked for than before", "collections": []}


def test_credentials_of_a_file_are_read_anew(pair, tmp_path, daemon, proxied):
    """Before the old ones are refused: whoever rotates them wants to see that the new ones work."""
    proxy = proxied(Proxy(pair.master.url))
    site = Site(pair, tmp_path, daemon, proxy.url)
    other = "somebody:else-altogether"
    site.secret.write_text(other)
    assert site.control.reload().expect(0).out == "reload: taken: master.auth\n"

    def used() -> set[str]:
        return {base64.b64decode(value.split()[1]).decode() for request in list(proxy.requests)
                for key, value in request.headers.items() if key.lower() == "authorization"}
    wait_until(lambda: other in used(), "they are used")
    assert other not in site.running.log()
    assert all("else-altogether" not in json.dumps(line) for line in site.running.log().split("\n"))


def test_an_address_that_was_changed_needs_a_restart_and_status_finds_the_daemon_all_the_same(pair, tmp_path):
    port, other = free_port(), free_port()
    file, socket = tmp_path / "mirror.toml", tmp_path / "control.sock"

    def write(listen: int) -> None:
        file.write_text(f'''
[master]
url = "{pair.master.url}"
auth = "{AUTH}"
[[replica]]
url = "{pair.replica.url}"
auth = "{AUTH}"
[control]
path = "{socket}"
[status]
listen = "127.0.0.1:{listen}"
''')

    write(port)
    running = subprocess.Popen([str(BINARY), "run", "--config", str(file)], env=mirror.clean_environment(), stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: mirror.run("status", "--config", str(file)).code == 0, "it answers")
        write(other)
        done = mirror.run("reload", "--config", str(file)).expect(0)
        assert done.out == ("reload: nothing is taken; needs a restart: status.listen (until then the status pages stay at "
                            f"127.0.0.1:{port})\n")
        found = mirror.run("status", "--config", str(file), "--json").expect(0)
        assert found.report["replicas"][0]["url"] == pair.replica.url
        assert f"no daemon answers at 127.0.0.1:{other}" in found.err and str(socket) in found.err and "next start" in found.err
        assert mirror.run("healthcheck", "--config", str(file)).code == 0
    finally:
        running.terminate()
        assert running.wait(timeout=20) == 0
    assert f"no daemon answers at 127.0.0.1:{other}" in mirror.run("status", "--config", str(file)).expect(69).err
