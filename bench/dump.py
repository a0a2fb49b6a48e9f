"""Measures `dump` and `restore` beside a client that does nothing but list.

    python bench/dump.py build/release/kinto-mirror [--records 1000000] [--runs 3] [--restore]

Everything runs on loopback against a real Kinto on PostgreSQL that this program starts and stops, filled by SQL. The bare
client reads the same pages and throws them away. It prints figures and asserts nothing: machines differ, so compare the
ratio within one run. --restore dry-runs the file against the server that it is of, which reads all of it and writes
nothing: what that takes in memory is the index of the file.
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

from bare import BareClient
from harness.kinto import AUTH, KintoServer
from harness.pg import PgCluster
from measured import COLLECTION, PeakMemory, make_containers, seed_by_sql

PAGE = 10_000


def bare_listing(server: KintoServer) -> tuple[float, int]:
    """Seconds and bytes of reading all pages of the collection, as bytes."""
    begin = time.perf_counter()
    read = BareClient(server).read_all(COLLECTION, PAGE)
    return time.perf_counter() - begin, read


def run(binary: str, *args: str) -> tuple[float, float, float, int]:
    """Seconds, CPU seconds, peak memory in MiB, exit code."""
    begin = time.perf_counter()
    process = subprocess.Popen([binary, *args, "--log-level", "error"], stdout=subprocess.DEVNULL)
    peak = PeakMemory(process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, peak.mib(), process.returncode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--restore", action="store_true")
    args = parser.parse_args()
    cluster = PgCluster()
    server = KintoServer("postgresql", cluster)
    try:
        make_containers(server)
        seed_by_sql(server.database_url, args.records)
        with tempfile.TemporaryDirectory(prefix="dump-") as folder:
            for number in range(args.runs):
                bare, read = bare_listing(server)
                print(f"{args.records} records, bare listing      {bare:7.1f} s  {args.records / bare:8.0f} records/s, {read} bytes", flush=True)
                for name in ("d.ndjson", "d.ndjson.gz"):
                    path = Path(folder) / name
                    took, cpu, peak, code = run(args.binary, "dump", str(path), "--master", server.url, "--master-auth", AUTH)
                    print(f"  dump {name:<12} exit {code}       {took:7.1f} s  {args.records / took:8.0f} records/s, {bare / took:.2f} of the bare "
                          f"listing's speed, own CPU {cpu:.1f} s, peak memory {peak:.1f} MiB, {path.stat().st_size} bytes", flush=True)
            if args.restore:
                took, cpu, peak, code = run(args.binary, "restore", str(Path(folder) / "d.ndjson"), "--dry-run",
                                            "--replica", server.url, "--replica-auth", AUTH)
                print(f"  restore --dry-run exit {code}       {took:7.1f} s, own CPU {cpu:.1f} s, peak memory {peak:.1f} MiB", flush=True)
    finally:
        server.close()
        cluster.close()


if __name__ == "__main__":
    main()
