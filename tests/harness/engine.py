"""Docker, for the tests of tests/docker: images, single containers, and stacks from compose files."""

import json
import os
import shutil
import subprocess
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import kinto_http

from .paths import ROOT
from .status import free_port
from .waiting import wait_until

IMAGE = "kinto-mirror:test"
BASE = "debian:bookworm-slim"
PUBLIC = (BASE, "postgres:15", "kinto/kinto-server")  # images of others
LIMIT = 180.0


def run(*args: str, check: bool = True, timeout: float = LIMIT,
        environment: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    done = subprocess.run(args, cwd=ROOT, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL,
                          env=os.environ | (environment or {}))
    if check and done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {' '.join(args)}\n{done.stdout[-4000:]}{done.stderr[-8000:]}")
    return done


def docker(*args: str, check: bool = True, timeout: float = LIMIT) -> subprocess.CompletedProcess:
    return run("docker", *args, check=check, timeout=timeout)


def compose_command() -> list[str] | None:
    """V2 where it is installed, else V1."""
    if shutil.which("docker") and docker("compose", "version", check=False).returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


def what_is_missing() -> str | None:
    """Why there is nothing to test on, in words."""
    if not shutil.which("docker"):
        return "no docker command"
    if docker("info", check=False).returncode != 0:
        return "no Docker engine answers"
    if not compose_command():
        return "neither 'docker compose' nor docker-compose"
    for image in PUBLIC:
        if docker("image", "inspect", image, check=False).returncode != 0:
            pulled = docker("pull", "-q", image, check=False, timeout=600)
            if pulled.returncode != 0:
                return f"the image {image} is not here and cannot be pulled: {pulled.stderr.strip()[-200:]}"
    return None


def inspect(container: str) -> dict:
    return json.loads(docker("inspect", container).stdout)[0]


def logs(container: str) -> str:
    done = docker("logs", container)
    return done.stdout + done.stderr


def health(container: str) -> str:
    return inspect(container)["State"]["Health"]["Status"]


def last_check(container: str) -> str:
    """What the last health check printed, as `docker inspect` shows it."""
    checks = inspect(container)["State"]["Health"]["Log"]
    return checks[-1]["Output"] if checks else ""


@dataclass(frozen=True)
class Node:
    """A Kinto in a container, for the functions of harness.records."""
    url: str
    auth: str

    def client(self) -> kinto_http.Client:
        return kinto_http.Client(server_url=self.url, auth=tuple(self.auth.split(":", 1)), retry=0)


class Stack:
    """A project of its own from compose files, on free ports."""

    def __init__(self, *files: str, **variables: str):
        self.project = f"kinto-mirror-test-{uuid.uuid4().hex[:8]}"
        self._base = [*(compose_command() or []), "-p", self.project, *(word for file in files for word in ("-f", file))]
        ports = {name: str(free_port()) for name in ("MASTER_PORT", "REPLICA_PORT", "READ_ONLY_PORT", "MIRROR_PORT")}
        self.variables = ports | {"KINTO_MIRROR_TAG": IMAGE.split(":")[1], "KINTO_MIRROR_LOG_FORMAT": "json"} | variables

    def compose(self, *args: str, check: bool = True, **variables: str) -> subprocess.CompletedProcess:
        return run(*self._base, *args, check=check, environment=self.variables | variables)

    def up(self, *args: str, **variables: str) -> None:
        self.compose("up", "-d", *args, **variables)

    def down(self) -> None:
        self.compose("--profile", "selftest", "down", "-v", "--remove-orphans")

    def containers(self, service: str) -> list[str]:
        return self.compose("ps", "-a", "-q", service).stdout.split()

    def container(self, service: str) -> str:
        one, = self.containers(service)
        return one

    def logs(self, service: str) -> str:
        return logs(self.container(service))

    def kill(self, service: str) -> None:
        docker("kill", "-s", "KILL", self.container(service))

    def start(self, service: str) -> None:
        docker("start", self.container(service))

    def wait_healthy(self, service: str, timeout: float = 90.0) -> None:
        wait_until(lambda: health(self.container(service)) == "healthy", f"{service} is healthy", timeout, every=0.5)

    def node(self, port: str, auth: str) -> Node:
        return Node(f"http://127.0.0.1:{self.variables[port]}/v1", auth)


class Container:
    """One container of the image, in the background, until close()."""

    def __init__(self, *options: str, command: tuple[str, ...] = (), image: str = IMAGE):
        self.id = docker("run", "-d", *options, image, *command).stdout.strip()

    def logs(self) -> str:
        return logs(self.id)

    def stop(self) -> tuple[int, float]:
        """Its exit code, and the seconds that it took to stop."""
        begin = time.monotonic()
        docker("stop", "-t", "20", self.id)
        return inspect(self.id)["State"]["ExitCode"], time.monotonic() - begin

    def close(self) -> None:
        docker("rm", "-f", "-v", self.id, check=False)


def processor_seconds(pid: int) -> float:
    """User and system time of a process of this machine."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def seconds_of(time_of_docker: str) -> float:
    """Since 1970; Docker tells nanoseconds, more than Python reads."""
    whole, fraction = time_of_docker.removesuffix("Z").split(".")
    return datetime.fromisoformat(whole + "+00:00").timestamp() + float(f"0.{fraction}")
