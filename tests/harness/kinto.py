"""A real Kinto server, on either of its backends."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import kinto_http
import requests

from .pg import PgCluster
from .processes import die_with_parent, stop
from .waiting import wait_until

USER, PASSWORD = "mirror", "correct-horse"
AUTH = f"{USER}:{PASSWORD}"

BACKENDS = ("memory", "postgresql")

# basicauth accepts whatever user and password it is given: each pair is a user of its own.
DEFAULTS = {
    "kinto.includes": "kinto.plugins.flush",
    "multiauth.policies": "basicauth",
    "kinto.userid_hmac_secret": "not a secret",
    "kinto.bucket_create_principals": "system.Authenticated",
}

ACCOUNTS = {
    "kinto.includes": "kinto.plugins.flush kinto.plugins.accounts",
    "multiauth.policies": "account",
    "multiauth.policy.account.use": "kinto.plugins.accounts.AccountsPolicy",
    "kinto.account_create_principals": "system.Everyone",
}


class KintoServer:
    """Starts on construction; `settings` are lines of Kinto's [app:main], and `python` is the interpreter of the Kinto
    that is to run: harness.ages has those of other versions. `template` is the URL of a database of which it begins
    with a copy."""

    def __init__(self, backend: str, cluster: PgCluster | None = None, settings: dict[str, str] | None = None,
                 auth: str = AUTH, python: str = sys.executable, template: str = ""):
        self.backend, self.auth = backend, auth
        self._python = python
        self._dir = Path(tempfile.mkdtemp(prefix="kinto-"))
        self._ini = self._dir / "kinto.ini"
        self._log = open(self._dir / "kinto.log", "ab")
        self._process: subprocess.Popen | None = None
        options = DEFAULTS | {f"kinto.{role}_backend": f"kinto.core.{role}.{backend}"
                              for role in ("storage", "permission", "cache")}
        if backend == "postgresql":
            assert cluster is not None
            url = self.database_url = cluster.create_database(template)
            options |= {f"kinto.{role}_url": url for role in ("storage", "permission", "cache")}
        self._write_ini(options | (settings or {}))
        self.start()

    def _write_ini(self, options: dict[str, str]) -> None:
        lines = ["[server:main]", "use = egg:waitress#main", "[app:main]", "use = egg:kinto"]
        self._ini.write_text("\n".join(lines + [f"{key} = {value}" for key, value in options.items()]) + "\n")

    def start(self, port: int = 0) -> None:
        """On a port of the system's choice, or on the one that the server had before."""
        port_file = self._dir / "port"
        port_file.unlink(missing_ok=True)
        # -P: this folder has a kinto.py of its own, which is not the one that the runner imports.
        runner = Path(__file__).with_name("kinto_runner.py")
        self._process = subprocess.Popen(
            [self._python, "-P", str(runner), str(self._ini), str(port_file), str(port)],
            env=os.environ | {"PYTHONPATH": str(runner.with_name("plugins"))},
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, preexec_fn=die_with_parent)
        wait_until(lambda: port_file.exists() or self._process.poll() is not None, "Kinto listens", timeout=60)
        if self._process.poll() is not None:
            raise RuntimeError(f"Kinto did not start:\n{self.log()}")
        self.port = int(port_file.read_text())
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.origin}/v1"
        wait_until(lambda: requests.get(f"{self.url}/__lbheartbeat__", timeout=5).ok, "Kinto answers")

    def halt(self) -> None:
        """Stops the process; a memory backend forgets everything."""
        if self._process is not None:
            stop(self._process)
            self._process = None

    def close(self) -> None:
        self.halt()
        self._log.close()
        shutil.rmtree(self._dir, ignore_errors=True)

    @property
    def ini(self) -> str:
        """Its configuration, for other programs that are to use its backends."""
        return str(self._ini)

    def log(self) -> str:
        return (self._dir / "kinto.log").read_text(errors="replace")

    def flush(self) -> None:
        requests.post(f"{self.url}/__flush__", timeout=30).raise_for_status()

    def purge_deleted(self, resource: str) -> None:
        """Removes all tombstones with Kinto's own command; it works on the database, so only on PostgreSQL."""
        command = Path(self._python).with_name("kinto")
        subprocess.run([command, "purge-deleted", "--ini", str(self._ini), resource, "0"], check=True,
                       stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, timeout=60)

    def client(self, auth: str | None = None) -> kinto_http.Client:
        return kinto_http.Client(server_url=self.url, auth=tuple((auth or self.auth).split(":", 1)), retry=0)
