#!/usr/bin/python3
"""What a build of kinto-mirror is made of, as CycloneDX 1.5 (JSON), on Debian: sbom.py PROGRAM >kinto-mirror.cdx.json

The libraries that the program loads, those that these load, and those of which it has only headers in it; each as the
Debian package that it came from. Two runs over one build print the same."""

import json
import re
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import quote

# What is compiled into the program: nothing of it is seen in a binary.
HEADERS = ("doctest-dev", "libboost1.81-dev", "libcli11-dev", "libtomlplusplus-dev", "libutfcpp-dev")
FIELDS = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${Homepage}\n"


def run(*args: str) -> str:
    return subprocess.run(args, capture_output=True, text=True, check=True, timeout=60).stdout


def packages_of(files: set[str]) -> set[str]:
    """The packages of these files. Where /lib is a link to /usr/lib, dpkg may know a file by either name."""
    found = set()
    for path in files:
        names = {path, path.removeprefix("/usr"), "/usr" + path.removeprefix("/usr"), str(Path(path).resolve())}
        done = subprocess.run(["dpkg-query", "-S", *names], capture_output=True, text=True, timeout=60)
        owners = {line.split(":", 1)[0] for line in done.stdout.splitlines() if not line.startswith("diversion")}
        if not owners:
            sys.exit(f"sbom.py: {path} belongs to no package of Debian, so that its version is not known")
        found |= owners
    return found


def loaded(program: str) -> set[str]:
    return set(re.findall(r"(?:=> |^\t)(/\S+) \(0x", run("ldd", program), re.MULTILINE))


def release() -> str:
    told = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    return "{ID}-{VERSION_ID}".format_map({key: value.strip('"') for key, value in told.items()})


def component(line: str, how: str) -> dict:
    name, version, architecture, source, homepage = line.split("\t")
    purl = f"pkg:deb/debian/{quote(name)}@{quote(version, safe='~')}?arch={architecture}&distro={release()}"
    if source != name:
        purl += f"&upstream={quote(source)}"
    links = {"externalReferences": [{"type": "website", "url": homepage}]} if homepage else {}
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, **links,
            "properties": [{"name": "kinto-mirror:linked", "value": how}]}


def components(packages: set[str], how: str) -> list[dict]:
    lines = run("dpkg-query", "-W", "-f", FIELDS, *sorted(packages)).splitlines()
    return [component(line, how) for line in sorted(set(lines))]


def installed(packages: tuple[str, ...]) -> set[str]:
    done = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Package}\n", *packages], capture_output=True, text=True,
                          timeout=60)
    return {line.removeprefix("ii ") for line in done.stdout.splitlines() if line.startswith("ii ")}


def bill(program: str) -> dict:
    about = json.loads(run(program, "--version", "--json"))
    parts = components(packages_of(loaded(program)), "at run time") + components(installed(HEADERS), "headers")
    me = f"pkg:generic/kinto-mirror@{about['version']}"
    properties = [{"name": f"kinto-mirror:{key}", "value": about[key]} for key in ("commit", "compiler") if about[key]]
    identity = json.dumps([about, parts], sort_keys=True)
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, identity)}",
        "version": 1,
        "metadata": {"component": {
            "type": "application", "bom-ref": me, "name": "kinto-mirror", "version": about["version"], "purl": me,
            "licenses": [{"license": {"id": "Apache-2.0"}}], "properties": properties}},
        "components": parts,
        "dependencies": [{"ref": me, "dependsOn": [part["bom-ref"] for part in parts]}],
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: sbom.py PROGRAM >kinto-mirror.cdx.json")
    print(json.dumps(bill(sys.argv[1]), indent=1))
