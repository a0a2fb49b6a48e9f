"""Runs one Kinto in this process: python kinto_runner.py INI PORT_FILE [PORT]

The same application and server (waitress) as `kinto start`, and besides: the backend's schema is created
first, and the port is chosen by the system and told through a file, so that no two servers can race for one.
"""

import logging
import os
import sys
import warnings


def main(ini: str, port_file: str, port: str = "0") -> None:
    warnings.simplefilter("ignore")
    logging.basicConfig(level=logging.WARNING)
    from kinto.core.scripts import migrate
    from pyramid.paster import get_app
    from waitress import create_server

    app = get_app(ini, options={"http_port": "0"})
    migrate({"registry": app.registry})
    listener = create_server(app, host="127.0.0.1", port=int(port), threads=4)
    with open(port_file + ".new", "w") as out:
        out.write(str(listener.effective_port))
    os.rename(port_file + ".new", port_file)
    listener.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
