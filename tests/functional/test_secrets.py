"""Credentials work from every source, and appear nowhere."""

import base64
from pathlib import Path

import pytest
import requests

from harness import mirror, records
from harness.kinto import ACCOUNTS, AUTH
from harness.proxy import Proxy
from harness.waiting import wait_until

SECRET = "hunter2-do-not-show"
ENCODED = base64.b64encode(f"mirror:{SECRET}".encode()).decode()


def assert_hidden(*results: mirror.Result) -> None:
    for result in results:
        for text in (SECRET, ENCODED):
            assert text not in result.out + result.err


def loudly(*args: str, environment: dict[str, str] | None = None) -> mirror.Result:
    return mirror.run(*args, "--log-level", "debug", environment=environment)


@pytest.mark.parametrize("auth", [f"mirror:{SECRET}", f"Bearer {SECRET}"], ids=["basic", "bearer"])
@pytest.mark.parametrize("command", [("config", "show"), ("run", "--once"), ("check",)], ids=" ".join)
def test_flags_are_not_shown(pair, name, rng, auth, command):
    records.load(pair.master, name, records.random_records(rng, 3))
    result = loudly(*command, *mirror.servers(pair.master.url, pair.replica.url, auth))
    assert result.out or result.err
    assert_hidden(result)


@pytest.mark.parametrize("command", [("config", "show"), ("run", "--once")], ids=" ".join)
def test_credentials_within_a_url_are_not_shown(pair, command):
    master, replica = (server.url.replace("//", f"//mirror:{SECRET}@") for server in (pair.master, pair.replica))
    result = loudly(*command, "--master", master, "--replica", replica)
    assert result.code in (0, 1, 64, 77)
    assert result.out or result.err
    assert_hidden(result)


def test_neither_the_list_of_processes_nor_a_core_has_them(pair, daemon):
    """What a flag says stands in /proc for everybody, and a core holds the memory."""
    pair.master.auth = pair.replica.auth = f"mirror:{SECRET}"
    try:
        started = daemon(*mirror.servers(pair.master.url, pair.replica.url, f"mirror:{SECRET}"))
        process = Path("/proc") / str(started.process.pid)
        wait_until(lambda: b"*****" in (process / "cmdline").read_bytes(), "argv is written over")
        line = (process / "cmdline").read_bytes()
        assert SECRET.encode() not in line
        assert b"--master-auth" in line and pair.master.url.encode() in line
        core = next(row for row in (process / "limits").read_text().splitlines() if row.startswith("Max core"))
        assert core.split()[4] == "0"
    finally:
        pair.master.auth = pair.replica.auth = AUTH


def test_a_bad_credential_is_not_repeated_in_the_message(pair):
    args = ["--master", pair.master.url, "--replica", pair.replica.url]
    results = [loudly("run", "--once", *args, "--master-auth", SECRET).expect(64),
               loudly("run", "--once", *args, environment={"KINTO_MIRROR_MASTER_AUTH": SECRET}).expect(78)]
    assert "--master-auth" in results[0].err
    assert "KINTO_MIRROR_MASTER_AUTH" in results[1].err
    assert_hidden(*results)


@pytest.mark.parametrize("ending", ["", "\n"], ids=["bare", "newline"])
def test_files_named_by_the_environment(pair, name, rng, tmp_path, ending):
    """Secrets are mounted as files; an editor leaves a newline at the end."""
    pair.master.auth = pair.replica.auth = f"mirror:{SECRET}"
    try:
        records.load(pair.master, name, records.random_records(rng, 3))
        file = tmp_path / "auth"
        file.write_text(f"mirror:{SECRET}{ending}")
        environment = {"KINTO_MIRROR_MASTER_AUTH_FILE": str(file), "KINTO_MIRROR_REPLICA_AUTH_FILE": str(file)}
        args = ["--master", pair.master.url, "--replica", pair.replica.url, "--collections", name]
        result = loudly("run", "--once", *args, environment=environment).expect(0)
        records.assert_same(pair.master, pair.replica, name)
        assert_hidden(result)
    finally:
        pair.master.auth = pair.replica.auth = mirror.AUTH


def test_files_named_by_the_configuration(pair, name, rng, tmp_path):
    records.load(pair.master, name, records.random_records(rng, 3))
    (tmp_path / "auth").write_text(mirror.AUTH + "\n")
    (tmp_path / "mirror.toml").write_text(
        f'[master]\nurl = "{pair.master.url}"\nauth_file = "{tmp_path}/auth"\n'
        f'[[replica]]\nurl = "{pair.replica.url}"\nauth_file = "{tmp_path}/auth"\n')
    mirror.run("run", "--once", "--config", str(tmp_path / "mirror.toml")).expect(0)
    records.assert_same(pair.master, pair.replica, name)


def test_a_secret_given_twice_is_refused(pair, tmp_path):
    (tmp_path / "auth").write_text(mirror.AUTH)
    result = loudly("run", "--once", "--master", pair.master.url, "--replica", pair.replica.url, environment={
        "KINTO_MIRROR_MASTER_AUTH": f"mirror:{SECRET}", "KINTO_MIRROR_MASTER_AUTH_FILE": str(tmp_path / "auth")})
    result.expect(78)
    assert "KINTO_MIRROR_MASTER_AUTH" in result.err
    assert_hidden(result)


def test_a_bearer_token_is_sent_as_given(pair, proxied):
    watched = proxied(Proxy(pair.master.url))
    mirror.run("run", "--once", "--master", watched.url, "--master-auth", f"Bearer {SECRET}",
               "--replica", pair.replica.url, "--replica-auth", mirror.AUTH)
    sent = {request.headers.get("Authorization") for request in watched.requests}
    assert f"Bearer {SECRET}" in sent
    assert sent <= {f"Bearer {SECRET}", None}


def rotate(server, file, old: str, new: str, bom: bool = False) -> None:
    """A new password on the server, and then in the file."""
    requests.put(f"{server.url}/accounts/bob", json={"data": {"password": new}}, auth=("bob", old),
                 timeout=10).raise_for_status()
    file.write_bytes((b"\xef\xbb\xbf" if bom else b"") + f"bob:{new}\n".encode())


@pytest.mark.parametrize("side", ["master", "replica"])
def test_a_rotated_auth_file_is_used_at_once(servers, name, daemon, tmp_path, side):
    """On either side, without a restart, and without the new secret in the log."""
    guarded = servers.get("memory", "rotating", ACCOUNTS, auth="bob:first-password")
    guarded.auth = "bob:first-password"
    plain = servers.get("memory", "other")
    requests.put(f"{guarded.url}/accounts/bob", json={"data": {"password": "first-password"}},
                 timeout=10).raise_for_status()
    file = tmp_path / "auth"
    file.write_bytes(b"\xef\xbb\xbfbob:first-password\n")
    master, replica = (guarded, plain) if side == "master" else (plain, guarded)
    records.load(master, name, [{"id": "before"}])
    environment = {"KINTO_MIRROR_MASTER": master.url, "KINTO_MIRROR_REPLICA": replica.url,
                   f"KINTO_MIRROR_{side.upper()}_AUTH_FILE": str(file),
                   f"KINTO_MIRROR_{'REPLICA' if side == 'master' else 'MASTER'}_AUTH": AUTH}
    running = daemon("--collections", name, "--interval", "200ms", "--log-level", "trace", environment=environment)
    wait_until(lambda: "is in sync" in running.log(), "the first password is taken")

    rotate(guarded, file, "first-password", "second-password", bom=True)
    guarded.auth = "bob:second-password"

    wait_until(lambda: "read anew" in running.log(), "it notices", timeout=15)
    records.put(master, name, [{"id": "after"}])
    wait_until(lambda: "after" in records.stored(replica, name), "it goes on", timeout=15)
    assert "server.trouble" not in running.log() and "sync.trouble" not in running.log()
    assert "second-password" not in running.log()
