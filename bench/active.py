"""How soon a change is on the replica, and what it costs, at the default interval: two binaries that take turns."""

import random
import statistics
import time

import requests

from harness.kinto import AUTH, KintoServer
from harness.proxy import Proxy
from measured import cpu_seconds, following

BUCKET = "/buckets/active"
SERVERS = tuple(AUTH.split(":", 1))


class Site:
    """A master and a replica with `collections` of one record each, followed by one daemon."""

    def __init__(self, binary: str, collections: int):
        self.master, self.replica = KintoServer("memory"), KintoServer("memory")
        self.proxies = [Proxy(server.origin) for server in (self.master, self.replica)]
        self.web = requests.Session()
        self.web.auth = SERVERS
        self._fill(collections)
        for proxy, server in zip(self.proxies, (self.master, self.replica)):
            proxy.auth = server.auth
        self.process = following(binary, *self.proxies, listen="off")
        self._wait_for(self._url(self.replica, collections - 1, "first"), 300)
        time.sleep(5)  # what a start asks for is over; what is measured is a time, not a condition

    def _fill(self, collections: int) -> None:
        self.web.put(self.master.url + BUCKET).raise_for_status()
        paths = [f"{BUCKET}/collections/c{number}" for number in range(collections)]
        paths += [f"{path}/records/first" for path in paths]
        for begin in range(0, len(paths), 25):
            parts = [{"method": "PUT", "path": path} for path in paths[begin:begin + 25]]
            self.web.post(self.master.url + "/batch", json={"requests": parts}).raise_for_status()

    @staticmethod
    def _url(server: KintoServer, collection: int, record: str) -> str:
        return f"{server.url}{BUCKET}/collections/c{collection}/records/{record}"

    def _wait_for(self, url: str, seconds: float) -> None:
        give_up = time.monotonic() + seconds
        while self.web.get(url).status_code != 200:
            if time.monotonic() > give_up:
                raise RuntimeError(f"{url} has not arrived within {seconds} s")
            time.sleep(0.005)

    def write(self, collection: int, record: str) -> None:
        self.web.put(self._url(self.master, collection, record), json={"data": {"n": 1}}).raise_for_status()

    def arrival(self, collection: int, record: str) -> float:
        """From the master's answer until the replica shows it, in seconds."""
        self.write(collection, record)
        begin = time.perf_counter()
        self._wait_for(self._url(self.replica, collection, record), 60)
        return time.perf_counter() - begin

    def requests(self) -> int:
        return sum(len(proxy.requests) for proxy in self.proxies)

    def cpu(self) -> list[float]:
        """Of master and replica."""
        return [cpu_seconds(server.pid) for server in (self.master, self.replica)]

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)
        for each in self.proxies + [self.master, self.replica]:
            each.close()


def arrivals(binary: str, collections: int, changes: int, seed: int) -> tuple[list[float], float]:
    """Changes about every second to one of the collections: when they arrive, and requests a second."""
    rng, took = random.Random(seed), []
    site = Site(binary, collections)
    try:
        site.write(0, "awakes")
        site._wait_for(site._url(site.replica, 0, "awakes"), 60)
        begin, asked, next_change = time.perf_counter(), site.requests(), time.perf_counter()
        for number in range(changes):
            next_change += min(rng.expovariate(1.0), 4.0)
            time.sleep(max(0.0, next_change - time.perf_counter()))
            took.append(site.arrival(0, f"r{number}"))
        return sorted(took), (site.requests() - asked) / (time.perf_counter() - begin)
    finally:
        site.close()


def mixed(binary: str, collections: int, seconds: int, seed: int) -> tuple[int, float]:
    """Most are at rest; each 20 s some one changes, and one is active for a tenth of the time."""
    rng = random.Random(seed)
    site = Site(binary, collections)
    try:
        begin, asked, count = time.perf_counter(), site.requests(), 0
        while (passed := time.perf_counter() - begin) < seconds:
            if count % 20 == 0:
                site.write(rng.randrange(1, collections), f"m{count}")
            if passed < seconds / 10:
                site.write(0, f"m{count}")
            count += 1
            time.sleep(max(0.0, begin + count - time.perf_counter()))
        return site.requests() - asked, time.perf_counter() - begin
    finally:
        site.close()


def show(name: str, took: list[float], rate: float) -> None:
    p99 = took[min(len(took) - 1, round(len(took) * 0.99))]
    print(f"  {name}: p50 {statistics.median(took) * 1e3:5.0f} ms, p99 {p99 * 1e3:5.0f} ms, "
          f"most {took[-1] * 1e3:5.0f} ms, {rate:5.1f} requests/s to both servers", flush=True)


def active(binary: str, other: str, runs: int) -> None:
    for collections in (20, 400):
        print(f"changes about every second to one of {collections} collections, at the default interval")
        for run in range(max(1, runs // 10)):
            for name, which in (("A", binary), ("B", other)):
                show(name, *arrivals(which, collections, 100, run))


def mixed_life(binary: str, other: str, runs: int) -> None:
    collections, seconds = 200, 300
    print(f"mixed life of {collections} collections for {seconds} s: requests to both servers")
    for run in range(max(1, runs // 10)):
        (a, _), (b, _) = (mixed(which, collections, seconds, run) for which in (binary, other))
        print(f"  A {a}, B {b}: {a / b:.2f} times as many", flush=True)
