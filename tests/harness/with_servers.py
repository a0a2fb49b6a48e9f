"""Runs a command beside two real Kinto servers: python -m harness.with_servers BACKEND COMMAND...

The command finds them in KINTO_MIRROR_MASTER, KINTO_MIRROR_REPLICA and their _AUTH. Its exit code is ours.
"""

import os
import signal
import subprocess
import sys

from .kinto import AUTH
from .servers import Servers


def main(backend: str, command: list[str]) -> int:
    # Ended by a signal, the servers must end too: turn it into an exception that unwinds.
    signal.signal(signal.SIGTERM, lambda signum, frame: sys.exit(128 + signum))
    servers = Servers()
    try:
        urls = {role: servers.get(backend, role).url for role in ("master", "replica")}
        environment = os.environ | {"KINTO_MIRROR_MASTER": urls["master"], "KINTO_MIRROR_REPLICA": urls["replica"],
                                    "KINTO_MIRROR_MASTER_AUTH": AUTH, "KINTO_MIRROR_REPLICA_AUTH": AUTH}
        return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL).returncode
    finally:
        servers.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
