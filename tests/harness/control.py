"""Orders to a daemon under test, over its socket."""

import os
import signal
from pathlib import Path

from . import mirror
from .status import events
from .waiting import wait_until


class Control:
    """Of a daemon that was started with --control PATH."""

    def __init__(self, path: Path | str, running: mirror.Daemon):
        self.path, self.running = str(path), running
        wait_until(lambda: events(running, "control.listening"), "it takes orders")

    def order(self, *words: str, timeout: float = 90.0) -> mirror.Result:
        return mirror.run(*words, "--control", self.path, timeout=timeout)

    def reload(self) -> mirror.Result:
        return self.order("reload")

    def hang_up(self) -> None:
        before = len(events(self.running, "config.reload"))
        os.kill(self.running.process.pid, signal.SIGHUP)
        wait_until(lambda: len(events(self.running, "config.reload")) > before, "it was read anew")
