"""Runs the daemon under test: to its end, or in the background."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from . import mozlog
from .kinto import AUTH
from .paths import BINARY
from .processes import die_with_parent, stop

# Far above what any run needs, also under a sanitizer on a busy machine.
RUN_LIMIT = 150.0

# A sanitizer's report must not be taken for one of our own exit codes.
SANITIZERS = {"ASAN_OPTIONS": "exitcode=99", "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1"}


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def report(self) -> dict:
        return json.loads(self.out)

    def expect(self, *codes: int) -> "Result":
        assert self.code in codes, f"exit code {self.code}, expected {codes}\n-- stdout\n{self.out}\n-- stderr\n{self.err}"
        return self

    def collection(self, name: str) -> dict:
        """The report's entry of one bucket/collection."""
        entries = [c for replica in self.report["replicas"] for c in replica["collections"] if c["id"] == name]
        assert len(entries) == 1, self.out
        return entries[0]


# What the tests of records have the daemon leave alone: see conftest.py.
RECORDS_ONLY = {"KINTO_MIRROR_METADATA": "create", "KINTO_MIRROR_DELETIONS": "records", "KINTO_MIRROR_CLOSING_MARKS": "off"}
defaults: dict[str, str] = {}


def clean_environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """The tests' own environment without what would configure the daemon or send it through a web proxy."""
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith("KINTO_MIRROR_") and "proxy" not in k.lower()}
    return SANITIZERS | kept | defaults | (extra or {})


def assert_no_sanitizer_report(text: str) -> None:
    assert "Sanitizer" not in text and "runtime error:" not in text, text[-8000:]


def _popen(args: list[str], environment: dict[str, str] | None, stdout: object, stderr: object) -> subprocess.Popen:
    if not BINARY.exists():
        pytest.fail(f"{BINARY} does not exist: build it first, or set KINTO_MIRROR_BIN")
    return subprocess.Popen([str(BINARY), *args], env=clean_environment(environment), cwd="/",
                            stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, preexec_fn=die_with_parent)


def start(*args: str) -> subprocess.Popen:
    """In the background; the caller ends it, with stop()."""
    return _popen(list(args), None, subprocess.PIPE, subprocess.PIPE)


def run(*args: str, environment: dict[str, str] | None = None, timeout: float = RUN_LIMIT) -> Result:
    """Runs it to its end."""
    process = _popen(list(args), environment, subprocess.PIPE, subprocess.PIPE)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        pytest.fail(f"still running after {timeout:g} s: {args}\n-- stdout\n{out!r}\n-- stderr\n{err.decode()[-4000:]}")
    assert_no_sanitizer_report(err.decode())
    mozlog.assert_valid(err.decode())
    return Result(process.returncode, out.decode(), err.decode())


def run_watched(*args: str) -> tuple[Result, int]:
    """The result, and the most memory that the process itself ever held, in MiB. Not what wait4() tells: the memory of
    the tests, from which the process was forked, would count too."""
    process = start(*args)
    peak = 0
    deadline = time.monotonic() + RUN_LIMIT
    while process.poll() is None and time.monotonic() < deadline:
        peak = max(peak, peak_memory(process.pid))
        time.sleep(0.01)
    if process.poll() is None:
        process.kill()
    out, err = process.communicate()
    assert_no_sanitizer_report(err.decode())
    return Result(process.returncode, out.decode(), err.decode()), peak


def peak_memory(pid: int) -> int:
    """VmHWM in MiB; 0 when the process has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) // 1024 if found else 0


def is_sanitized() -> bool:
    """Whether the daemon was built with a sanitizer, which needs far more memory."""
    return b"__asan_init" in BINARY.read_bytes()


def servers(master: str, replica: str, auth: str = AUTH) -> list[str]:
    return ["--master", master, "--master-auth", auth, "--replica", replica, "--replica-auth", auth]


def write_config(folder: Path, master: str, **replicas: str) -> str:
    """A file with one [[replica]] for each name; its path."""
    lines = ["[master]", f'url = "{master}"', f'auth = "{AUTH}"']
    for name, url in replicas.items():
        lines += ["[[replica]]", f'name = "{name}"', f'url = "{url}"', f'auth = "{AUTH}"']
    path = folder / "mirror.toml"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


class Daemon:
    """`kinto-mirror run` in the background, until stop() or close()."""

    def __init__(self, *args: str, environment: dict[str, str] | None = None):
        self._err = tempfile.NamedTemporaryFile(prefix="kinto-mirror-", suffix=".log")
        self.process = _popen(["run", "--listen", "off", *args], environment, subprocess.DEVNULL, self._err)

    def log(self) -> str:
        return Path(self._err.name).read_text(errors="replace")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def stop(self, signum: int = signal.SIGTERM, within: float = 10.0) -> int:
        """Sends the signal; the exit code, or a failure when it is still running after the promised time."""
        self.process.send_signal(signum)
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            pytest.fail(f"still running {within:g} s after signal {signum}:\n{self.log()[-4000:]}")

    def close(self) -> None:
        if self.process.poll() is None:
            stop(self.process, signal.SIGKILL)
        log = self.log()
        self._err.close()
        assert_no_sanitizer_report(log)
        mozlog.assert_valid(log)
