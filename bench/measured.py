"""What is measured: the binary against real servers, and what fills them."""

import json
import os
import random
import subprocess
import threading
import time

import psycopg2

from bare import BareClient
from harness.kinto import AUTH, KintoServer

NAME = ("bench", "records")
BUCKET, COLLECTION = (f"/buckets/{NAME[0]}", f"/buckets/{NAME[0]}/collections/{NAME[1]}")


def random_records(count: int, rng: random.Random) -> list[dict]:
    return [{"id": f"{rng.getrandbits(128):032x}", "internal_id": number, "title": f"title {rng.random()}",
             "text": "x" * 120} for number in range(count)]


class PeakMemory:
    """The most memory that a process had, as the kernel last said so before it ended. (Its ru_maxrss would not do:
    that counts what it shared with this program before its exec.)"""

    def __init__(self, pid: int):
        self._status = f"/proc/{pid}/status"
        self._kib = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        try:
            while True:
                with open(self._status, encoding="ascii") as status:
                    lines = [line for line in status if line.startswith("VmHWM:")]
                if not lines:  # it has ended
                    return
                self._kib = int(lines[0].split()[1])
                time.sleep(0.005)
        except (FileNotFoundError, ProcessLookupError):
            return

    def mib(self) -> float:
        self._thread.join()
        return self._kib / 1024


class Usage:
    """What one run of the binary took."""

    def __init__(self, binary: str, master: KintoServer, replica: KintoServer, *command: str):
        begin = time.perf_counter()
        process = subprocess.Popen(
            [binary, *command, "--json", "--master", master.url, "--master-auth", AUTH,
             "--replica", replica.url, "--replica-auth", AUTH, "--log-level", "error"],
            stdout=subprocess.PIPE)
        peak = PeakMemory(process.pid)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        self.seconds = time.perf_counter() - begin
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak_mib = peak.mib()
        self.code = os.waitstatus_to_exitcode(status)
        self.report = json.loads(out)["replicas"][0]["collections"]
        process.returncode = self.code


def make_containers(server: KintoServer) -> None:
    client = BareClient(server)
    client.put(BUCKET)
    client.put(COLLECTION)


def seed_by_sql(url: str, count: int) -> None:
    """Kinto itself writes about a hundred records a second here."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO objects (id, parent_id, resource_name, last_modified, data, deleted)
               SELECT md5(n::text), %s, 'record', to_timestamp(1600000000 + n / 1000.0)::timestamp,
                      jsonb_build_object('internal_id', n, 'title', 'title ' || n), FALSE
               FROM generate_series(1, %s) AS n""", (COLLECTION, count))


def following(binary: str, master: KintoServer, replica: KintoServer, listen: str) -> subprocess.Popen:
    return subprocess.Popen(
        [binary, "run", "--listen", listen, "--master", master.url, "--master-auth", AUTH,
         "--replica", replica.url, "--replica-auth", AUTH, "--log-level", "error"])


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
