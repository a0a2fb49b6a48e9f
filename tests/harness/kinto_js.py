"""kinto.js, the client that keeps a copy of a collection in a browser: the real one, in a process of its own."""

import json
import os
import select
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .kinto import KintoServer
from .paths import ROOT
from .processes import die_with_parent, stop
from .repeating import Repeating

HOME = ROOT / "build/readers"
LIMIT = 60.0  # for one answer


@dataclass(frozen=True)
class Synced:
    """What one sync() came to."""
    ok: bool
    problem: str | None
    stamp: int | None  # the ETag that it goes on from
    changes: int


class KintoJs:
    """An anonymous reader of one collection, with whatever server each sync names."""

    def __init__(self, name: str):
        node = HOME / "node/bin/node"
        assert node.exists(), "no kinto.js: run deploy/install-deps.sh --test"
        self._said = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [str(node), str(Path(__file__).with_suffix(".cjs")), *name.split("/")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._said, preexec_fn=die_with_parent,
            env=os.environ | {"NODE_PATH": str(HOME / "node_modules")})
        self._one_at_a_time = threading.Lock()

    def _ask(self, what: dict) -> object:
        with self._one_at_a_time:
            self._process.stdin.write(json.dumps(what).encode() + b"\n")
            self._process.stdin.flush()
            ready, _, _ = select.select([self._process.stdout], [], [], LIMIT)
            line = self._process.stdout.readline() if ready else b""
            if not line:
                self._said.seek(0)
                raise RuntimeError(f"kinto.js said nothing:\n{self._said.read().decode(errors='replace')[-4000:]}")
            return json.loads(line)

    def sync(self, server: KintoServer) -> Synced:
        return Synced(**self._ask({"sync": server.url}))

    def records(self) -> dict[str, dict]:
        """All that it holds."""
        return {record["id"]: record for record in self._ask({"list": True})}

    def close(self) -> None:
        self._process.stdin.close()
        stop(self._process)
        self._process.stdout.close()
        self._said.close()


class Syncing(Repeating):
    """Syncs one reader again and again. `remote` says with whom, each time."""

    def __init__(self, reader: KintoJs, remote: Callable[[], KintoServer], pause: float = 0.3):
        super().__init__(pause)
        self._reader, self._remote = reader, remote
        self.done: list[Synced] = []

    def once(self) -> None:
        self.done.append(self._reader.sync(self._remote()))

    @property
    def problems(self) -> list[str]:
        return [one.problem or "" for one in self.done if not one.ok]

    @property
    def changes(self) -> int:
        return sum(one.changes for one in self.done)
