"""The package for Debian: what lintian says of it, and its life in a clean Debian with systemd: installed, started, upgraded, removed,
purged. KINTO_MIRROR_PACKAGE names one that is made already; without it deploy/package.sh makes one."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import engine, records
from harness.engine import docker
from harness.mirror import AUTH
from harness.paths import ROOT
from harness.status import free_port
from harness.waiting import wait_until

SYSTEM = "kinto-mirror-test:systemd"
# The base image keeps packages from starting services. In a container systemd does not share its mounts, which its credentials need.
DOCKERFILE = f"""FROM {engine.BASE}
RUN apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends systemd systemd-sysv dbus \\
 && rm -f /usr/sbin/policy-rc.d /etc/dpkg/dpkg.cfg.d/docker
STOPSIGNAL SIGRTMIN+3
CMD ["sh", "-c", "mount --make-rshared / && exec /lib/systemd/systemd"]
"""
OPTIONS = ("--cap-add", "SYS_ADMIN", "--cap-add", "SYS_PTRACE", "--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined",
           "--cgroupns", "host", "-v", "/sys/fs/cgroup:/sys/fs/cgroup:rw", "--tmpfs", "/run", "--tmpfs", "/run/lock", "--network", "host")
CONFIG = "/etc/kinto-mirror/kinto-mirror.toml"


@pytest.fixture(scope="session", autouse=True)
def image() -> None:
    """These need none of the image of the project."""


@pytest.fixture(scope="session")
def package() -> Path:
    made = os.environ.get("KINTO_MIRROR_PACKAGE")
    if not made:
        made = engine.run("deploy/package.sh", timeout=3600).stdout.splitlines()[-2]
    return Path(made).resolve()


@pytest.fixture(scope="session")
def newer(package, tmp_path_factory) -> Path:
    """The same under the version that comes next."""
    folder = tmp_path_factory.mktemp("newer")
    engine.run("dpkg-deb", "-R", str(package), str(folder / "content"))
    control = folder / "content/DEBIAN/control"
    control.write_text(re.sub(r"^Version: (.*)$", r"Version: \1+next", control.read_text(), flags=re.MULTILINE))
    engine.run("dpkg-deb", "--root-owner-group", "-b", str(folder / "content"), str(folder / "newer.deb"))
    return folder / "newer.deb"


class System:
    """A clean Debian whose process 1 is systemd."""

    def __init__(self) -> None:
        subprocess.run(["docker", "build", "-q", "-t", SYSTEM, "-"], input=DOCKERFILE, text=True, check=True, capture_output=True,
                       timeout=900, env=os.environ | {"DOCKER_BUILDKIT": "0"})
        self.id = docker("run", "-d", *OPTIONS, SYSTEM).stdout.strip()
        wait_until(lambda: self.run("systemctl is-system-running", check=False).stdout.strip() in ("running", "degraded"), "systemd runs")

    def run(self, script: str, check: bool = True) -> subprocess.CompletedProcess:
        return docker("exec", self.id, "sh", "-c", script, check=check, timeout=600)

    def put(self, path: str, text: str, mode: str = "644") -> None:
        subprocess.run(["docker", "exec", "-i", self.id, "sh", "-c", f"install -m {mode} /dev/stdin {path}"], input=text, text=True,
                       check=True, timeout=60)

    def install(self, package: Path) -> str:
        docker("cp", str(package), f"{self.id}:/root/package.deb")
        return self.run("DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends /root/package.deb 2>&1").stdout

    def is_active(self) -> str:
        return self.run("systemctl is-active kinto-mirror", check=False).stdout.strip()

    def main_process(self) -> int:
        return int(self.run("systemctl show -p MainPID --value kinto-mirror").stdout)

    def files(self) -> set[str]:
        """All that is called after it, but what the tests and the package manager have put there."""
        found = self.run("find / -xdev -name '*kinto-mirror*'; find /run /etc -name '*kinto-mirror*'").stdout.splitlines()
        return {path for path in found if not path.startswith(("/proc", "/sys", "/var/log", "/var/cache"))}


@pytest.fixture(scope="module")
def system(package) -> Iterator[System]:
    made = System()
    yield made
    docker("rm", "-f", "-v", made.id, check=False)


def test_lintian_finds_no_error(package):
    if not shutil.which("lintian"):
        pytest.skip("lintian is not installed: deploy/install-deps.sh --package")
    done = subprocess.run(["lintian", "--allow-root", "--tag-display-limit", "0", "--fail-on", "error,warning", str(package)],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_bill_of_materials_names_what_it_depends_on(package):
    told = subprocess.run(f"dpkg-deb --fsys-tarfile {package} | tar -xO ./usr/share/doc/kinto-mirror/kinto-mirror.cdx.json", shell=True,
                          capture_output=True, text=True, check=True, timeout=60).stdout
    bill = json.loads(told)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    depends = subprocess.run(["dpkg-deb", "-f", str(package), "Depends"], capture_output=True, text=True, check=True, timeout=60).stdout
    needed = {re.sub(r"-fmt\d+$", "", word.split()[0]) for word in depends.split(", ")}
    assert len(needed) > 5 and needed <= {part["name"] for part in bill["components"]}
    refs = {part["bom-ref"] for part in bill["components"]}
    assert len(refs) == len(bill["components"]) and set(bill["dependencies"][0]["dependsOn"]) == refs


def test_installed_it_says_what_is_missing_and_waits(system, package):
    said = system.install(package)
    assert "/etc/kinto-mirror/kinto-mirror.toml" in said and "systemctl start kinto-mirror" in said
    assert system.run("systemctl is-enabled kinto-mirror").stdout.strip() == "enabled"
    assert system.is_active() == "inactive"
    assert system.run("systemctl --failed --no-legend").stdout == ""
    assert "kinto-mirror 0" in system.run("kinto-mirror --version").stdout
    have = system.run("dpkg -L kinto-mirror").stdout.splitlines()
    for path in ("man/man1/kinto-mirror.1.gz", "man/man5/kinto-mirror.toml.5.gz", "bash-completion/completions/kinto-mirror",
                 "zsh/vendor-completions/_kinto-mirror", "fish/vendor_completions.d/kinto-mirror.fish", "doc/kinto-mirror/copyright",
                 "kinto-mirror/kinto-mirror.schema.json", "kinto-mirror/kinto-mirror.rules.yml"):
        assert f"/usr/share/{path}" in have


def configuration(pair, extra: str = "") -> str:
    return (f'[master]\nurl = "{pair.master.url}"\n[[replica]]\nname = "paris"\nurl = "{pair.replica.url}"\n'
            f'[sync]\ninterval = "200ms"\n[status]\nlisten = "127.0.0.1:{free_port()}"\n'
            f'[control]\npath = "/run/kinto-mirror/control.sock"\n{extra}')


def test_started_it_copies_and_obeys(system, pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 5))
    system.put(CONFIG, configuration(pair))
    for server in ("master", "paris"):
        system.put(f"/etc/kinto-mirror/auth/{server}", AUTH + "\n", mode="600")
    system.run("kinto-mirror config check && systemctl start kinto-mirror")
    done = system.run(f"kinto-mirror sync '{name}' --timeout 60s")
    records.assert_same(pair.master, pair.replica, name)
    assert done.returncode == 0
    assert AUTH.split(":")[1] not in system.run("journalctl -u kinto-mirror -o cat").stdout
    assert system.run("stat -c '%a %U' /run/kinto-mirror/control.sock").stdout.split()[0] == "600"
    # The hardening holds: it is a user that exists while it runs, and root's secrets were handed over.
    assert int(system.run(f"stat -c %u /proc/{system.main_process()}").stdout) > 60000


def test_a_reload_takes_what_is_right_and_refuses_what_is_wrong(system):
    before = system.main_process()
    right = system.run(f"cat {CONFIG}").stdout
    system.put(CONFIG, right.replace("200ms", "300ms"))
    system.run("systemctl reload kinto-mirror")
    assert "sync.interval" in system.run("journalctl -u kinto-mirror -o cat | grep config.reload | tail -n 1").stdout
    system.put(CONFIG, right.replace("200ms", "soon"))
    assert system.run("systemctl reload kinto-mirror", check=False).returncode != 0
    assert (system.is_active(), system.main_process()) == ("active", before)
    system.put(CONFIG, right)


def test_an_upgrade_restarts_it_with_its_configuration(system, newer, pair, name, rng):
    """On other servers than those of the last test, so the configuration is written anew."""
    system.put(CONFIG, configuration(pair))
    system.run("systemctl restart kinto-mirror")
    before = system.main_process()
    kept = system.run(f"cat {CONFIG}").stdout
    system.install(newer)
    assert system.run("dpkg-query -W -f '${Version}' kinto-mirror").stdout.endswith("+next")
    assert system.run(f"cat {CONFIG}").stdout == kept
    assert system.is_active() == "active" and system.main_process() not in (0, before)
    records.load(pair.master, name, records.random_records(rng, 3))
    system.run(f"kinto-mirror sync '{name}' --timeout 60s")
    records.assert_same(pair.master, pair.replica, name)


def test_removed_it_stops_and_keeps_its_configuration(system):
    begun = time.monotonic()
    system.run("DEBIAN_FRONTEND=noninteractive apt-get -qy remove kinto-mirror")
    assert time.monotonic() - begun < 60
    assert system.is_active() != "active"
    assert "paris" in system.run(f"cat {CONFIG}").stdout
    assert system.run("command -v kinto-mirror", check=False).returncode != 0


def test_purged_it_leaves_nothing(system):
    system.run("DEBIAN_FRONTEND=noninteractive apt-get -qy purge kinto-mirror")
    system.run("systemctl daemon-reload && systemctl reset-failed")
    assert system.files() == set()
    assert system.run("systemctl list-unit-files 'kinto-mirror*' --no-legend", check=False).stdout == ""
    assert system.run("getent passwd kinto-mirror", check=False).stdout == ""
