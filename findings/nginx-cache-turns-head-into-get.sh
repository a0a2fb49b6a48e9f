#!/usr/bin/env bash
# nginx before Kinto: `proxy_cache` makes every HEAD a GET, and the count of a list disappears.
#
# One would expect HEAD to reach the server as it is, and a cache to matter only for what may be cached. What happens:
# with `proxy_cache` nginx asks its upstream by GET for every HEAD (`proxy_cache_convert_head`, on by default), also
# for answers that say no-store. Kinto gives Total-Objects on HEAD only, so that the header is missing while the
# status is 200; the whole list is computed and sent for it.
#
# Who replicates data and compares counts by HEAD must not take a missing header for 0, and can ask within a batch.
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

results = []
for directive in ("", "proxy_cache_convert_head off;"):
    direct, front = nginx("proxy_cache_path cache keys_zone=one:1m;", f"proxy_cache one; {directive}")
    ask("PUT", f"{direct}/buckets/b").raise_for_status()
    ask("PUT", f"{direct}/buckets/b/collections/c").raise_for_status()
    path = "/buckets/b/collections/c/records"
    for n in range(3):
        ask("PUT", f"{direct}{path}/r{n}", {"n": n}).raise_for_status()
    straight, through = ask("HEAD", direct + path), ask("HEAD", front + path)
    expect("Cache-Control", straight.headers["Cache-Control"], "no-cache, no-store")
    expect("straight: Total-Objects", (straight.status_code, straight.headers.get("Total-Objects")), (200, "3"))
    expect(f"with proxy_cache; {directive}", (through.status_code, through.headers.get("Total-Objects")),
           (200, "3" if directive else None))
batch = {"requests": [{"method": "HEAD", "path": path}]}
answer = requests.post(f"{front}/batch", json=batch, auth=("alice", "pw"), timeout=20).json()["responses"][0]
expect("HEAD inside POST /batch", answer["headers"].get("Total-Objects"), "3")
print("as described: HEAD is answered 200 without the count")
PY
