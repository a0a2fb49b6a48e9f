"""A PostgreSQL cluster of our own in a temporary directory, reachable over its socket only."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from .paths import POSTGRES_BIN
from .processes import die_with_parent
from .waiting import wait_until

# Nothing here needs to survive a power cut.
# Without statistics of its own making, PostgreSQL reads what a plural DELETE takes in one order.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"]


class PgCluster:
    def __init__(self) -> None:
        self.dir = Path(tempfile.mkdtemp(prefix="kinto-pg-"))
        self._count = 0
        self._user = self._unprivileged_user()
        if self._user:
            os.chown(self.dir, self._user.pw_uid, self._user.pw_gid)
        self._run("initdb", "-D", str(self.dir / "data"), "-U", "kinto", "--auth=trust", "--encoding=UTF8",
                  "--locale=C.UTF-8", "--no-sync")
        self._log = open(self.dir / "postgres.log", "ab")
        options = [*FAST, "listen_addresses=", f"unix_socket_directories={self.dir}", "timezone=UTC",
                   "max_connections=300", "shared_buffers=64MB"]
        self._process = subprocess.Popen(
            self._as_user(["--pdeathsig", "INT"])
            + [str(POSTGRES_BIN / "postgres"), "-D", str(self.dir / "data")]
            + [word for option in options for word in ("-c", option)],
            cwd="/", stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
            preexec_fn=None if self._user else die_with_parent)
        wait_until(lambda: self._run("pg_isready", "-h", str(self.dir), "-U", "kinto"), "PostgreSQL answers")

    @staticmethod
    def _unprivileged_user() -> pwd.struct_passwd | None:
        """PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return None
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        return names.get("postgres") or names["nobody"]

    def _as_user(self, options: list[str]) -> list[str]:
        if not self._user:
            return []
        ids = [f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups"]
        return ["setpriv", *ids, *options, "--"]

    def _run(self, program: str, *args: str) -> str:
        command = self._as_user([]) + [str(POSTGRES_BIN / program), *args]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")
        return done.stdout or "done"

    def create_database(self, template: str = "") -> str:
        """A new database, empty or a copy of another one, which nobody may be using; returns its URL for Kinto."""
        self._count += 1
        name = f"kinto{self._count}"
        copied = ["-T", urlsplit(template).path.lstrip("/")] if template else []
        self._run("createdb", "-h", str(self.dir), "-U", "kinto", *copied, name)
        return f"postgresql://kinto@/{name}?host={self.dir}"

    def close(self) -> None:
        """A fast shutdown: open connections are cut."""
        self._process.send_signal(2)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(20)
        self._log.close()
        shutil.rmtree(self.dir, ignore_errors=True)
