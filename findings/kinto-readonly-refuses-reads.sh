#!/usr/bin/env bash
# Kinto: a read-only node refuses a batch of GETs with 405, and some lists with 503 until somebody asks a writable
# node for them.
#
# One would expect a node with `kinto.readonly` to serve every read. What happens: POST /batch is refused as a whole,
# even if it only reads. A list that was never asked for on a writable node of the same database answers 503 with
# Retry-After, however often it is tried again, since its first reader has to write a row; the collection itself
# answers 200. One GET of the list on the writable node cures it.
#
# Who replicates from a read-only node cannot batch his reads, and the retry that Retry-After promises never succeeds.
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
import time
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
writable, readonly = serve(database), serve(database, readonly="true")
ask("PUT", f"{writable}/buckets/b").raise_for_status()
ask("PUT", f"{writable}/buckets/b/collections/c").raise_for_status()
collection = "/buckets/b/collections/c"

reads = {"requests": [{"method": "GET", "path": "/buckets/b"}]}
batch = requests.post(f"{readonly}/batch", json=reads, auth=("alice", "pw"), timeout=20)
expect("a batch of one GET", batch.status_code, 405)
expect("the same GET alone", ask("GET", f"{readonly}/buckets/b").status_code, 200)
expect("a new collection", ask("GET", readonly + collection).status_code, 200)
for attempt in ("its list", "again, after Retry-After"):
    answer = ask("GET", f"{readonly}{collection}/records")
    expect(attempt, (answer.status_code, answer.headers.get("Retry-After")), (503, "3"))
    time.sleep(3.5)
expect("the list on the writable node", ask("GET", f"{writable}{collection}/records").status_code, 200)
expect("now on the read-only one", ask("GET", f"{readonly}{collection}/records").status_code, 200)
print("as described: 405 for reads in a batch, and 503 until a writable node was asked for the list")
PY
