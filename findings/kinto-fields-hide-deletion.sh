#!/usr/bin/env bash
# Kinto: with `_fields=id,last_modified` a tombstone looks exactly like a live record.
#
# One would expect the mark of a tombstone to be shown whichever fields are asked for, as id and last_modified are.
# What happens: `deleted` is filtered like any other member. The listing of changes says that a deleted record has a
# new stamp, and nothing else. It has to be named: `_fields=deleted`.
#
# Who replicates data and compares lists by id and stamp, to save bytes, keeps or re-creates what was deleted.
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
for name in ("gone", "live"):
    ask("PUT", f"{records}/{name}", {"n": 1}).raise_for_status()
ask("DELETE", f"{records}/gone").raise_for_status()
for query, gone in (("", ["deleted", "id", "last_modified"]), ("&_fields=id,last_modified", ["id", "last_modified"]),
                    ("&_fields=deleted", ["deleted", "id", "last_modified"])):
    listed = {one["id"]: sorted(one) for one in ask("GET", f"{records}?_since=0{query}").json()["data"]}
    expect(f"_since=0{query}, members of the tombstone", listed["gone"], gone)
    if query == "&_fields=id,last_modified":
        expect("and those of the live record", listed["live"], gone)
print("as described: without its name in _fields, nothing tells that a record was deleted")
PY
