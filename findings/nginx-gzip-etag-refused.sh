#!/usr/bin/env bash
# nginx before Kinto: the ETag that a client was just given is refused with 400 when it is sent back.
#
# One would expect an ETag to work in If-None-Match (304) and If-Match, or to fail as a precondition (412). What
# happens: where nginx compresses an answer it turns Kinto's "N" into the weak W/"N", as HTTP wants it, and passes
# W/"N" of a request on as it is. Kinto takes nothing but an integer between quotes: 400, invalid parameters, for
# reads and writes. The same client without Accept-Encoding, as most tests are, sees nothing of it.
#
# Who replicates data through such a front end has to send the integer alone, or each poll and each guarded write
# fails.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_DEFAULT_TIMEOUT=15
python3 -m venv "$work/venv"
timeout 150 xargs -P 6 -n 8 "$work/venv/bin/pip" install -q --no-deps <<'PINS'
attrs==26.1.0 bcrypt==5.0.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 colander==2.0 colorama==0.4.6
dockerflow==2026.3.4 hupper==1.12.1 idna==3.20 iso8601==2.1.0 jsonpatch==1.48 jsonpointer==3.12
jsonschema-specifications==2025.9.1 jsonschema==4.26.0 kinto==26.5.0 logging-color-formatter==1.1.0 packaging==26.4
PasteDeploy==3.1.0 plaster-pastedeploy==1.0.1 plaster==1.1.2 pyramid==2.1 pyramid_multiauth==1.1.0 pyramid_tm==2.6
python-dateutil==4.0.0 python-rapidjson==1.25 referencing==0.37.0 requests==2.34.2 rpds-py==2026.9.1 six==1.17.0
transaction==5.1 translationstring==1.4 typing_extensions==4.16.0 tzdata==2026.6 urllib3==2.8.0 venusian==3.1.1
waitress==3.0.2 WebOb==1.8.11 zope.deprecation==6.0 zope.interface==8.7
PINS

cd "$work"
timeout -k 5 90 venv/bin/python -W ignore - <<'PY'
import atexit
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from importlib.metadata import version

import kinto
import requests
import waitress

logging.disable()


def serve(**settings):
    """A Kinto on a free port of the loopback."""
    settings = {"bucket_create_principals": "system.Authenticated", "multiauth.policies": "basicauth",
                "userid_hmac_secret": "a secret"} | settings
    for role in ("storage", "permission", "cache"):
        settings[f"{role}_backend"] = f"kinto.core.{role}.memory"
    server = waitress.create_server(kinto.main({}, **settings), host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    return f"http://127.0.0.1:{server.effective_port}/v1"


def ask(method, url, data=None, user="alice", password="pw", **more):
    body = {} if data is None else {"json": {"data": data}}
    return requests.request(method, url, auth=(user, password), timeout=20, **body, **more)


def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        sys.exit(f"CHANGED, this was {wanted}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def nginx(outside, inside):
    """An nginx of one process before a new Kinto; returns the URLs of both."""
    direct, port, folder = serve(), free_port(), os.getcwd()
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    with open("nginx.conf", "w") as out:
        out.write(f"""daemon off; master_process off; pid {folder}/nginx.pid; events {{}}
            http {{ access_log off; {temporary} {outside} server {{ listen 127.0.0.1:{port};
            location / {{ proxy_pass {direct.removesuffix("/v1")}; {inside} }} }} }}""")
    process = subprocess.Popen(["nginx", "-p", folder, "-c", "nginx.conf", "-e", "nginx.log"])
    atexit.register(lambda: (process.terminate(), process.wait(10)))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("took too long"))
    for _ in range(50):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return direct, f"http://127.0.0.1:{port}/v1"
        except OSError:
            time.sleep(0.1)
    sys.exit("nginx does not listen")


print("Kinto", version("kinto"), subprocess.run(["nginx", "-v"], capture_output=True, text=True).stderr.strip())

direct, front = nginx("gzip on; gzip_types application/json; gzip_proxied any; gzip_min_length 1;", "")
ask("PUT", f"{direct}/buckets/b").raise_for_status()
ask("PUT", f"{direct}/buckets/b/collections/c").raise_for_status()
path = "/buckets/b/collections/c/records"
ask("PUT", f"{direct}{path}/r", {"text": "long enough to be compressed " * 9}).raise_for_status()


def session(url, coding):
    """Polls and puts a record with the ETag that it was given; tells whether that was weak, and both statuses."""
    headers = {"Accept-Encoding": coding}
    etag = ask("GET", url + path, headers=headers).headers["ETag"]
    poll = ask("GET", url + path, headers=headers | {"If-None-Match": etag})
    write = ask("PUT", f"{url}{path}/r", {"n": 1}, headers=headers | {"If-Match": etag})
    ask("PUT", f"{direct}{path}/r", {"text": "long enough to be compressed " * 9}).raise_for_status()
    return etag.startswith("W/"), poll.status_code, write.status_code


expect("straight, gzip wanted: weak, poll, write", session(direct, "gzip"), (False, 304, 200))
expect("through nginx, gzip not wanted", session(front, "identity"), (False, 304, 200))
expect("through nginx, gzip wanted", session(front, "gzip"), (True, 400, 400))
etag = ask("GET", front + path, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
strong = ask("GET", front + path, headers={"Accept-Encoding": "gzip", "If-None-Match": etag.removeprefix("W/")})
expect("through nginx, with the weak mark taken off", strong.status_code, 304)
print("as described: 400 for the ETag that nginx had weakened")
PY
