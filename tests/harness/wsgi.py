"""Kinto under another WSGI server than waitress, on the database of one that runs."""

from collections.abc import Callable
from pathlib import Path

import requests

from . import ages
from .kinto import KintoServer
from .programs import Program
from .status import free_port

INSTALLED = "26.5.0-servers"
PLUGINS = Path(__file__).with_name("plugins")

# The arguments that start it on a port, by the folder of its programs. Two workers, which share nothing but the database.
Command = Callable[[Path, int], list[str]]


def uwsgi(*more: str) -> Command:
    return lambda home, port: [str(home / "pyuwsgi"), "--master", "--processes", "2", "--enable-threads", "--die-on-term",
                               "--need-app", "--lazy-apps", "--buffer-size", "32768", "--module", "kinto_wsgi:application",
                               *(word.format(address=f"127.0.0.1:{port}") for word in more)]


def gunicorn(worker: str, *more: str) -> Command:
    return lambda home, port: [str(home / "gunicorn"), "--bind", f"127.0.0.1:{port}", "--workers", "2", "--worker-class",
                               worker, *more, "kinto_wsgi:application"]


def granian(*more: str) -> Command:
    return lambda home, port: [str(home / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
                               "--workers", "2", *more, "kinto_wsgi:application"]


class WsgiKinto(Program):
    """A second Kinto on the database of `beside`."""

    def __init__(self, beside: KintoServer, command: Command):
        super().__init__("wsgi")
        home = Path(ages.python(INSTALLED)).parent
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/v1"
        self.launch(command(home, port), lambda: requests.get(f"{self.url}/__lbheartbeat__", timeout=5).ok,
                    {"KINTO_INI": beside.ini, "PYTHONPATH": str(PLUGINS)})
