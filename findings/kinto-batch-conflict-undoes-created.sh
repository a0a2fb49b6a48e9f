#!/usr/bin/env bash
# Kinto on PostgreSQL: a 409 inside a batch undoes the requests before it, which were answered 201.
#
# One would expect each answer of a batch to hold for its own request, or all of them to be undone together. What
# happens: a clash of two stamps rolls back what came before it and lets the rest go on. Three PUTs answer 201, 409,
# 201, and of the two that "succeeded" only the last is stored. In memory all three are.
#
# Who replicates data in batches and counts a 201 as written loses records without an error: after a 409 everything
# before it in the batch has to be sent again.
set -euo pipefail

work=$(mktemp -d)
postgres=
finish() {
  if [ -n "$postgres" ]; then kill -INT "$postgres" 2>/dev/null || true; wait "$postgres" || true; fi
  rm -rf "$work"
}
trap finish EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_DEFAULT_TIMEOUT=15
python3 -m venv "$work/venv"
timeout 150 xargs -P 6 -n 8 "$work/venv/bin/pip" install -q --no-deps <<'PINS'
attrs==26.1.0 bcrypt==5.0.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 colander==2.0 colorama==0.4.6
dockerflow==2026.3.4 hupper==1.12.1 idna==3.20 iso8601==2.1.0 jsonpatch==1.48 jsonpointer==3.12
jsonschema-specifications==2025.9.1 jsonschema==4.26.0 kinto==26.5.0 logging-color-formatter==1.1.0 packaging==26.4
PasteDeploy==3.1.0 plaster-pastedeploy==1.0.1 plaster==1.1.2 psycopg2-binary==2.9.13 pyramid==2.1
pyramid_multiauth==1.1.0 pyramid_tm==2.6 python-dateutil==4.0.0 python-rapidjson==1.25 referencing==0.37.0
requests==2.34.2 rpds-py==2026.9.1 six==1.17.0 SQLAlchemy==2.1.9 transaction==5.1 translationstring==1.4
typing_extensions==4.16.0 tzdata==2026.6 urllib3==2.8.0 venusian==3.1.1 waitress==3.0.2 WebOb==1.8.11
zope.deprecation==6.0 zope.interface==8.7 zope.sqlalchemy==4.1
PINS

# A PostgreSQL of our own, on a socket in the temporary folder. It refuses to run as root.
bin=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin | sort -V | tail -n 1)
mkdir "$work/pg"
as=()
if [ "$(id -u)" = 0 ]; then
  chmod 711 "$work"
  chown postgres "$work/pg"
  as=(setpriv --reuid=postgres --regid=postgres --clear-groups --)
fi
cd "$work"
"${as[@]}" "$bin/initdb" -D "$work/pg/data" -U kinto -A trust -E UTF8 --locale=C.UTF-8 --no-sync >initdb.log
"${as[@]}" "$bin/postgres" -D "$work/pg/data" -c listen_addresses= -c unix_socket_directories="$work/pg" \
  -c timezone=UTC -c fsync=off -c autovacuum=off >postgres.log 2>&1 &
postgres=$!
for _ in $(seq 100); do
  if "$bin/pg_isready" -q -h "$work/pg" -U kinto; then break; fi
  sleep 0.2
done
"$bin/postgres" --version

timeout -k 5 90 venv/bin/python -W ignore - "$work/pg" <<'PY'
import logging
import sys
import threading
from importlib.metadata import version

import kinto
import requests
import waitress
from kinto.core.scripts import migrate

logging.disable()


def serve(url=None, **settings):
    """A Kinto in memory or on that database, on a free port of the loopback."""
    backend = "postgresql" if url else "memory"
    settings = {"bucket_create_principals": "system.Authenticated", "multiauth.policies": "basicauth",
                "userid_hmac_secret": "a secret"} | settings
    for role in ("storage", "permission", "cache"):
        settings |= {f"{role}_backend": f"kinto.core.{role}.{backend}"} | ({f"{role}_url": url} if url else {})
    app = kinto.main({}, **settings)
    migrate({"registry": app.registry})
    server = waitress.create_server(app, host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    return f"http://127.0.0.1:{server.effective_port}/v1"


def ask(method, url, data=None, user="alice", password="pw", **more):
    body = {} if data is None else {"json": {"data": data}}
    return requests.request(method, url, auth=(user, password), timeout=20, **body, **more)


def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        sys.exit(f"CHANGED, this was {wanted}")


database = f"postgresql://kinto@/postgres?host={sys.argv[1]}"

print("Kinto", version("kinto"))
for backend, url, answers, stored in (
        ("memory", serve(), [201, 201, 201], ["clash", "first", "last", "there"]),
        ("PostgreSQL", serve(database), [201, 409, 201], ["last", "there"])):
    ask("PUT", f"{url}/buckets/b").raise_for_status()
    ask("PUT", f"{url}/buckets/b/collections/c").raise_for_status()
    path = "/buckets/b/collections/c/records"
    ask("PUT", f"{url}{path}/there", {"last_modified": 1500000000000}).raise_for_status()
    puts = [("first", {}), ("clash", {"last_modified": 1500000000000}), ("last", {})]
    batch = {"requests": [{"method": "PUT", "path": f"{path}/{name}", "body": {"data": data}} for name, data in puts]}
    answer = requests.post(f"{url}/batch", json=batch, auth=("alice", "pw"), timeout=20)
    expect(f"{backend}, the batch", answer.status_code, 200)
    expect(f"{backend}, its three answers", [one["status"] for one in answer.json()["responses"]], answers)
    listed = ask("GET", url + path).json()["data"]
    expect(f"{backend}, stored afterwards", sorted(one["id"] for one in listed), stored)
print("as described: the first PUT of the batch was answered 201 and is not there")
PY
