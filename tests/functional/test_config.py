"""Configuration: what is refused, and which source wins."""

import pytest

from harness import mirror

MASTER, REPLICA = "http://127.0.0.1:9/v1", "http://127.0.0.1:10/v1"
NEEDED = ["--master", MASTER, "--replica", REPLICA]


def write(tmp_path, text: str) -> str:
    path = tmp_path / "mirror.toml"
    path.write_text(text)
    return str(path)


def effective(key: str, *args: str, environment: dict[str, str] | None = None) -> str:
    """The line of `config show` that tells about one key."""
    out = mirror.run("config", "show", *NEEDED, *args, environment=environment).expect(0).out
    lines = [line for line in out.splitlines() if key in line.replace("audit_interval", "").replace("active_interval", "")]
    assert len(lines) == 1, out
    return lines[0]


@pytest.mark.parametrize("text, key, line", [
    ('[sync]\ninterval = "5s"\nintervall = "5s"\n', "intervall", 3),
    ('[master]\nurl = "http://127.0.0.1:9/v1"\n\n[snyc]\ninterval = "5s"\n', "snyc", 4),
    ('[[replica]]\nurl = "http://127.0.0.1:9/v1"\npassword = "x"\n', "password", 3),
    ('colour = "red"\n', "colour", 1),
])
@pytest.mark.parametrize("command", [("run", "--once"), ("config", "check"), ("check",)], ids=" ".join)
def test_an_unknown_key_is_named_with_its_file_and_line(tmp_path, command, text, key, line):
    file = write(tmp_path, text)
    result = mirror.run(*command, *NEEDED, "--config", file).expect(78)
    assert key in result.err
    assert f"{file}:{line}" in result.err


@pytest.mark.parametrize("text, words", [
    ('[sync]\ninterval = "banana"\n', ("interval", "banana", ":2")),
    ('[sync]\ninterval = true\n', ("interval", ":2")),
    ('[sync]\nextras = "maybe"\n', ("extras", "maybe", "keep", "delete", ":2")),
    ('[sync]\nmax_delete = "lots"\n', ("max_delete", "lots", ":2")),
    ('[sync]\nmetadata = "keep"\n', ("metadata", "keep", "follow", "create", ":2")),
    ('[sync]\npermissions = "all"\n', ("permissions", "all", "keep", "read", "copy", ":2")),
    ('[sync]\ngroups = "copy"\n', ("groups", "copy", "keep", "follow", ":2")),
    ('[sync]\nreaders = ["account:a", "everyone"]\n', ("readers", "everyone", "system.Everyone", ":2")),
    ('[sync]\ndeletions = "none"\n', ("deletions", "none", "follow", "records", ":2")),
    ('[sync]\nclosing_marks = "yes"\n', ("closing_marks", "yes", "on", "off", ":2")),
    ('[sync]\ncollections = ["a/*", "!a"]\n', ("collections", "!a", "bucket/collection", ":2")),
    ('[sync.principals]\n"account:a" = "account:b"\n"account:a" = "account:c"\n', ("principals", "account:a", "twice", ":3")),
    ('[sync.principals]\n"account:a" = ["account:b", "account:c"]\n', ("principals", "account:a", "one name", ":2")),
    ('[sync.principals]\n"account:a" = 5\n', ("principals", "account:a", "string", ":2")),
    ('[log]\nlevel = "loud"\n', ("level", "loud", ":2")),
    ('[log]\nformat = "xml"\n', ("format", "xml", "text", "json", ":2")),
    ('[master]\nurl = "gopher://x/"\n', ("url", "gopher", ":2")),
    ('[sync\n', (":1",)),
])
def test_a_bad_value_in_the_file(tmp_path, text, words):
    file = write(tmp_path, text)
    result = mirror.run("config", "check", "--replica", REPLICA, "--config", file).expect(78)
    assert file in result.err
    assert [word for word in words if word not in result.err] == []


def test_an_unreadable_file(tmp_path):
    result = mirror.run("config", "check", *NEEDED, "--config", str(tmp_path / "absent.toml"))
    result.expect(64, 78)
    assert "absent.toml" in result.err


@pytest.mark.parametrize("flags, words", [
    (("--colour", "red"), ("--colour",)),
    (("--interval", "banana"), ("--interval", "banana")),
    (("--overlap", "-5s"), ("--overlap", "-5s")),
    (("--extras", "maybe"), ("--extras", "maybe", "keep", "delete")),
    (("--max-delete", "lots"), ("--max-delete", "lots")),
    (("--max-delete", "101%"), ("--max-delete", "101%")),
    (("--log-level", "loud"), ("--log-level", "loud")),
    (("--log-format", "xml"), ("--log-format", "xml", "text", "json")),
    (("--checkpoint", "cloud"), ("--checkpoint", "cloud")),
    (("--checkpoint", "file:/does/not/exist/x"), ("--checkpoint", "/does/not/exist/x", "folder")),
    (("--collections", "no-slash"), ("--collections", "no-slash")),
    (("--listen", "nowhere"), ("--listen", "nowhere")),
    (("--master", "not a url"), ("--master", "not a url")),
    (("--interval",), ("--interval",)),
])
def test_a_bad_flag_is_a_usage_error(flags, words):
    result = mirror.run("run", "--once", *NEEDED, *flags).expect(64)
    assert [word for word in words if word not in result.err] == []
    assert result.out == ""


@pytest.mark.parametrize("command", ["dance", "config dance"])
def test_an_unknown_command_is_a_usage_error(command):
    result = mirror.run(*command.split(), *NEEDED).expect(64)
    assert "dance" in result.err


@pytest.mark.parametrize("variable, value", [
    ("KINTO_MIRROR_INTERVAL", "banana"), ("KINTO_MIRROR_EXTRAS", "maybe"), ("KINTO_MIRROR_MAX_DELETE", "lots"),
    ("KINTO_MIRROR_LOG_LEVEL", "loud"), ("KINTO_MIRROR_MASTER_AUTH_FILE", "/does/not/exist"),
])
def test_a_bad_environment_value(variable, value):
    result = mirror.run("run", "--once", *NEEDED, environment={variable: value}).expect(78)
    assert variable in result.err and value in result.err


@pytest.mark.parametrize("given, flag", [(["--replica", REPLICA], "--master"), (["--master", MASTER], "--replica")])
def test_a_missing_server_is_named(given, flag):
    result = mirror.run("run", "--once", *given).expect(64, 78)
    assert flag in result.err


def test_flag_beats_environment_beats_file_beats_default(tmp_path):
    file = write(tmp_path, '[sync]\ninterval = "11s"\n')
    environment = {"KINTO_MIRROR_INTERVAL": "12s"}
    assert "5s" in effective("interval")
    from_file = effective("interval", "--config", file)
    assert "11s" in from_file and file in from_file
    from_environment = effective("interval", "--config", file, environment=environment)
    assert "12s" in from_environment and "KINTO_MIRROR_INTERVAL" in from_environment
    from_flag = effective("interval", "--config", file, "--interval", "13s", environment=environment)
    assert "13s" in from_flag and "--interval" in from_flag


def test_the_environment_configures_everything(tmp_path):
    file = write(tmp_path, '[sync]\nextras = "delete"\n')
    environment = {"KINTO_MIRROR_CONFIG": file, "KINTO_MIRROR_MASTER": MASTER, "KINTO_MIRROR_REPLICA": REPLICA,
                   "KINTO_MIRROR_COLLECTIONS": "blog/*", "KINTO_MIRROR_MAX_DELETE": "42"}
    out = mirror.run("config", "show", environment=environment).expect(0).out
    for word in (file, MASTER, REPLICA, "blog/*", "42", "delete"):
        assert word in out


@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_help_and_version_go_to_stdout(flag):
    result = mirror.run(flag).expect(0)
    assert "kinto-mirror" in result.out
    assert result.err == ""


def test_a_misspelt_variable_is_named(pair, name):
    """Also where it leaves something missing; those of Kubernetes are left alone."""
    odd = {"KINTO_MIRROR_INTERVALL": "3s", "KINTO_MIRROR_SERVICE_HOST": "10.0.0.1"}
    for result in (mirror.run("config", "check", *pair.args, environment=odd).expect(0),
                   mirror.run("check", *pair.args, "--collections", name, environment=odd),
                   mirror.run("run", environment=odd).expect(78)):
        assert "KINTO_MIRROR_INTERVALL is none of the daemon's, did you mean KINTO_MIRROR_INTERVAL?" in result.err
        assert "SERVICE_HOST" not in result.err


def test_the_start_line_tells_what_overrides_the_file(pair, name, tmp_path):
    file = mirror.write_config(tmp_path, pair.master.url, replica=pair.replica.url)
    result = mirror.run("check", "--config", file, environment={"KINTO_MIRROR_MASTER": pair.master.url})
    assert f"master.url: KINTO_MIRROR_MASTER over {file}:2" in result.err
