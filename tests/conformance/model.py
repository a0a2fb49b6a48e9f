"""The Kinto model behind a port of its own."""

import subprocess

from harness.paths import BINARY
from harness.processes import die_with_parent, stop

PROGRAM = BINARY.parent / "tests/model/kinto_model_server"


class ModelServer:
    """`settings` are Kinto's, by the names that they have in its ini file."""

    def __init__(self, profile: str, settings: dict[str, str]):
        flags = [f"{key.removeprefix('kinto.')}={value}" for key, value in settings.items()]
        self._process = subprocess.Popen([PROGRAM, f"profile={profile}", *flags], stdout=subprocess.PIPE, text=True,
                                         preexec_fn=die_with_parent)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())

    def close(self) -> None:
        stop(self._process)
