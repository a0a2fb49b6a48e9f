#!/usr/bin/env bash
# Kinto on PostgreSQL: a change can appear below an ETag that was given out before, where `_since` never finds it.
#
# One would expect that whoever polls with `_since` and the ETag of his last answer sees each change once. What
# happens: a stamp is taken when a statement runs, and seen when its transaction commits. A batch that has to wait
# takes an early stamp; a later request commits first, and the reader's ETag is that later one. When the batch
# commits, its record lies below the ETag: `_since` gives nothing and `If-None-Match` 304.
#
# Who replicates data has to ask again from some time before the last ETag, longer than the longest transaction.
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
import psycopg2
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
url = serve(database)
path = "/buckets/b/collections/c/records"
records = url + path
ask("PUT", f"{url}/buckets/b").raise_for_status()
ask("PUT", f"{url}/buckets/b/collections/c").raise_for_status()
ask("PUT", f"{records}/busy", {}).raise_for_status()

# Somebody else holds the row of "busy" for a while, as any slow transaction would.
other = psycopg2.connect(database)
other.cursor().execute("SELECT 1 FROM objects WHERE id = 'busy' FOR UPDATE")
answers = []
batch = {"requests": [{"method": "PUT", "path": f"{path}/{name}", "body": {"data": {"n": 1}}}
                      for name in ("early", "busy")]}
writer = threading.Thread(target=lambda: answers.append(
    requests.post(f"{url}/batch", json=batch, auth=("alice", "pw"), timeout=30)), daemon=True)
writer.start()
watch = psycopg2.connect(database)
watch.autocommit = True
waiting = watch.cursor()
for _ in range(100):
    waiting.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    if waiting.fetchone():
        break
    time.sleep(0.1)
else:
    sys.exit("the batch did not wait")

late = ask("PUT", f"{records}/late", {}).json()["data"]["last_modified"]
polled = ask("GET", f"{records}?_since=0&_sort=last_modified")
etag = polled.headers["ETag"]
expect("a poll meanwhile", [one["id"] for one in polled.json()["data"]], ["busy", "late"])
expect("its ETag is the stamp of the late record", etag == f'"{late}"', True)
other.rollback()
writer.join(30)
statuses = [one["status"] for one in answers[0].json()["responses"]]
early = answers[0].json()["responses"][0]["body"]["data"]["last_modified"]
expect("the batch went on", statuses, [201, 200])
expect(f"the early record's stamp {early} is below the ETag {etag}", early < late, True)
expect("the next poll", ask("GET", f"{records}?_since={late}").json()["data"], [])
expect("with If-None-Match", ask("GET", records, headers={"If-None-Match": etag}).status_code, 304)
listed = ask("GET", records).json()["data"]
expect("the whole list", sorted(one["id"] for one in listed), ["busy", "early", "late"])
print("as described: the early record is there, and no poll from the ETag on finds it")
PY
