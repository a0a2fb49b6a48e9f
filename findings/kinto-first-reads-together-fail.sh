#!/usr/bin/env bash
# Kinto on PostgreSQL: reads of a new collection that come at the same moment are answered 500.
#
# One would expect that a GET reads, and that readers do not disturb each other. What happens: the first read of a
# collection without records makes its timestamp, the later ETag, by an INSERT. Of several first reads at once, one
# succeeds, and others are answered 500 "A programmatic error occurred": their INSERTs break a unique constraint. Each
# of them gets 200 when it asks again. The same after a collection was deleted and made anew.
#
# Who starts several readers together with a new collection, as a deployment does, sees 500s without any fault in sight;
# a replica or a test has to ask again before it believes a 500.
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
url = serve(database)
collection = f"{url}/buckets/b/collections/c"
ask("PUT", f"{url}/buckets/b").raise_for_status()


failures = set()


class Failures(logging.Handler):
    def emit(self, record):
        if record.exc_info:
            failures.add(f"{record.exc_info[0].__name__}: {record.exc_info[1]}")


logging.disable(logging.NOTSET)
logging.getLogger().handlers = [Failures(logging.ERROR)]


def first_reads(readers):
    """The statuses of so many first reads at once."""
    seen, gate = [], threading.Barrier(readers)

    def read():
        gate.wait()
        seen.append(ask("GET", f"{collection}/records").status_code)

    threads = [threading.Thread(target=read) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


alone, together, again = set(), set(), set()
for _ in range(40):
    for readers, statuses in ((1, alone), (4, together)):
        ask("DELETE", collection)
        ask("PUT", collection).raise_for_status()
        statuses.update(first_reads(readers))
    again.add(ask("GET", f"{collection}/records").status_code)
expect("40 times, a first read by itself", sorted(alone), [200])
expect("40 times, four first reads at once", sorted(together), [200, 500])
expect("what failed in Kinto", sorted(failures), ["TypeError: unsupported operand type(s) for /: 'NoneType' and 'float'"])
expect("a read after those", sorted(again), [200])
print("as described: several first reads at once are answered 200 and 500")
PY
