#!/usr/bin/env bash
# Kinto: a record that was created just now can be invisible to `If-None-Match` and to `_since`.
#
# One would expect an ETag to change with every change of the list. What happens: a client may give a record a
# last_modified of its own; a stamp below the collection's is kept, and the collection's ETag stays. A reader that
# polls with the ETag gets 304, one that polls with `_since` gets an empty list, for ever, while the record is there.
#
# Who replicates data by ETag and `_since` alone never sees what is imported, restored or replicated under old stamps;
# only a comparison of the whole lists shows it.
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
ask("PUT", f"{records}/first", {}).raise_for_status()
etag = ask("GET", records).headers["ETag"]

answer = ask("PUT", f"{records}/imported", {"last_modified": 1500000000000})
expect("PUT under an old stamp", (answer.status_code, answer.json()["data"]["last_modified"]), (201, 1500000000000))
expect("GET with If-None-Match", ask("GET", records, headers={"If-None-Match": etag}).status_code, 304)
since = ask("GET", f"{records}?_since={etag.strip(chr(34))}")
expect("GET with _since", (since.status_code, since.json()["data"], since.headers["ETag"] == etag), (200, [], True))
listed = ask("GET", records).json()["data"]
expect("GET of the whole list", sorted(one["id"] for one in listed), ["first", "imported"])
print("as described: 304 and an empty list of changes, although the list changed")
PY
