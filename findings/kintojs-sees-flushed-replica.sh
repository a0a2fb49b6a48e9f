#!/usr/bin/env bash
# kinto.js 17.1.1: a client that moves to an equal replica is told that "Server has been flushed".
#
# One would expect a client to go on syncing when it is sent to another server with the same records and stamps. What
# happens: on the replica the collection was created later, and its ETag is about the moment of creation, above all
# stamps that were copied into it. kinto.js asks for what changed since its last ETag, gets an empty list under a
# higher ETag, and takes this for a server that lost everything: sync() throws ServerWasFlushedError, each time.
#
# Who replicates data for such readers and switches them over breaks their sync, although nothing is missing anywhere.
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
timeout 120 npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error \
  kinto@17.1.1 btoa@1.2.1 fake-indexeddb@6.2.5 playwright@1.49.1 uuid@13.0.0

cd "$work"
cat >sync.cjs <<'JS'
// Two syncs with each of two servers, in one local store.
require("fake-indexeddb/auto");
const Kinto = require("kinto").default;
const [first, second] = process.argv.slice(2);
const headers = { Authorization: "Basic " + Buffer.from("alice:pw").toString("base64") };
(async () => {
  const collection = new Kinto({ bucket: "b", headers }).collection("c");
  for (const remote of [first, first, second, second]) {
    try {
      const result = await collection.sync({ remote });
      console.log(`synced, ${result.created.length} created`);
    } catch (error) {
      console.log(error.constructor.name);
    }
  }
})();
JS
timeout -k 5 90 venv/bin/python -W ignore - <<'PY'
import json
import logging
import subprocess
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


def ask(method, url, data=None, user="alice", password="pw", **more):
    body = {} if data is None else {"json": {"data": data}}
    return requests.request(method, url, auth=(user, password), timeout=20, **body, **more)


def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        sys.exit(f"CHANGED, this was {wanted}")


print("Kinto", version("kinto"), "kinto.js", json.load(open("node_modules/kinto/package.json"))["version"])
stores = [serve(), serve()]
sent = {"n": 1}
for url in stores:
    ask("PUT", f"{url}/buckets/b").raise_for_status()
    ask("PUT", f"{url}/buckets/b/collections/c").raise_for_status()
    records = f"{url}/buckets/b/collections/c/records"
    if url == stores[1]:  # the replica, a moment later
        time.sleep(0.2)
        ask("GET", records).raise_for_status()
    sent = ask("PUT", f"{records}/r", sent).json()["data"]
lists = [ask("GET", f"{url}/buckets/b/collections/c/records") for url in stores]
expect("the records and their stamps are equal", lists[0].json() == lists[1].json(), True)
expect("the replica's ETag is higher", lists[1].headers["ETag"] > lists[0].headers["ETag"], True)

done = subprocess.run(["node", "sync.cjs", *stores], capture_output=True, text=True, timeout=60)
print(done.stderr, end="", file=sys.stderr)
said = done.stdout.splitlines()
expect("sync with the first server", said[:2], ["synced, 1 created", "synced, 0 created"])
expect("sync with the replica", said[2:], ["ServerWasFlushedError", "ServerWasFlushedError"])
print("as described: an equal replica with a higher ETag counts as flushed")
PY
