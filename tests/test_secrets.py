"""Credentials work from every source, and appear nowhere."""

import base64

import pytest

from harness import mirror, records
from harness.proxy import Proxy

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
