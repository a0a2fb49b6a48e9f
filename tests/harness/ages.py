"""Kintos of other ages and with other packages, each in a virtual environment of its own that is made when it is first
wanted."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from .paths import ROOT
from .waiting import wait_until

PINS = ROOT / "deploy/ages"
TODAY = metadata.version("kinto")  # the one that the tests themselves are installed with
LIMIT = 600.0  # for an installation, and for that of another process to end


def python(which: str) -> str:
    """The interpreter of that Kinto, for KintoServer: of a version, or of what else deploy/ages/ has a file for."""
    if which == TODAY:
        return sys.executable
    pins = PINS / f"kinto-{which}.txt"
    home = ROOT / f"build/{pins.stem}"
    home.parent.mkdir(exist_ok=True)
    # Of what was installed, so that other pins make it anew. Written last: what was cut off is made anew too.
    stamp, wanted = home / ".requirements", hashlib.sha256(pins.read_bytes()).hexdigest()
    with _locked(home.with_name(home.name + ".lock")):
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(home, ignore_errors=True)
            _run(sys.executable, "-m", "venv", str(home))
            _run(str(home / "bin/pip"), "install", "-q", "--no-deps", "-r", str(pins))
            _run(str(home / "bin/pip"), "check")
            stamp.write_text(wanted)
    return str(home / "bin/python")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Of parallel tests, one installs and the others wait."""
    with open(path, "w") as file:
        wait_until(lambda: _try_lock(file.fileno()), f"{path} is free", LIMIT, every=0.2)
        yield


def _try_lock(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        said = f"{done.stdout[-2000:]}{done.stderr[-4000:]}"
        raise RuntimeError(f"exit code {done.returncode}: {' '.join(command)}\n{said}")
