"""A real nginx in front of a server: a process of its own, with a configuration of its own, on the loopback."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import requests

from .paths import ROOT
from .processes import die_with_parent, stop
from .status import free_port
from .waiting import wait_until

# One process without workers, which would outlive a master that is killed.
CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ }}
http {{
  log_format plain '$status $request_method $request_uri';
  access_log {folder}/access.log plain;
  client_max_body_size 64m;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  {outside}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass {upstream};
      {inside}
    }}
  }}
}}
"""


class Nginx:
    """`outside` and `inside` are directives beside the server and in it; {folder} in them is a folder of its own."""

    def __init__(self, upstream: str, outside: str = "", inside: str = ""):
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:{ROOT / 'build/bin'}")
        assert program, "no nginx: run deploy/install-deps.sh --test"
        self._folder = Path(tempfile.mkdtemp(prefix="kinto-nginx-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v1"
        values = {"folder": self._folder, "port": self.port, "upstream": upstream.removesuffix("/v1")}
        text = CONFIGURATION.format(outside=outside.format(**values), inside=inside.format(**values), **values)
        (self._folder / "nginx.conf").write_text(text)
        self._process = subprocess.Popen([program, "-p", str(self._folder), "-c", "nginx.conf", "-e", "error.log"],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
        try:
            wait_until(lambda: requests.get(f"{self.url}/__lbheartbeat__", timeout=5), "nginx answers")
        except AssertionError as error:
            raise RuntimeError(f"{error}\n{self._read('error.log')}") from error

    def _read(self, name: str) -> str:
        path = self._folder / name
        return path.read_text(errors="replace") if path.exists() else ""

    def statuses(self) -> list[int]:
        """Of what was asked, but for what the start of this object asked itself."""
        lines = [line for line in self._read("access.log").splitlines() if not line.endswith("/__lbheartbeat__")]
        return [int(re.match(r"\d+", line)[0]) for line in lines]

    def close(self) -> None:
        stop(self._process)
        shutil.rmtree(self._folder, ignore_errors=True)
