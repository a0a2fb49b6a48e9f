"""A real nginx in front of a server: a process of its own, with a configuration of its own, on the loopback."""

import re

import requests

from .programs import Program, find
from .status import free_port

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
    location {prefix}/ {{
      proxy_pass {target};
      {inside}
    }}
  }}
}}
"""


class Nginx(Program):
    """`outside` and `inside` are directives beside the server and in it; {folder} in them is a folder of its own. With a
    prefix, such as /kinto, the server's paths begin there, and what begins otherwise is nothing to it."""

    def __init__(self, upstream: str, outside: str = "", inside: str = "", prefix: str = ""):
        super().__init__("nginx")
        port, origin = free_port(), upstream.removesuffix("/v1")
        self.url = f"http://127.0.0.1:{port}{prefix}/v1"
        values = {"folder": self.folder, "port": port, "prefix": prefix, "target": f"{origin}/" if prefix else origin}
        self.write("nginx.conf", CONFIGURATION.format(outside=outside.format(**values), inside=inside.format(**values),
                                                      **values))
        self.launch([find("nginx"), "-p", str(self.folder), "-c", "nginx.conf", "-e", "error.log"],
                    lambda: requests.get(f"{self.url}/__lbheartbeat__", timeout=5))

    def log(self) -> str:
        return super().log() + self._read("error.log")

    def _read(self, name: str) -> str:
        path = self.folder / name
        return path.read_text(errors="replace") if path.exists() else ""

    def statuses(self) -> list[int]:
        """Of what was asked, but for what the start of this object asked itself."""
        lines = [line for line in self._read("access.log").splitlines() if not line.endswith("/__lbheartbeat__")]
        return [int(re.match(r"\d+", line)[0]) for line in lines]
