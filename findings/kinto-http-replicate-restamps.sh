#!/usr/bin/env bash
# kinto-http's replicate(): a second run leaves deleted records on the copy and gives the others new stamps.
#
# One would expect `kinto_http.replication.replicate(origin, destination)` to make the destination equal to the
# origin, and to change nothing the second time. The first run does: ids and stamps are equal. The second re-stamps
# every record although none changed, since Kinto takes a last_modified that is not newer for none. It removes nothing
# that the origin deleted: its branch for tombstones waits for `deleted: true` in a listing that asks for none.
#
# Who replicates data with it gets a copy whose ETag moves with each run, and in which nothing ever disappears.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_DEFAULT_TIMEOUT=15
python3 -m venv "$work/venv"
timeout 150 xargs -P 6 -n 8 "$work/venv/bin/pip" install -q --no-deps <<'PINS'
attrs==26.1.0 backoff==2.2.1 bcrypt==5.0.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 colander==2.0
colorama==0.4.6 dockerflow==2026.3.4 hupper==1.12.1 idna==3.20 iso8601==2.1.0 jsonpatch==1.48 jsonpointer==3.12
jsonschema-specifications==2025.9.1 jsonschema==4.26.0 kinto-http==11.11.0 kinto==26.5.0
logging-color-formatter==1.1.0 packaging==26.4 PasteDeploy==3.1.0 plaster-pastedeploy==1.0.1 plaster==1.1.2
pyramid==2.1 pyramid_multiauth==1.1.0 pyramid_tm==2.6 python-dateutil==4.0.0 python-rapidjson==1.25
referencing==0.37.0 requests==2.34.2 rpds-py==2026.9.1 six==1.17.0 transaction==5.1 translationstring==1.4
typing_extensions==4.16.0 tzdata==2026.6 Unidecode==1.4.0 urllib3==2.8.0 venusian==3.1.1 waitress==3.0.2 WebOb==1.8.11
zope.deprecation==6.0 zope.interface==8.7
PINS

cd "$work"
timeout -k 5 90 venv/bin/python -W ignore - <<'PY'
import logging
import sys
import threading
from importlib.metadata import version

import kinto
import kinto_http
import requests
import waitress
from kinto_http.replication import replicate

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


def stamps(client):
    return {record["id"]: record["last_modified"] for record in client.get_records()}


print("Kinto", version("kinto"), "kinto-http", version("kinto-http"))
origin, destination = (kinto_http.Client(server_url=serve(), auth=("alice", "pw"), bucket="b", collection="c")
                       for _ in range(2))
origin.create_bucket()
origin.create_collection()
for name in ("changed-never", "deleted-later"):
    origin.create_record(id=name, data={"n": 1})
replicate(origin, destination)
first = stamps(destination)
expect("after the first run both are equal", first == stamps(origin), True)

origin.delete_record(id="deleted-later")
replicate(origin, destination)
second = stamps(destination)
expect("the destination after the second run", sorted(second), ["changed-never", "deleted-later"])
expect("the origin", sorted(stamps(origin)), ["changed-never"])
print("the stamp of the unchanged record:", first["changed-never"], "then", second["changed-never"])
expect("it was kept", second["changed-never"] == stamps(origin)["changed-never"], False)
print("as described: the deletion was not copied, and the unchanged record has a new stamp")
PY
