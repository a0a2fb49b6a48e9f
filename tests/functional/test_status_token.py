"""Status pages behind a token."""

import os

import pytest
import requests

from harness import mirror, records
from harness.containers import FAST
from harness.control import Control
from harness.status import StatusPages, events, free_port
from harness.waiting import wait_until

CLOSED = ("/status", "/status?collection=a%2Fb", "/history", "/metrics", "/__heartbeat__", "/__version__", "/nowhere")
OPEN = ("/", "/__lbheartbeat__")
TOKEN = "open-sesame-0123"


@pytest.fixture
def guarded(pair, name, daemon, tmp_path):
    """A daemon with a token; its pages, the token's file, and itself."""
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    records.load(pair.master, name, [{"id": "r"}])
    running = daemon(*pair.args, *FAST, "--collections", name, "--listen", f"127.0.0.1:{free_port()}",
                     "--status-token-file", str(file), "--control", str(tmp_path / "control.sock"))
    return StatusPages(running), file, running


def get(pages: StatusPages, path: str, token: str | None = None, scheme: str = "Bearer") -> requests.Response:
    headers = {} if token is None else {"Authorization": f"{scheme} {token}"}
    return requests.get(pages.url + path, headers=headers, timeout=20)


def test_only_those_who_have_it_are_told_something(guarded, name):
    pages, _, running = guarded
    for path in CLOSED:
        for answer in (get(pages, path), get(pages, path, "wrong"), get(pages, path, TOKEN + "x"), get(pages, path, TOKEN[:-1]),
                       get(pages, path, TOKEN, "Basic")):
            assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer"), path
            assert "--status-token-file" in answer.json()["message"] and name not in answer.text
    assert requests.head(pages.url + "/status", timeout=10).status_code == 401
    for path in OPEN:
        answer = get(pages, path)
        assert answer.status_code == 200 and name not in answer.text and TOKEN not in answer.text
    wait_until(lambda: get(pages, "/status", TOKEN).json()["in_sync"], "the pair is in sync")
    assert get(pages, "/metrics", TOKEN, "bearer").status_code == 200
    assert get(pages, "/nowhere", TOKEN).status_code == 404
    assert TOKEN not in running.log()


def test_the_commands_send_it(guarded, name, tmp_path):
    pages, file, _ = guarded
    wait_until(lambda: get(pages, "/status", TOKEN).json()["in_sync"], "the pair is in sync")
    with_it = ("--listen", pages.address, "--status-token-file", str(file))
    assert name in mirror.run("status", *with_it).expect(0).out
    assert mirror.run("healthcheck", *with_it).expect(0).out.startswith("healthy: ")
    refused = mirror.run("status", "--listen", pages.address).expect(77)
    assert "--status-token-file" in refused.err and "KINTO_MIRROR_STATUS_TOKEN_FILE" in refused.err
    sick = mirror.run("healthcheck", "--listen", pages.address).expect(1)
    assert sick.out.startswith("unhealthy: the daemon asks for a token") and sick.out.count("\n") == 1
    other = tmp_path / "other"
    other.write_text("another")
    environment = {"KINTO_MIRROR_STATUS_TOKEN_FILE": str(other)}
    told = mirror.run("status", "--listen", pages.address, environment=environment).expect(77)
    assert f"refuses the token in {other}" in told.err and "another" not in told.err.replace(str(other), "")


def test_a_file_that_changes_is_read_anew(guarded):
    pages, file, running = guarded
    assert get(pages, "/status", TOKEN).ok
    replaced = file.with_name("new")
    replaced.write_text("another-token")
    os.replace(replaced, file)
    assert get(pages, "/status", "another-token").ok and get(pages, "/status", TOKEN).status_code == 401
    file.write_text("not one word")
    assert get(pages, "/status", "another-token").ok, "the one of before counts"
    assert get(pages, "/status", "another-token").ok
    told = wait_until(lambda: events(running, "status.token"), "it is logged")
    wait_until(lambda: len(events(running, "status.token")) == 2, "once each")
    assert "read anew" in told[0]["msg"] and "another-token" not in running.log()
    assert str(file) in events(running, "status.token")[1]["msg"]


def test_a_reload_takes_another_file(pair, daemon, tmp_path):
    first, second, config = tmp_path / "first", tmp_path / "second", tmp_path / "mirror.toml"
    first.write_text("token-one")
    second.write_text("token-two")

    def write(status: str) -> None:
        config.write_text(f'[status]\n{status}\n[sync]\ncollections = ["nobody/*"]\n')

    write("")
    running = daemon(*pair.args, "--config", str(config), "--listen", "127.0.0.1:0", "--control", str(tmp_path / "control.sock"))
    pages, control = StatusPages(running), Control(tmp_path / "control.sock", running)
    assert get(pages, "/status").ok
    for file, token in ((first, "token-one"), (second, "token-two")):
        write(f'token_file = "{file}"')
        assert control.reload().expect(0).out == "reload: taken: status.token_file\n"
        assert get(pages, "/status").status_code == 401 and get(pages, "/status", token).ok
    assert get(pages, "/status", "token-one").status_code == 401
    write(f'token_file = "{tmp_path}/none"')
    assert "none" in control.reload().expect(78).out and get(pages, "/status", "token-two").ok


@pytest.mark.parametrize("content, words", [("", "is empty"), ("two words", "more than a token"), (None, "cannot be read")])
def test_a_file_that_holds_none_is_refused_at_the_start(pair, tmp_path, content, words):
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    result = mirror.run("config", "check", *pair.args, "--status-token-file", str(file)).expect(78)
    assert "--status-token-file" in result.err and words in result.err and str(file) in result.err
