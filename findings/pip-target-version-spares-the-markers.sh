#!/usr/bin/env bash
# pip install --python-version X --dry-run --report: what it lists is for the interpreter that runs pip, not for X.
#
# One would expect `--python-version 3.11.2` to resolve for Python 3.11.2: wheels are chosen by it, and so is what
# Requires-Python lets through. Environment markers are not. redis 8.1.0 needs async-timeout where python_full_version
# is below 3.11.3; whether it is listed depends on the interpreter that runs pip alone, and the report's own
# `environment` says which that is.
#
# Who makes a lock for another machine so, or takes the `pip freeze` of a newer patch release of the same Python 3.11,
# has one package too few: with --no-deps it installs without a word, and only `pip check`, or an import, tells.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_DEFAULT_TIMEOUT=15
python3 -m venv "$work/venv"
timeout 150 "$work/venv/bin/pip" install -q pip==26.3

for target in 3.11.2 3.11.9 3.13.0; do
  timeout 120 "$work/venv/bin/pip" install -q --dry-run --ignore-installed --only-binary=:all: --target "$work/target" \
    --python-version "$target" --report "$work/$target.json" redis==8.1.0
done

timeout 60 "$work/venv/bin/python" - "$work" <<'PY'
import json
import platform
import sys
from pathlib import Path

running = platform.python_version()
parts = tuple(int(part) for part in running.split(".")[:3] if part.isdigit())
wanted = ["async-timeout", "redis"] if parts < (3, 11, 3) else ["redis"]
print(f"pip 26.3 run by Python {running}")
for target in ("3.11.2", "3.11.9", "3.13.0"):
    report = json.loads((Path(sys.argv[1]) / f"{target}.json").read_text())
    listed = sorted(one["metadata"]["name"] for one in report["install"])
    said = report["environment"]["python_full_version"]
    print(f"--python-version {target}: {listed}, environment {said}")
    if listed != wanted or said != running:
        sys.exit(f"CHANGED, this was {wanted} and {running}")
print("as described: markers are those of the running interpreter")
PY
