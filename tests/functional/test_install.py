"""`cmake --install`: what comes where, by the prefix."""

import json
import os
import re
import subprocess

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from harness.paths import BINARY, ROOT

# What is installed is the same of each build.
pytestmark = pytest.mark.any_build

BUILD = BINARY.parent
SHARED = ["man/man1/kinto-mirror.1.gz", "man/man5/kinto-mirror.toml.5.gz", "bash-completion/completions/kinto-mirror",
          "zsh/vendor-completions/_kinto-mirror", "fish/vendor_completions.d/kinto-mirror.fish",
          "kinto-mirror/kinto-mirror.schema.json", "kinto-mirror/kinto-mirror.rules.yml", "kinto-mirror/scrape.yml",
          "kinto-mirror/dashboard.json", "doc/kinto-mirror/README.md", "doc/kinto-mirror/LICENSE", "doc/kinto-mirror/docs/operations.md",
          "doc/kinto-mirror/examples/kinto-mirror.toml", "doc/kinto-mirror/examples/two-replicas.toml"]


def install(prefix, destination="") -> None:
    done = subprocess.run(["cmake", "--install", str(BUILD), "--prefix", str(prefix)], capture_output=True, text=True, timeout=120,
                          env=os.environ | ({"DESTDIR": str(destination)} if destination else {}))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def prefix(tmp_path):
    install(tmp_path / "local")
    return tmp_path / "local"


def test_all_of_it_comes_below_the_prefix(prefix):
    missing = [path for path in SHARED if not (prefix / "share" / path).is_file()]
    assert not missing
    program = prefix / "bin/kinto-mirror"
    shown = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=60)
    assert shown.stdout.startswith("kinto-mirror ")
    assert {path.name for path in prefix.iterdir()} == {"bin", "etc", "lib", "share"}


def test_the_unit_runs_what_was_installed(prefix):
    unit = (prefix / "lib/systemd/system/kinto-mirror.service").read_text()
    assert f"ExecStart={prefix}/bin/kinto-mirror run\n" in unit and f"ExecReload={prefix}/bin/kinto-mirror reload\n" in unit
    config, = re.findall(r"^Environment=KINTO_MIRROR_CONFIG=(.*)$", unit, re.MULTILINE)
    assert config == f"{prefix}/etc/kinto-mirror/kinto-mirror.toml"


def test_the_configuration_names_the_socket_and_somebody_s_is_kept(prefix):
    config = prefix / "etc/kinto-mirror/kinto-mirror.toml"
    environment = {"KINTO_MIRROR_MASTER": "http://a", "KINTO_MIRROR_REPLICA": "http://b"}
    shown = subprocess.run([str(BINARY), "config", "show", "--json", "--config", str(config)], env=environment, capture_output=True,
                           text=True, timeout=60)
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["control"]["path"]["value"] == "/run/kinto-mirror/control.sock"
    config.write_text("# somebody's\n")
    install(prefix)
    assert config.read_text() == "# somebody's\n"


def test_below_usr_it_comes_where_systems_look_for_it(tmp_path):
    install("/usr", tmp_path)
    assert (tmp_path / "etc/kinto-mirror/kinto-mirror.toml").is_file()
    unit = (tmp_path / "usr/lib/systemd/system/kinto-mirror.service").read_text()
    assert unit == (ROOT / "deploy/systemd/kinto-mirror.service").read_text()
    assert not (tmp_path / "usr/etc").exists()


def test_the_version_at_length_names_what_it_is_made_of():
    told = json.loads(subprocess.run([str(BINARY), "--version", "--json"], capture_output=True, text=True, timeout=60, check=True).stdout)
    assert set(told) == {"version", "commit", "compiler", "libraries"}
    assert re.fullmatch(r"[0-9a-f]{40}|", told["commit"]) and re.search(r"\d", told["compiler"])
    assert {"boost", "openssl", "zlib", "libyaml", "spdlog", "fmt", "CLI11", "toml++", "prometheus-cpp"} <= set(told["libraries"])


def test_the_bill_of_materials_is_of_the_libraries_that_are_loaded():
    made = [subprocess.run([str(ROOT / "deploy/sbom.py"), str(BINARY)], capture_output=True, text=True, timeout=120, check=True).stdout
            for _ in range(2)]
    assert made[0] == made[1]
    bill = json.loads(made[0])
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.5", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    by_name = {part["name"]: part for part in bill["components"]}
    for name in ("libssl3", "libc6", "libboost-json1.81.0", "libyaml-0-2", "libcli11-dev"):
        version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}\n", name], capture_output=True, text=True, timeout=60).stdout
        assert by_name[name]["version"] == version.splitlines()[0]
        assert by_name[name]["purl"].startswith(f"pkg:deb/debian/{name}@")
    loaded = subprocess.run(["ldd", str(BINARY)], capture_output=True, text=True, timeout=60, check=True).stdout
    assert "libssl.so.3" in loaded and len(by_name) >= 12
    refs = [part["bom-ref"] for part in bill["components"]]
    assert bill["dependencies"] == [{"ref": bill["metadata"]["component"]["bom-ref"], "dependsOn": refs}]


def test_the_bill_of_materials_is_one_by_the_schema_of_cyclonedx():
    text = subprocess.run([str(ROOT / "deploy/sbom.py"), str(BINARY)], capture_output=True, text=True, timeout=120, check=True).stdout
    validator = JsonStrictValidator(SchemaVersion.V1_5)
    assert validator.validate_str(text) is None
    assert validator.validate_str(text.replace('"type": "library"', '"type": "book"', 1)) is not None
    assert validator.validate_str(text.replace('"bomFormat"', '"format"', 1)) is not None
