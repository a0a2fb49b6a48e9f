#!/usr/bin/env bash
# Kinto: a batch reads its one Accept header anew for each part, three times each.
#
# One would expect `Accept: application/json` to cost nothing with a server that speaks JSON alone. What happens: the
# parts of a batch inherit the header, and for each of them WebOb parses it three times and negotiates by its regular
# expressions. A batch of 25 PUTs makes 75 parses with the header and none without it, and about 5% more calls of
# Python functions in all; the answers are the same. In a load over loopback that was 4 to 7% of the server's time.
#
# Who sends batches to Kinto leaves the header out.
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
import cProfile
import json
import logging
import pstats
import sys
from importlib.metadata import version

import kinto
import webob

logging.disable()
settings = {"bucket_create_principals": "system.Authenticated", "multiauth.policies": "basicauth", "userid_hmac_secret": "x"}
for role in ("storage", "permission", "cache"):
    settings[f"{role}_backend"] = f"kinto.core.{role}.memory"
app = kinto.main({}, **settings)


def ask(method, path, body=None, accept=None):
    request = webob.Request.blank(f"/v1{path}", method=method)
    request.authorization = ("Basic", "YTpi")
    if body is not None:
        request.content_type, request.body = "application/json", json.dumps(body).encode()
    if accept:
        request.headers["Accept"] = accept
    return request.get_response(app)


def batch(prefix):
    path = "/buckets/b/collections/c/records"
    return {"requests": [{"method": "PUT", "path": f"{path}/{prefix}-{n}", "body": {"data": {"n": n}}} for n in range(25)]}


def calls(prefix, accept):
    """Parses of an Accept header, and calls of functions in all, in one batch of 25 PUTs."""
    ask("POST", "/batch", batch(f"{prefix}-warm"), accept)
    profile = cProfile.Profile()
    answer = profile.runcall(ask, "POST", "/batch", batch(prefix), accept)
    statuses = {part["status"] for part in answer.json["responses"]}
    if statuses != {201}:
        sys.exit(f"CHANGED, the parts are answered {statuses}, not 201")
    stats = pstats.Stats(profile)
    parses = sum(seen[0] for (file, _, name), seen in stats.stats.items() if file.endswith("acceptparse.py") and name == "parse")
    return parses, stats.total_calls


ask("PUT", "/buckets/b")
ask("PUT", "/buckets/b/collections/c")
print("kinto", version("kinto"), "WebOb", version("WebOb"), "pyramid", version("pyramid"))
without, all_without = calls("without", None)
parsed, all_with = calls("with", "application/json")
print(f"parses of Accept in a batch of 25 parts: {without} without the header, {parsed} with it")
print(f"calls of functions: {all_without} and {all_with}, {all_with / all_without:.3f} times")
if (without, parsed) != (0, 75) or all_with < 1.03 * all_without:
    sys.exit("CHANGED, these were 0 and 75 parses, and 1.055 times the calls")
PY
