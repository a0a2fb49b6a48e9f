"""The status pages of a daemon under test."""

import json
import os
import shutil
import socket
import subprocess

import requests

from . import mirror
from .paths import ROOT
from .waiting import wait_until


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def events(running: mirror.Daemon, kind: str) -> list[dict]:
    lines = [json.loads(line) for line in running.log().split("\n") if line.startswith("{")]
    return [line["Fields"] for line in lines if line["Type"] == kind]


class StatusPages:
    """Of a daemon that was started with --listen 127.0.0.1:0."""

    def __init__(self, running: mirror.Daemon):
        self.port = wait_until(lambda: events(running, "status.listening"), "it listens")[0]["port"]
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.address}"
        self.pid = running.process.pid

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=20)

    def status(self) -> dict:
        answer = self.get("/status")
        assert answer.status_code == 200
        return answer.json()

    def replica(self) -> dict:
        [replica] = self.status()["replicas"]
        return replica

    def collection(self, name: str) -> dict:
        [found] = [one for one in self.replica()["collections"] if one["id"] == name]
        return found

    def metrics(self) -> dict[str, float]:
        """By series, as it is written."""
        lines = [line for line in self.get("/metrics").text.split("\n") if line and not line.startswith("#")]
        return {series: float(value) for series, value in (line.rsplit(" ", 1) for line in lines)}

    def run(self, *verb: str) -> mirror.Result:
        return mirror.run(*verb, "--listen", self.address, timeout=30)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)


def promtool() -> str:
    found = shutil.which("promtool") or str(ROOT / "build/bin/promtool")
    assert os.access(found, os.X_OK), "no promtool: run deploy/install-deps.sh --test"
    return found


def check_metrics(text: str) -> None:
    checked = subprocess.run([promtool(), "check", "metrics"], input=text, text=True, capture_output=True, timeout=60)
    assert checked.returncode == 0 and not checked.stderr, checked.stdout + checked.stderr


def read_all(connection: socket.socket) -> bytes:
    """Until the other side closes."""
    got = b""
    while True:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            return got
        if not piece:
            return got
        got += piece
