#!/usr/bin/env bash
# Kinto: a PATCH of a group's permissions alone adds a member to its data.
#
# One would expect a group that was made without `members` to have an empty list from the start, or never, and a change of
# permissions to leave the data as they are. What happens: a group that is created without data (PUT or POST with no
# body, or with permissions only) has no `members`; created with any data it has `[]`; and the first PATCH, be it of permissions
# alone, adds `[]` to the stored data.
#
# Who copies groups and compares them member by member finds a difference that the writing of the copy itself has made.
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


def ask(method, url, **body):
    answer = requests.request(method, url, auth=("alice", "pw"), timeout=20, json=body or None)
    answer.raise_for_status()
    return answer.json()["data"]


def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        sys.exit(f"CHANGED, this was {wanted}")


print("Kinto", version("kinto"))
groups = f"{serve()}/buckets/b/groups"
ask("PUT", groups.rsplit("/", 1)[0])
SENT = {"no body": {}, "permissions": {"permissions": {"read": ["system.Everyone"]}}, "data": {"data": {"n": 1}}}
for what, sent in SENT.items():
    name = what.split()[-1]
    ask("PUT", f"{groups}/{name}", **sent)
    expect(f"created with {what}, its members", ask("GET", f"{groups}/{name}").get("members"), [] if what == "data" else None)
before = ask("GET", f"{groups}/body")
ask("PATCH", f"{groups}/body", permissions={"read": ["system.Everyone"]})
after = ask("GET", f"{groups}/body")
expect("before a PATCH of its permissions", "members" in before, False)
expect("and behind it, its members", after.get("members"), [])
expect("with a new stamp", after["last_modified"] > before["last_modified"], True)
print("as described: the data have changed with the permissions")
PY
