"""The image by itself: what is in it, whom it runs as, how it starts, complains and stops."""

import json
import re

import pytest

from harness import engine, mirror, records
from harness.engine import IMAGE, docker
from harness.paths import ROOT
from harness.tls import Authority, TlsProxy
from harness.waiting import wait_until

NOWHERE = ("-e", "KINTO_MIRROR_MASTER=http://127.0.0.1:9/v1", "-e", "KINTO_MIRROR_REPLICA=http://127.0.0.1:10/v1")
LOCKED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", "12345")
MIB = 1 << 20


def in_image(*command: str, user: str = "") -> str:
    return docker("run", "--rm", *(["--user", user] if user else []), "--entrypoint", command[0], IMAGE,
                  *command[1:]).stdout


def version() -> str:
    return re.search(r"project\(kinto-mirror VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]


@pytest.fixture(scope="module")
def about() -> dict:
    return engine.inspect(IMAGE)


def test_it_is_small(about):
    above = about["Size"] - engine.inspect(engine.BASE)["Size"]
    print(f"{above / MIB:.1f} MiB above {engine.BASE}")
    assert above < 40 * MIB


def test_how_it_starts(about):
    config = about["Config"]
    assert config["Entrypoint"] == ["kinto-mirror"]
    assert config["Cmd"] == ["run"]
    assert config["User"] == "app"
    assert config["WorkingDir"] == "/app"
    assert config["Healthcheck"]["Test"] == ["CMD", "kinto-mirror", "healthcheck"]
    assert "KINTO_MIRROR_LISTEN=0.0.0.0:8000" in config["Env"]
    assert in_image("id").strip() == "uid=10001(app) gid=10001(app) groups=10001(app)"


def test_where_it_comes_from(about):
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in about["Config"]["Labels"].items()}
    assert labels["title"] == "kinto-mirror"
    assert labels["version"] == version()
    assert labels["revision"] == "0123abc"
    assert {"description", "licenses", "source", "base.name"} <= labels.keys()
    told = json.loads(in_image("cat", "/app/version.json"))
    assert told.keys() == {"source", "version", "commit", "build"}
    assert (told["version"], told["commit"]) == (version(), "0123abc")


def files(image: str) -> set[str]:
    return set(docker("run", "--rm", "--user", "0", "--entrypoint", "find", image, "/", "-xdev", "-type", "f")
               .stdout.splitlines())


def test_it_holds_nothing_that_it_does_not_need():
    """What it has above the base: the binary, the libraries that this loads, authorities, and papers."""
    loaded = in_image("ldd", "/usr/bin/kinto-mirror")
    assert "not found" not in loaded
    added = files(IMAGE) - files(engine.BASE)
    papers = re.compile(r"/usr/bin/kinto-mirror|/app/(version\.json|sbom\.cdx\.json|LICENSE|kinto-mirror\.toml)"
                        r"|/etc/ssl/certs/ca-certificates\.crt|/var/lib/dpkg/status\.d/.+|/usr/share/doc/.+/copyright\.gz"
                        r"|/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?")
    useless = {path for path in added if not papers.fullmatch(path) and path.rsplit("/", 1)[1] not in loaded.split()}
    assert not useless
    assert "/etc/ssl/certs/ca-certificates.crt" in added


def test_the_binary_is_stripped():
    sections = in_image("grep", "-aoE", "[.](symtab|dynsym)", "/usr/bin/kinto-mirror").split()
    assert ".dynsym" in sections and ".symtab" not in sections


def test_it_runs_locked_down_as_any_user(container):
    running = container(*LOCKED, *NOWHERE)
    wait_until(lambda: "127.0.0.1:9" in running.logs(), "it says for what it waits")
    assert engine.inspect(running.id)["State"]["Running"]


def test_it_takes_orders_locked_down(container):
    running = container(*LOCKED, *NOWHERE)
    wait_until(lambda: "takes orders at /dev/shm/kinto-mirror.sock" in running.logs(), "it takes orders")
    done = docker("exec", running.id, "kinto-mirror", "reload")
    assert done.stdout.startswith("reload: ")


def test_a_mounted_configuration_is_read(tmp_path):
    """Without a variable that names it; and a variable goes before it."""
    config = tmp_path / "kinto-mirror.toml"
    config.write_text('[master]\nurl = "http://127.0.0.1:9"\n[[replica]]\nname = "paris"\nurl = "http://127.0.0.1:10"\n'
                      '[sync]\ninterval = "7s"\noverlap = "8s"\n')
    config.chmod(0o644)
    shown = json.loads(docker("run", "--rm", *LOCKED, "-v", f"{config}:/etc/kinto-mirror/kinto-mirror.toml:ro", "-e", "KINTO_MIRROR_OVERLAP=9s",
                              "-e", "KINTO_MIRROR_REPLICA_PARIS_AUTH=u:secret", IMAGE, "config", "show", "--json").stdout)
    assert [shown["sync"][key]["value"] for key in ("interval", "overlap")] == ["7s", "9s"]
    assert shown["replica"][0]["name"]["value"] == "paris" and shown["replica"][0]["auth"]["value"] == "u:****"


def test_it_tells_what_it_is_made_of():
    told = json.loads(docker("run", "--rm", IMAGE, "--version", "--json").stdout)
    assert (told["version"], told["commit"]) == (version(), "0123abc")
    bill = json.loads(in_image("cat", "/app/sbom.cdx.json"))
    assert {"name": "kinto-mirror:commit", "value": "0123abc"} in bill["metadata"]["component"]["properties"]
    carried = in_image("ls", "/var/lib/dpkg/status.d").split()
    assert set(carried) - {"ca-certificates"} <= {part["name"] for part in bill["components"]}


def test_as_pid_1_it_obeys_signals(container):
    running = container(*LOCKED, *NOWHERE)
    wait_until(lambda: "daemon.start" in running.logs(), "it has started")
    code, seconds = running.stop()
    assert code == 0, running.logs()
    assert seconds < 3
    assert "stopping on SIGTERM" in running.logs()


def test_health_checks_leave_no_zombies(container):
    running = container("--health-interval", "1s", *NOWHERE)
    wait_until(lambda: len(engine.inspect(running.id)["State"]["Health"]["Log"]) >= 3, "three checks were made")
    listed = docker("top", running.id, "-eo", "pid,stat,comm").stdout.splitlines()[1:]
    assert [line.split()[2] for line in listed if line.split()[1].startswith("Z")] == []


def test_what_is_missing_is_named():
    done = docker("run", "--rm", IMAGE, check=False)
    assert done.returncode == 78
    assert "KINTO_MIRROR_MASTER" in done.stderr and "KINTO_MIRROR_REPLICA" in done.stderr


def one_line(done) -> str:
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize("variable, value, mend", [
    ("KINTO_MIRROR_INTERVAL", "soon", "such as 5s"),
    ("KINTO_MIRROR_MASTER", "kinto.example.org", "http://HOST"),
    ("KINTO_MIRROR_EXTRAS", "maybe", "keep, delete"),
    ("KINTO_MIRROR_LISTEN", "8000", "HOST:PORT"),
    ("KINTO_MIRROR_MASTER_AUTH_FILE", "/run/secrets/none", "cannot be read"),
    ("KINTO_MIRROR_MASTER_AUTH_FILE", "/run", "cannot be read"),
])
def test_a_wrong_environment_is_one_line_that_names_the_variable(variable, value, mend):
    done = docker("run", "--rm", *NOWHERE, "-e", f"{variable}={value}", IMAGE, check=False)
    assert done.returncode == 78
    line = one_line(done)
    assert variable in line and mend in line


def test_a_secret_that_its_user_may_not_read_is_one_line(tmp_path):
    secret = tmp_path / "auth"
    secret.write_text("mirror:correct-horse\n")
    secret.chmod(0o400)
    done = docker("run", "--rm", *LOCKED, *NOWHERE, "-v", f"{secret}:/run/secrets/auth:ro",
                  "-e", "KINTO_MIRROR_MASTER_AUTH_FILE=/run/secrets/auth", IMAGE, check=False)
    assert done.returncode == 78
    line = one_line(done)
    assert "KINTO_MIRROR_MASTER_AUTH_FILE" in line and "/run/secrets/auth" in line and "Permission denied" in line


def test_the_system_s_authorities_are_found(pair, name, rng, tmp_path):
    """An authority in the place of the image's bundle is trusted, and otherwise it is not."""
    records.load(pair.master, name, records.random_records(rng, 3))
    authority = Authority(tmp_path / "ca")
    authority.ca_file.chmod(0o644)
    proxy = TlsProxy(pair.master.url, authority.certify("IP:127.0.0.1"))
    try:
        args = ("run", "--once", *mirror.servers(proxy.url, pair.replica.url))
        trusting = ("-v", f"{authority.ca_file}:/etc/ssl/certs/ca-certificates.crt:ro")
        refused = docker("run", "--rm", "--network", "host", IMAGE, *args, check=False)
        assert refused.returncode == 69 and "certificate" in refused.stderr
        docker("run", "--rm", "--network", "host", *trusting, IMAGE, *args)
    finally:
        proxy.close()
    records.assert_same(pair.master, pair.replica, name)
