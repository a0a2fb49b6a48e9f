"""A server program of somebody else's: a process of its own, in a folder of its own, on the loopback."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from .paths import ROOT
from .processes import die_with_parent, stop
from .waiting import wait_until


def find(name: str) -> str:
    """Installed, or unpacked by deploy/install-deps.sh."""
    program = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:{ROOT / 'build/bin'}")
    assert program, f"no {name}: run deploy/install-deps.sh --matrix"
    return program


class Program:
    """Subclasses write what it reads into `folder`, and call launch()."""

    def __init__(self, name: str):
        self._name = name
        self.folder = Path(tempfile.mkdtemp(prefix=f"kinto-{name}-"))
        self._process: subprocess.Popen | None = None

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def launch(self, command: list[str], answers: Callable[[], object], environment: dict[str, str] | None = None) -> None:
        """Returns when it answers; its output becomes the file `log`."""
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(command, cwd=self.folder, env=os.environ | (environment or {}),
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             preexec_fn=die_with_parent)
        try:
            wait_until(answers, f"{self._name} answers", timeout=60)
        except AssertionError as error:
            said = self.log()
            self.close()
            raise RuntimeError(f"{error}\n{said[-4000:]}") from error

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def close(self) -> None:
        if self._process is not None:
            stop(self._process)
        shutil.rmtree(self.folder, ignore_errors=True)
