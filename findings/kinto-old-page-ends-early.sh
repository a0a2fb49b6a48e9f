#!/usr/bin/env bash
# Kinto 11.2.1: a full page without Next-Page, although more follows.
#
# One would expect the last page of a listing to be the one that has no Next-Page. What happens: the header is given
# only while fewer objects were listed than there are live ones, and with `_since` the tombstones are listed too.
# Ascending, a full page ends the listing, and the newest tombstones and records are never shown. (26.5.0 gives the
# header there.)
#
# Who replicates data from such a server by following Next-Page loses the newest changes, and takes the list for
# whole. A full page has to be asked for its successor, whatever the header says.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_DEFAULT_TIMEOUT=15
python3 -m venv "$work/venv"
timeout 150 xargs -P 6 -n 8 "$work/venv/bin/pip" install -q --no-deps <<'PINS'
attrs==26.1.0 bcrypt==5.0.0 certifi==2026.10.18 charset-normalizer==3.5.2 colander==2.0 colorama==0.4.6
cornice-swagger==1.0.1 cornice==6.1.0 dockerflow==2026.3.4 hupper==1.12.1 idna==3.20 iso8601==2.1.0 jsonpatch==1.48
jsonpointer==3.12 jsonschema-specifications==2025.9.1 jsonschema==4.26.0 kinto==11.2.1 logging-color-formatter==1.1.0
PasteDeploy==3.1.0 plaster-pastedeploy==1.0.1 plaster==1.1.2 pyramid-multiauth==0.9.0 pyramid==1.10.8 pyramid_tm==2.6
python-dateutil==4.0.0 referencing==0.37.0 requests==2.34.2 rpds-py==2026.9.1 setuptools==65.5.0 six==1.17.0
transaction==5.1 translationstring==1.4 typing_extensions==4.16.0 tzdata==2026.6 ujson==6.1.0 urllib3==2.8.0
venusian==3.1.1 waitress==3.0.2 WebOb==1.8.11 zope.deprecation==6.0 zope.interface==8.7
PINS

cd "$work"
timeout -k 5 90 venv/bin/python -W ignore - <<'PY'
import logging
import sys
import threading
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


print("Kinto", version("kinto"))
url = serve()
ask("PUT", f"{url}/buckets/b").raise_for_status()
ask("PUT", f"{url}/buckets/b/collections/c").raise_for_status()
records = f"{url}/buckets/b/collections/c/records"
for n in range(8):
    ask("PUT", f"{records}/r{n}", {"n": n}).raise_for_status()
for n in range(4):
    ask("DELETE", f"{records}/r{n}").raise_for_status()
ask("PUT", f"{records}/r4", {"n": "the newest"}).raise_for_status()

whole = [one["id"] for one in ask("GET", f"{records}?_since=0&_sort=last_modified").json()["data"]]
expect("the whole list", whole, ["r5", "r6", "r7", "r0", "r1", "r2", "r3", "r4"])
page = ask("GET", f"{records}?_since=0&_sort=last_modified&_limit=5")
expect("the first page of five", [one["id"] for one in page.json()["data"]], ["r5", "r6", "r7", "r0", "r1"])
expect("its Next-Page", page.headers.get("Next-Page"), None)
expect("its Total-Records, of the live ones", page.headers["Total-Records"], "4")
last = page.json()["data"][-1]["last_modified"]
rest = ask("GET", f"{records}?_since={last}&_sort=last_modified&_limit=5").json()["data"]
expect("what follows it all the same", [one["id"] for one in rest], ["r2", "r3", "r4"])
print("as described: three changes, the newest record among them, come after the last page")
PY
