"""What one master is asked for by a daemon with one replica and with eight, of two binaries in one run."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

import requests

import many
from bare import BareClient
from harness.kinto import AUTH, KintoServer
from harness.status import free_port
from wizard import Counted, in_batches

COLLECTIONS = 20
RECORDS = 50
WATCHED = 20  # seconds of rest, and of changes


def config(master_url: str, replicas: list[KintoServer], listen: int) -> str:
    text = f'[master]\nurl = "{master_url}"\nauth = "{AUTH}"\n[status]\nlisten = "127.0.0.1:{listen}"\n'
    return text + "".join(f'[[replica]]\nname = "r{n}"\nurl = "{one.url}"\nauth = "{AUTH}"\n' for n, one in enumerate(replicas))


def in_sync(listen: int) -> bool:
    try:
        status = requests.get(f"http://127.0.0.1:{listen}/status", timeout=5).json()
    except requests.ConnectionError:
        return False
    states = [one["state"] for replica in status["replicas"] for one in replica["collections"]]
    return len(states) == COLLECTIONS * len(status["replicas"]) and set(states) == {"in-sync"}


def fill(master: KintoServer) -> None:
    paths = [f"/buckets/b{n % many.BUCKETS}/collections/c{n}" for n in range(COLLECTIONS)]
    client = BareClient(master)
    client.send_all(in_batches([{"method": "PUT", "path": f"/buckets/b{b}"} for b in range(many.BUCKETS)]))
    client.send_all(in_batches([{"method": "PUT", "path": path} for path in paths]))
    client.send_all(in_batches([{"method": "PUT", "path": f"{path}/records/r{n}", "body": {"data": {"n": n}}}
                                for path in paths for n in range(RECORDS)]))


def change(master: KintoServer, seconds: int) -> None:
    """One record of each second's collection."""
    for second in range(seconds):
        path = f"/buckets/b{second % many.BUCKETS}/collections/c{second % COLLECTIONS}/records/r0"
        body = json.dumps({"requests": [{"method": "PUT", "path": path, "body": {"data": {"second": second}}}]})
        BareClient(master).send_all([body.encode()])
        time.sleep(1)


def asked(binary: str, replicas: int) -> list[int]:
    """Requests to the master in a first load, at rest and while it changes."""
    servers = [KintoServer("memory") for _ in range(replicas + 1)]
    side = Counted(servers[0])
    listen = free_port()
    try:
        fill(servers[0])
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "kinto-mirror.toml"
            file.write_text(config(side.url, servers[1:], listen), encoding="utf-8")
            daemon = subprocess.Popen([binary, "run", "--config", str(file), "--log-level", "error"])
            try:
                for _ in range(600):
                    if in_sync(listen):
                        break
                    time.sleep(0.1)
                side.next()
                time.sleep(WATCHED / 2)  # the active rhythm of a load ends
                side.next()
                time.sleep(WATCHED)
                side.next()
                change(servers[0], WATCHED)
                side.next()
            finally:
                daemon.terminate()
                daemon.wait(timeout=30)
    finally:
        side.proxy.close()
        for server in servers:
            server.close()
    load, _, rest, follow = [len(one) for one in side.taken]
    return [load, rest, follow]


def replicas(binary: str, other: str, runs: int) -> None:
    """`runs` is of no use here."""
    print(f"requests to a master of {COLLECTIONS} collections with {RECORDS} records: first load, {WATCHED} s of rest, "
          f"{WATCHED} s with a change a second")
    for each in (binary, other):
        one, eight = asked(each, 1), asked(each, 8)
        ratios = ", ".join(f"{b / a:.2f}" for a, b in zip(one, eight, strict=True))
        print(f"  one replica {one}, eight {eight}: {ratios} times as many  {each}", flush=True)
