"""Containers beside kinto-wizard: 1,000 buckets, groups and collections with rights, into an empty server of the same kind.
kinto-wizard is given them in a file; the daemon reads them from a master."""

import json
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bare import BareClient
from harness import ages
from harness.kinto import AUTH, KintoServer
from harness.proxy import Proxy, Request
from measured import Usage

WIZARD = "wizard-6.0.1"
BUCKETS = 20
EVERYTHING = ("--permissions", "copy")


def config(groups: int, collections: int) -> dict:
    """What kinto-wizard reads; JSON is YAML."""
    return {"buckets": {f"b{b:02}": {
        "data": {"title": f"bucket {b}"},
        "permissions": {"read": ["system.Authenticated"]},
        "groups": {f"g{g}": {"data": {"members": [f"account:user{b}-{g}", "account:chief"]},
                             "permissions": {"read": ["system.Authenticated"]}} for g in range(groups)},
        "collections": {f"c{c:02}": {
            "data": {"displayFields": ["title"], "sort": "-last_modified"},
            "permissions": {"read": ["system.Everyone"],
                            "write": [f"/buckets/b{b:02}/groups/g{c % groups}"]},
        } for c in range(collections)}} for b in range(BUCKETS)}}


def writes(whole: dict) -> Iterator[dict]:
    """The same as parts of batches."""
    for b, bucket in whole["buckets"].items():
        for path, one in [(f"/buckets/{b}", bucket),
                          *((f"/buckets/{b}/groups/{g}", group) for g, group in bucket["groups"].items()),
                          *((f"/buckets/{b}/collections/{c}", each) for c, each in bucket["collections"].items())]:
            yield {"method": "PUT", "path": path, "body": {"data": one["data"], "permissions": one["permissions"]}}


def in_batches(parts: list[dict], size: int = 25) -> list[bytes]:
    return [json.dumps({"requests": parts[i:i + size]}).encode() for i in range(0, len(parts), size)]


class Counted:
    """Requests through a proxy. A batch is one."""

    def __init__(self, server: KintoServer):
        self.proxy = Proxy(server.origin)
        self.url = self.proxy.url
        self.taken: list[list[Request]] = []

    def next(self) -> None:
        """Those since it was last called are one run's."""
        self.taken.append(self.proxy.requests[sum(map(len, self.taken)):])


def kinds(requests: list[Request]) -> str:
    """What was asked, batches by what is in them."""
    found: Counter[str] = Counter()
    for request in requests:
        parts = request.parts()
        names = sorted({f"{part.method} {shape(part.path)}" for part in parts})
        found[("batch of " if len(parts) > 1 or "/batch" in request.path else "") + ", ".join(names)] += 1
    return "".join(f"\n      {count:4}  {what}" for what, count in found.most_common())


def shape(path: str) -> str:
    plural = {"buckets": "B", "groups": "G", "collections": "C", "records": "R"}
    words = path.split("?")[0].removeprefix("/v1").split("/")
    named = [plural.get(words[i - 1], word) if i % 2 == 0 and word else word for i, word in enumerate(words)]
    return "/".join(named) + ("?" if "?" in path else "")


def wizard(url: str, file: Path) -> float:
    program = Path(ages.python(WIZARD)).with_name("kinto-wizard")
    begin = time.perf_counter()
    subprocess.run([str(program), "load", "--server", url, "--auth", AUTH, str(file)], check=True, timeout=600,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def containers(binary: str, groups: int, collections: int) -> None:
    """Each load twice: the second has nothing to do. And all of it once more behind proxies, which count but take time."""
    ages.python(WIZARD)  # which is installed the first time
    whole = config(groups, collections)
    parts = list(writes(whole))
    servers = [KintoServer("memory") for _ in range(5)]
    master, replica, other = (Counted(server) for server in servers[:3])
    try:
        BareClient(servers[0]).send_all(in_batches(parts))
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            json.dump(whole, file)
            file.flush()
            by_wizard = [wizard(servers[4].url, Path(file.name)) for _ in range(2)]
            for _ in range(2):
                wizard(other.url, Path(file.name))
                other.next()
        runs = [Usage(binary, servers[0], servers[3], "run", "--once", *EVERYTHING) for _ in range(2)]
        for _ in range(2):
            Usage(binary, master, replica, "run", "--once", *EVERYTHING)
            master.next()
            replica.next()
    finally:
        for each in (master.proxy, replica.proxy, other.proxy, *servers):
            each.close()
    print(f"{BUCKETS} buckets, each with {groups} groups and {collections} collections, with rights: {len(parts)} containers, "
          "memory to memory")
    for nth, name in enumerate(("first", "again")):
        print(f"  kinto-wizard load, {name}  {by_wizard[nth]:7.2f} s  {len(other.taken[nth]):6} requests to the server")
    for nth, name in enumerate(("first", "again")):
        usage, to_master, to_replica = runs[nth], master.taken[nth], replica.taken[nth]
        print(f"  run --once, {name}         {usage.seconds:7.2f} s  {len(to_replica):6} requests to the replica, {len(to_master)} to the "
              f"master, exit {usage.code}; {usage.seconds / by_wizard[0]:.2f} of kinto-wizard's first time")
    for nth, name in enumerate(("first", "again")):
        print(f"  what run --once asked, {name}\n    of the master:{kinds(master.taken[nth])}\n"
              f"    of the replica:{kinds(replica.taken[nth])}", flush=True)
