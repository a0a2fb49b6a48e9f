"""A real PgBouncer between a Kinto and its database."""

import os
from urllib.parse import parse_qs, urlsplit

from .pg import PgCluster
from .programs import Program, find
from .status import free_port

# Each transaction may get another of the few connections to the server.
CONFIGURATION = """
[databases]
kinto = host={socket} dbname={database} user=kinto
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
ignore_startup_parameters = extra_float_digits
"""


class PgBouncer(Program):
    """In transaction mode, in front of a new database; `url` is what Kinto is to use."""

    def __init__(self, cluster: PgCluster):
        super().__init__("pgbouncer")
        parts = urlsplit(cluster.create_database())
        port = free_port()
        self.url = f"postgresql://kinto@127.0.0.1:{port}/kinto"
        socket = parse_qs(parts.query)["host"][0]
        path = self.write("pgbouncer.ini", CONFIGURATION.format(socket=socket, database=parts.path.lstrip("/"), port=port))
        self.launch([*self._as_owner_of(socket), find("pgbouncer"), str(path)], lambda: "process up" in self.log())

    def _as_owner_of(self, socket: str) -> list[str]:
        """It refuses to run as root, and the socket is PostgreSQL's own."""
        if os.geteuid() != 0:
            return []
        owner = os.stat(socket)
        os.chown(self.folder, owner.st_uid, owner.st_gid)
        return ["setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups", "--pdeathsig", "KILL",
                "--"]
