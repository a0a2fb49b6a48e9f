"""Collections that changed lately are asked after in the active rhythm, all others at the interval."""

import statistics
import time

from harness import mirror, records
from harness.proxy import Proxy
from harness.waiting import wait_until


def settle(pair, names: list[str]) -> None:
    wait_until(lambda: all(records.count(pair.replica, name) == 1 for name in names), "all have arrived", timeout=60)


def many(pair, count: int) -> list[str]:
    pair.master.client().create_bucket(id="lively")
    names = [f"lively/c{number}" for number in range(count)]
    for name in names:
        records.load(pair.master, name, [{"id": "first"}])
    return names


def arrival(pair, name: str, record: str) -> float:
    records.put(pair.master, name, [{"id": record}])
    begin = time.monotonic()
    wait_until(lambda: record in records.stored(pair.replica, name), f"{record} has arrived", every=0.01)
    return time.monotonic() - begin


def asked_after(proxy: Proxy, name: str) -> int:
    """Questions for the number of its records."""
    path = "/buckets/{}/collections/{}/records".format(*name.split("/"))
    return sum(part.method == "HEAD" and part.path.split("?")[0].endswith(path)
               for request in list(proxy.requests) for part in request.parts())


def test_an_active_collection_arrives_within_a_moment(each_backend, daemon):
    names = many(each_backend, 3)
    daemon(*each_backend.args, "--interval", "5s")
    settle(each_backend, names)
    arrival(each_backend, names[1], "awakes")
    took = [arrival(each_backend, names[1], f"r{number}") for number in range(10)]
    assert statistics.median(took) < 1.0, took
    assert records.assert_same(each_backend.master, each_backend.replica, names[1])


def test_only_what_changed_is_asked_after_more_often(pair, proxied, daemon):
    """In the time of ten intervals one of sixty collections changes once, one again and again, the others never."""
    names = many(pair, 60)
    master, replica = proxied(Proxy(pair.master.url)), proxied(Proxy(pair.replica.url))
    daemon(*mirror.servers(master.url, replica.url), "--collections", "lively/*", "--interval", "2s", "--overlap", "1s")
    settle(pair, names)
    once, often, never = names[5], names[30], names[50]
    arrival(pair, once, "changed")
    before = {name: asked_after(master, name) for name in (once, often, never)}
    at_replica = asked_after(replica, never)
    for number in range(20):
        records.put(pair.master, often, [{"id": f"r{number}"}])
        time.sleep(1)  # the rhythm of a client; what is measured is a time, not a condition
    asked = {name: asked_after(master, name) - number for name, number in before.items()}
    assert 5 <= asked[never] <= 12, asked
    assert asked[never] <= asked[once] <= asked[never] + 8, asked
    assert asked[often] >= 3 * asked[never], asked
    assert asked_after(replica, never) - at_replica <= 12


def test_at_rest_nothing_is_asked_between_two_rounds(pair, proxied, daemon):
    names = many(pair, 2)
    master, replica = proxied(Proxy(pair.master.url)), proxied(Proxy(pair.replica.url))
    daemon(*mirror.servers(master.url, replica.url), "--collections", "lively/*", "--interval", "1s", "--overlap", "0s")
    settle(pair, names)
    asked = asked_after(master, names[0])
    wait_until(lambda: asked_after(master, names[0]) >= asked + 8, "what the load leads to is over")
    asked, requests = asked_after(master, names[0]), len(master.requests)
    wait_until(lambda: asked_after(master, names[0]) >= asked + 5, "five more rounds")
    # One batch of questions a round; the last round may be under way.
    assert 5 <= len(master.requests) - requests <= 6


def test_with_the_interval_itself_all_wait_for_the_rounds(pair, proxied, daemon):
    names = many(pair, 1)
    master = proxied(Proxy(pair.master.url))
    daemon(*mirror.servers(master.url, pair.replica.url), "--collections", "lively/*", "--interval", "2s",
           "--active-interval", "2s", "--overlap", "0s")
    settle(pair, names)
    arrival(pair, names[0], "second")
    asked = asked_after(master, names[0])
    time.sleep(4)  # two intervals; what is measured is a time, not a condition
    assert asked_after(master, names[0]) - asked <= 3


def test_an_active_interval_above_the_interval_is_told_in_one_line(pair):
    result = mirror.run("check", *pair.args, "--interval", "1s", "--active-interval", "2s").expect(64)
    lines = [line for line in result.err.splitlines() if line]
    assert len(lines) == 1
    assert "--active-interval" in lines[0] and '"2s"' in lines[0] and "10ms to the interval" in lines[0]
    environment = {"KINTO_MIRROR_ACTIVE_INTERVAL": "6s"}
    assert "KINTO_MIRROR_ACTIVE_INTERVAL" in mirror.run("check", *pair.args, environment=environment).expect(78).err
    shown = mirror.run("config", "show", *pair.args, "--interval", "200ms").expect(0).out
    assert 'active_interval = "200ms"' in shown
