#!/usr/bin/env bash
# haproxy 2.6: a connection that is opened in advance gets an answer to no request at all, "408 Request Time-out"; one
# that idles after a request is closed without a word.
#
# One would expect an idle connection to be treated alike before its first request and after it. What happens: where
# nothing was sent yet, haproxy writes 408 and closes; between two requests it just closes; in the middle of a second
# request it is 408 again.
#
# Who replicates data over connections opened in advance or kept in a pool finds a 408 in the buffer that belongs to
# no request: read as the answer of the next one, it is a failure that never happened. The silent end, on the other
# side, is met by the next write, and says nothing about whether that request was carried out.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
if ! command -v haproxy >where; then
  timeout 60 apt-get download haproxy=2.6.12-1+deb12u4 >log 2>&1
  dpkg -x haproxy_*.deb unpacked
  PATH=$work/unpacked/usr/sbin:$PATH
fi

timeout -k 5 60 python3 - <<'PY'
import atexit
import http.server
import signal
import socket
import subprocess
import sys
import threading
import time


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


print(subprocess.run(["haproxy", "-v"], capture_output=True, text=True).stdout.splitlines()[0].rpartition(" - ")[0])
upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
upstream.handle_error = lambda *_: None  # haproxy resets the connections behind it
threading.Thread(target=upstream.serve_forever, daemon=True).start()
port = free_port()
with open("haproxy.cfg", "w") as out:
    out.write(f"""
global
  maxconn 20
defaults
  mode http
  timeout connect 5s
  timeout server 20s
  timeout client 20s
  timeout http-request 1s
  timeout http-keep-alive 1s
listen front
  bind 127.0.0.1:{port}
  server one 127.0.0.1:{upstream.server_port}
""")
process = subprocess.Popen(["haproxy", "-db", "-f", "haproxy.cfg"])
atexit.register(lambda: (process.terminate(), process.wait(10)))
signal.signal(signal.SIGTERM, lambda *_: sys.exit("took too long"))
for _ in range(50):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        break
    except OSError:
        time.sleep(0.1)


def statuses(*pieces):
    """Sends these pieces, waits for the end of the connection, and tells the status of all that came."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.3)
        received = b""
        while more := connection.recv(65536):
            received += more
    return [int(line.split()[1]) for line in received.splitlines() if line.startswith(b"HTTP/1.")]


def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        sys.exit(f"CHANGED, this was {wanted}")


request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
expect("nothing is sent", statuses(), [408])
expect("a request, then nothing", statuses(request), [200])
expect("two requests, then nothing", statuses(request, request), [200, 200])
expect("a request, then a part of one", statuses(request, request[:9]), [200, 408])
print("as described: 408 before the first request, silence after it")
PY
