"""A real haproxy in front of a server."""

from urllib.parse import urlsplit

import requests

from .programs import Program, find
from .status import free_port

# In the foreground, in one process. The time-outs are short, so that connections which idle are closed within a test.
CONFIGURATION = """
global
  maxconn 200
defaults
  mode http
  timeout connect 5s
  timeout server 60s
  timeout client 3s
  timeout http-keep-alive 2s
listen kinto
  bind 127.0.0.1:{port}
  server one {upstream}
"""


class Haproxy(Program):
    def __init__(self, upstream: str):
        super().__init__("haproxy")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/v1"
        path = self.write("haproxy.cfg", CONFIGURATION.format(port=port, upstream=urlsplit(upstream).netloc))
        self.launch([find("haproxy"), "-db", "-f", str(path)],
                    lambda: requests.get(f"{self.url}/__lbheartbeat__", timeout=5).ok)
