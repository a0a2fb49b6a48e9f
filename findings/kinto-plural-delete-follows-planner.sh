#!/usr/bin/env bash
# Kinto on PostgreSQL: the order in which one plural DELETE stamps its tombstones changes with the planner's
# statistics.
#
# One would expect the tombstones of `DELETE .../records` in one fixed order: that of the ids, of the old stamps, or
# of the listing. What happens: the stamps follow the order in which PostgreSQL's join gives out the rows. The same
# request on the same 60 records stamps them the other way round once the table was analysed, which autovacuum does by
# itself.
#
# Who replicates data may not tie anything to the order of deletions, and a test that does passes or fails with the
# moment at which autovacuum came by.
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

base = f"{serve(database)}/buckets/b"
ids = [f"r{n:02}" for n in range(60)]


def stamp_order(collection, analyse):
    """The ids in the order of the stamps that a plural DELETE gave them."""
    ask("PUT", f"{base}/collections/{collection}").raise_for_status()
    records = f"{base}/collections/{collection}/records"
    for name in ids:
        ask("PUT", f"{records}/{name}", {}).raise_for_status()
    if analyse:
        connection = psycopg2.connect(database)
        connection.autocommit = True
        connection.cursor().execute("ANALYZE objects")
        connection.close()
    ask("DELETE", records).raise_for_status()
    tombstones = ask("GET", f"{records}?_since=0&_sort=last_modified").json()["data"]
    assert all(tombstone["deleted"] for tombstone in tombstones)
    return [tombstone["id"] for tombstone in tombstones]


print("Kinto", version("kinto"), "psycopg2", psycopg2.__version__)
ask("PUT", base).raise_for_status()
before, after = stamp_order("one", analyse=False), stamp_order("two", analyse=True)
print("without statistics:", *before[:3], "...", before[-1])
print("after ANALYZE:     ", *after[:3], "...", after[-1])
expect("the same records were deleted", sorted(before) == sorted(after) == ids, True)
expect("they were stamped in the same order", before == after, False)
print("as described: ANALYZE alone changed the order of the stamps")
PY
