#!/usr/bin/env bash
# Kinto: a DELETE with `?last_modified=` keeps that stamp only above the record's own.
#
# One would expect `DELETE .../records/a?last_modified=N` to leave a tombstone at N, as a PUT with `last_modified` leaves
# a record there, or to be refused. What happens: a PUT of a new record may go into the past; a DELETE may not. At the
# record's own stamp or below it the tombstone gets the server's present. The answer is 200, and only its body tells.
#
# Who copies deletions with their stamps to a server whose record stands higher makes tombstones of now, and moves the
# collection's ETag above changes that are still to be copied.
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


def ask(method, url, **body):
    answer = requests.request(method, url, auth=("alice", "pw"), timeout=20, json=body or None)
    answer.raise_for_status()
    return answer.json()["data"]


def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        sys.exit(f"CHANGED, this was {wanted}")


print("Kinto", version("kinto"))
collection = f"{serve()}/buckets/b/collections/c"
ask("PUT", collection.rsplit("/", 2)[0])
ask("PUT", collection)
OLD = 1_000_000_000_000


def deleted(name, own, asked):
    """Where the tombstone stands of a record that stood at `own`."""
    record = f"{collection}/records/{name}"
    stored = ask("PUT", record, data={"last_modified": own})["last_modified"]
    expect(f"{name}: the record is stored at the stamp that was sent", stored, own)
    return ask("DELETE", f"{record}?last_modified={asked}")["last_modified"]


expect("above its own: as asked", deleted("above", OLD, OLD + 5) - OLD, 5)
began = int(time.time() * 1000)
expect("at its own: the present", deleted("equal", OLD - 50, OLD - 50) >= began, True)
expect("below its own: the present", deleted("below", OLD - 20, OLD - 30) >= began, True)
print("as described: only a stamp above the record's own is kept")
PY
