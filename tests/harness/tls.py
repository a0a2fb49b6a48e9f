"""A certificate authority of our own, and a proxy that puts TLS in front of a plain server."""

import socket
import ssl
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit


class Authority:
    """Makes certificates with the openssl command, in the given folder."""

    def __init__(self, folder: Path, name: str = "kinto-mirror test CA"):
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.ca_file = folder / "ca.pem"
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                      "-keyout", "ca.key", "-out", "ca.pem",
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def _openssl(self, *args: str) -> None:
        done = subprocess.run(["openssl", *args], cwd=self._folder, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"openssl {args[0]}: {done.stderr}")

    def certify(self, subject: str) -> ssl.SSLContext:
        """A server context for one name, given like DNS:localhost or IP:127.0.0.1."""
        (self._folder / "san.cnf").write_text(f"subjectAltName={subject}\n")
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test server",
                      "-keyout", "server.key", "-out", "server.csr")
        self._openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                      "-days", "2", "-extfile", "san.cnf", "-out", "server.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._folder / "server.pem", self._folder / "server.key")
        return context


class TlsProxy:
    """Takes TLS connections and forwards their bytes to the plain upstream."""

    def __init__(self, upstream: str, context: ssl.SSLContext):
        address = urlsplit(upstream)
        self._upstream = (address.hostname, address.port)
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            client.settimeout(60)
            with self._context.wrap_socket(client, server_side=True) as secure, \
                    socket.create_connection(self._upstream, timeout=60) as plain:
                # Each direction has its thread. Reading and writing one TLS socket at the same time is safe here
                # because Python's ssl locks each operation.
                back = threading.Thread(target=_copy, args=(plain, secure), daemon=True)
                back.start()
                _copy(secure, plain)
                back.join(60)
        except OSError:  # a client that does not trust us hangs up
            client.close()

    def close(self) -> None:
        self._listener.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
