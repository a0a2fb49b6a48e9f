"""The settings about containers: where they come from, what they are by default, and what is refused."""

import json

import pytest

from harness import mirror
from harness.containers import EVERYONE, config_file, lists, put

SETTINGS = {  # flag: values, default
    "metadata": (("follow", "create"), "follow"),
    "permissions": (("keep", "read", "copy"), "keep"),
    "groups": (("keep", "follow"), "keep"),
    "deletions": (("follow", "records"), "follow"),
    "closing-marks": (("on", "off"), "on"),
}
SERVERS = ("--master", "http://127.0.0.1:1/v1", "--replica", "http://127.0.0.1:2/v1")


def line_of(shown: str, key: str) -> str:
    found = [line for line in shown.splitlines() if line.strip().startswith(key)]
    assert len(found) == 1, shown
    return found[0]


@pytest.mark.parametrize("setting", SETTINGS)
def test_each_value_is_taken_from_anywhere(setting, tmp_path):
    values, default = SETTINGS[setting]
    key, variable = setting.replace("-", "_"), f"KINTO_MIRROR_{setting.replace('-', '_').upper()}"
    file = tmp_path / "mirror.toml"
    assert default in line_of(mirror.run("config", "show", *SERVERS).expect(0).out, key)
    for value in values:
        file.write_text(f'[sync]\n{key} = "{value}"\n')
        for more, environment in (((f"--{setting}", value), None), ((), {variable: value}), (("--config", str(file)), None)):
            shown = mirror.run("config", "show", *SERVERS, *more, environment=environment).expect(0).out
            assert value in line_of(shown, key)


@pytest.mark.parametrize("setting", SETTINGS)
def test_any_other_is_refused_with_what_would_be_taken(setting, tmp_path):
    values, _ = SETTINGS[setting]
    key, variable = setting.replace("-", "_"), f"KINTO_MIRROR_{setting.replace('-', '_').upper()}"
    file = tmp_path / "mirror.toml"
    file.write_text(f'[sync]\n{key} = "nonsense"\n')
    for code, more, environment, place in ((64, (f"--{setting}", "nonsense"), None, f"--{setting}"),
                                           (78, (), {variable: "nonsense"}, variable),
                                           (78, ("--config", str(file)), None, "mirror.toml")):
        said = mirror.run("check", *SERVERS, *more, environment=environment).expect(code).err
        assert place in said and "nonsense" in said
        assert all(value in said for value in values), said


def test_groups_follow_where_permissions_do():
    for permissions in ("read", "copy"):
        shown = mirror.run("config", "show", *SERVERS, "--permissions", permissions).expect(0).out
        assert "follow" in line_of(shown, "groups")
        shown = mirror.run("config", "show", *SERVERS, "--permissions", permissions, "--groups", "keep").expect(0).out
        assert "keep" in line_of(shown, "groups")


@pytest.mark.parametrize("where", ["flag", "environment", "file"])
def test_readers_from_anywhere(pair, name, tmp_path, where):
    bucket, collection = name.split("/")
    path = f"{bucket}/collections/{collection}"
    put(pair.master, bucket)
    put(pair.master, path)
    both = f"{EVERYONE},account:bob"
    if where == "file":
        config = config_file(tmp_path, pair, {})
        text = open(config).read().replace("[sync]", f"[sync]\nreaders = {json.dumps(both.split(','))}")
        open(config, "w").write(text)
        mirror.run("run", "--once", "--config", config).expect(0)
    else:
        mirror.run("run", "--once", *pair.args, *(("--readers", both) if where == "flag" else ()),
                   environment={"KINTO_MIRROR_READERS": both} if where == "environment" else None).expect(0)
    assert lists(pair.replica, path)["read"] == set(both.split(","))


def test_an_unknown_key_is_refused(tmp_path):
    file = tmp_path / "mirror.toml"
    file.write_text("[sync]\npermission = \"copy\"\n")
    assert "permission" in mirror.run("check", *SERVERS, "--config", str(file)).expect(78).err


@pytest.mark.parametrize("text", ['"" = "account:bob"', '"account:alice" = 5', '"account:alice" = ["a", "b"]'])
def test_a_map_of_principals_that_is_none(tmp_path, text):
    file = tmp_path / "mirror.toml"
    file.write_text(f"[sync.principals]\n{text}\n")
    said = mirror.run("check", *SERVERS, "--config", str(file)).expect(78).err
    assert "mirror.toml" in said and "principals" in said
