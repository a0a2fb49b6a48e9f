"""The status pages of a daemon that follows, and the commands that ask for them."""

import json
import socket
import time

import pytest
import requests

from harness import mirror, records
from harness.altered import Alters, header
from harness.faults import Slow, SlowWrites
from harness.kinto import ACCOUNTS
from harness.status import StatusPages, check_metrics, events, free_port, promtool
from harness.waiting import wait_until

ANY_PORT = ("--listen", "127.0.0.1:0", "--interval", "200ms")


@pytest.fixture
def followed(pair, name, rng, daemon):
    """A pair in sync: five records on both sides, two more of the replica's own."""
    records.load(pair.master, name, records.random_records(rng, 5))
    records.load(pair.replica, name, records.random_records(rng, 2))
    running = daemon(*pair.args, "--collections", name, *ANY_PORT)
    pages = StatusPages(running)
    wait_until(lambda: pages.status()["in_sync"], "the pair is in sync")
    return pages, running


def test_the_state_of_everything(followed, pair, name, rng):
    pages, _ = followed
    answer = pages.get("/status")
    assert answer.headers["Content-Type"] == "application/json"
    status = answer.json()
    assert status["version"] == mirror.run("--version").out.split()[1]
    assert status["master"] | {"requests": {}} == {
        "name": "master", "url": pair.master.url, "state": "ok", "requests": {}}
    assert status["master"]["requests"]["200"] > 0
    [replica] = status["replicas"]
    assert replica["name"] == "replica" and replica["url"] == pair.replica.url
    assert replica["state"] == "following" and replica["server"] == "ok"
    assert replica["lag"] == 0 and replica["error"] is None
    one = pages.collection(name)
    assert one["state"] == "in-sync" and one["lag"] == 0
    assert one["master"] == 5 and one["replica"] == 7 and one["extra"] == 2
    assert one["created"] == 5 and one["quarantined"] == 0 and one["brake"] is None and one["error"] is None
    assert one["cursor"] < one["etag"]
    assert one["next_pass"] <= 1 and 3500 < one["next_audit"] <= 3600
    before = one["etag"]
    records.put(pair.master, name, records.random_records(rng, 3))
    # What a pass wrote is told last, when its counts and its checkpoint have been taken.
    wait_until(lambda: pages.collection(name)["created"] == 8, "the changes have arrived")
    one = pages.collection(name)
    assert one["master"] == 8 and one["replica"] == 10 and one["etag"] > before
    assert one["last_pass"]["kind"] == "follow"


def test_the_progress_of_a_load_is_what_the_replica_has(pair, name, proxied, daemon):
    records.load(pair.master, name, [{"id": f"r{number}"} for number in range(3000)])
    slow = proxied(SlowWrites(pair.replica.url, 0.15))
    pages = StatusPages(daemon(*mirror.servers(pair.master.url, slow.url), "--collections", name, *ANY_PORT))

    def progress() -> dict:
        [one] = [one for one in pages.status()["replicas"][0]["collections"] if one["id"] == name] or [{}]
        return one.get("progress") or {"done": 0}

    seen = set()
    wait_until(lambda: progress()["done"] > 0, "it loads", timeout=40)
    for _ in range(8):
        least = records.count(pair.replica, name)
        told = progress()
        most = records.count(pair.replica, name)
        if not told["done"]:
            break
        # Eight batches of 25 are in flight at most, of which some are stored and not answered yet.
        assert least - 8 * 25 <= told["done"] <= most, told
        assert told["total"] == 3000 and told["left"] is None or told["left"] <= 120
        seen.add(told["done"])
        time.sleep(0.2)
    assert len(seen) > 3, "it moves while the load does"
    table = pages.run("status").expect(0).out
    assert "in-sync" in table or f"of 3000 records, " in table.split("loading: ")[1] and " waiting " in table
    wait_until(lambda: pages.status()["in_sync"], "all is loaded", timeout=60)


def test_metrics_pass_promtool_and_tell_what_was_done(followed, pair, name):
    pages, _ = followed
    answer = pages.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    check_metrics(answer.text)
    metrics = pages.metrics()
    here = f'{{replica="replica",collection="{name}"}}'
    assert metrics["kinto_mirror_in_sync"] == 1
    assert metrics[f"kinto_mirror_lag_seconds{here}"] == 0
    assert metrics[f"kinto_mirror_master_records{here}"] == 5
    assert metrics[f"kinto_mirror_replica_records{here}"] == 7
    assert metrics['kinto_mirror_records_applied_total{replica="replica",operation="create"}'] == 5
    assert metrics['kinto_mirror_passes_total{replica="replica",kind="load",state="in-sync"}'] == 1
    assert metrics['kinto_mirror_requests_total{server="master",status="200"}'] > 0
    assert metrics['kinto_mirror_request_duration_seconds_count{server="replica"}'] > 0
    records.delete(pair.master, name, next(iter(records.stored(pair.master, name))))
    deleted = 'kinto_mirror_records_applied_total{replica="replica",operation="delete"}'
    wait_until(lambda: pages.metrics()[deleted] == 1, "the delete is counted")


def test_a_pair_that_rests_stays_in_sync(pair, name, rng, daemon):
    """There the daemon only asks whether anything moved, and that must count as a look."""
    records.load(pair.master, name, records.random_records(rng, 3))
    pages = StatusPages(daemon(*pair.args, "--collections", name, "--overlap", "0s", *ANY_PORT))
    wait_until(lambda: pages.status()["in_sync"], "the pair is in sync")
    wait_until(lambda: pages.collection(name)["last_pass"]["ago"] > 2, "no pass is made any more")
    for _ in range(20):
        assert pages.status()["in_sync"] and pages.collection(name)["lag"] == 0
        time.sleep(0.05)


def test_version_and_lbheartbeat(followed):
    pages, _ = followed
    version = pages.get("/__version__").json()
    assert set(version) == {"source", "version", "commit", "build"}
    assert version["version"] == mirror.run("--version").out.split()[1]
    assert pages.get("/__lbheartbeat__").status_code == 200


def test_head_other_methods_and_other_paths(followed):
    pages, _ = followed
    for path in ("/status", "/metrics", "/__heartbeat__", "/__lbheartbeat__", "/__version__"):
        head = requests.head(pages.url + path, timeout=10)
        assert head.status_code == 200 and int(head.headers["Content-Length"]) > 0 and not head.content
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            refused = requests.request(method, pages.url + path, data="x", timeout=10)
            assert refused.status_code == 405 and refused.headers["Allow"] == "GET, HEAD"
    assert pages.get("/nothing").status_code == 404
    assert pages.get("/status/").status_code == 404
    assert pages.get("/status?pretty=1").status_code == 200


def test_the_heartbeat_names_the_server_that_fails_and_recovers(servers, name, rng, daemon):
    master, replica = servers.start("memory"), servers.start("memory")
    try:
        records.load(master, name, records.random_records(rng, 3))
        pages = StatusPages(daemon(*mirror.servers(master.url, replica.url), *ANY_PORT))
        assert pages.get("/__heartbeat__").json()["checks"] == {"master": "ok", "replica": "ok"}
        healthy = pages.run("healthcheck").expect(0)
        assert healthy.out == f"healthy: master {master.url}; replica {replica.url}\n"
        wait_until(lambda: pages.status()["in_sync"], "the pair is in sync")

        port = replica.port
        replica.halt()
        wait_until(lambda: pages.get("/__heartbeat__").status_code == 503, "it is noticed")
        failing = pages.get("/__heartbeat__")
        assert failing.json()["status"] == "error"
        assert failing.json()["checks"] == {"master": "ok", "replica": "error"}
        sick = pages.run("healthcheck").expect(1)
        assert sick.out.startswith("unhealthy: replica: ") and replica.url in sick.out and sick.out.count("\n") == 1
        assert master.url not in sick.out
        wait_until(lambda: pages.replica()["state"] == "failing", "the loop notices")
        lag = wait_until(lambda: pages.replica()["lag"], "it falls behind at once", timeout=3)
        assert not pages.status()["in_sync"] and pages.collection(name)["state"] == "behind"
        wait_until(lambda: pages.replica()["lag"] > lag, "and ever more")
        assert pages.replica()["server"] == "unreachable" and replica.url in pages.replica()["error"]["message"]

        replica.start(port)
        wait_until(lambda: pages.get("/__heartbeat__").ok, "it is well again")
        wait_until(lambda: pages.status()["in_sync"], "and in sync", timeout=90)
    finally:
        master.close()
        replica.close()


def test_a_wrong_password_is_unhealthy_and_the_reason_is_told(servers, name, daemon):
    """Kinto's root answers to everybody; the check must ask for something that it does not give to everybody."""
    accounts = servers.get("memory", "with accounts", ACCOUNTS, auth="bob:right-password")
    other = servers.get("memory", "other")
    requests.put(f"{accounts.url}/accounts/bob", json={"data": {"password": "right-password"}},
                 timeout=10).raise_for_status()
    records.load(accounts, name, [{"id": "r"}])
    for auth, code in (("bob:right-password", 0), ("bob:wrong-password", 1)):
        pages = StatusPages(daemon("--master", accounts.url, "--master-auth", auth, "--replica", other.url,
                                   "--replica-auth", mirror.AUTH, "--collections", name, *ANY_PORT))
        result = pages.run("healthcheck").expect(code)
        assert "password" not in result.out
    assert result.out == (f"unhealthy: master {accounts.url}: 401, the credentials are refused; "
                          "check --master-auth\n")
    assert pages.get("/__heartbeat__").status_code == 503
    wait_until(lambda: pages.status()["master"]["state"] == "refused", "the state tells it too")


def test_a_server_that_always_asks_for_a_rest_is_healthy(pair, name, proxied, daemon):
    """`kinto.backoff` puts it into every answer of a server that works."""
    weary = proxied(Alters(pair.master.url, "GET", "/v1/$", header("Backoff", "30")))
    pages = StatusPages(daemon(*mirror.servers(weary.url, pair.replica.url), "--collections", name, *ANY_PORT))
    for _ in range(2):
        assert pages.run("healthcheck").expect(0).out.startswith("healthy: master ")
        time.sleep(6)  # longer than a finding is kept


def test_the_heartbeat_is_remembered_and_asks_once_at_a_time(pair, name, rng, proxied, daemon):
    slow = proxied(Slow(pair.master.url, 0.3))
    records.load(pair.master, name, records.random_records(rng, 3))
    pages = StatusPages(daemon(*mirror.servers(slow.url, pair.replica.url), "--collections", name,
                               "--listen", "127.0.0.1:0", "--interval", "10m"))
    wait_until(lambda: pages.status()["in_sync"], "the first pass is over")
    before = len(slow.requests)
    begin = time.monotonic()
    for _ in range(30):
        assert pages.get("/__heartbeat__").ok
    assert time.monotonic() - begin < 4, "they were not answered from memory"
    assert len(slow.requests) - before == 2, "one look at the root, and one that needs the credentials"


def test_a_server_that_hangs_makes_the_heartbeat_fail_in_time(pair, name, rng, proxied, daemon):
    hanging = proxied(Slow(pair.replica.url, 30))
    pages = StatusPages(daemon(*mirror.servers(pair.master.url, hanging.url), "--collections", name, *ANY_PORT))
    begin = time.monotonic()
    result = pages.run("healthcheck").expect(1)
    assert time.monotonic() - begin < 8
    assert result.out.startswith("unhealthy: replica ") and hanging.url in result.out


def test_status_prints_a_table_or_the_json(followed, pair, name):
    pages, _ = followed
    table = pages.run("status").expect(0).out
    assert table.startswith("kinto-mirror ") and ", in sync\n" in table.split("\n", 1)[0] + "\n"
    assert f"master {pair.master.url}: ok\n" in table
    assert f"replica {pair.replica.url}: following, in sync, lag 0s" in table
    [row] = [line.split() for line in table.split("\n") if name in line]
    assert row[:6] == [name, "in-sync", "0s", "5", "7", "0"]
    raw = pages.run("status", "--json").expect(0).out
    assert json.loads(raw)["replicas"][0]["collections"][0]["id"] == name
    # The variable is what a container's healthcheck has; an address that means all is asked at loopback.
    environment = {"KINTO_MIRROR_LISTEN": f"0.0.0.0:{pages.port}"}
    assert mirror.run("status", environment=environment).expect(0).out.startswith("kinto-mirror ")
    assert mirror.run("healthcheck", environment=environment).expect(0).out.startswith("healthy: ")


def test_without_a_daemon(tmp_path):
    address = f"127.0.0.1:{free_port()}"
    status = mirror.run("status", "--listen", address).expect(69)
    assert address in status.err and "--listen" in status.err and not status.out
    sick = mirror.run("healthcheck", "--listen", address).expect(1)
    assert sick.out.startswith(f"unhealthy: no daemon answers at {address}") and sick.out.count("\n") == 1
    off = mirror.run("healthcheck", "--listen", "off").expect(1)
    assert "KINTO_MIRROR_LISTEN" in off.out
    mirror.run("status", "--listen", "off").expect(78)
    mirror.run("healthcheck", "--listen", "nonsense").expect(64)


def test_something_else_answers(pair):
    """A Kinto, say, whose port was mistaken for the daemon's."""
    address = f"127.0.0.1:{pair.master.port}"
    assert "no kinto-mirror" in mirror.run("status", "--listen", address).expect(69).err
    mirror.run("healthcheck", "--listen", address).expect(1)


def test_a_port_that_is_taken_ends_a_daemon_that_was_told_to_listen_there(pair):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for args, environment in ((["--listen", address], {}), ([], {"KINTO_MIRROR_LISTEN": address})):
            result = mirror.run("run", *pair.args, *args, environment=environment, timeout=30).expect(69)
            [line] = [line for line in result.err.split("\n") if '"Type":"status.listen"' in line]
            assert address in line and "another process has the port" in line
            assert "--listen" in line and "KINTO_MIRROR_LISTEN" in line


def test_a_daemon_with_the_default_address_goes_on_without_pages(pair, name, rng):
    """Two daemons on one machine are no mistake. (The harness gives its daemons --listen off; so not through it.)"""
    records.load(pair.master, name, records.random_records(rng, 3))
    try:
        taken = socket.create_server(("127.0.0.1", 8000))
    except OSError:
        taken = None  # somebody else has it: as good
    running = mirror.start("run", *pair.args, "--collections", name, "--interval", "200ms")
    try:
        wait_until(lambda: records.count(pair.replica, name) == 3, "it follows all the same")
        running.terminate()
        _, err = running.communicate(timeout=10)
        assert running.returncode == 0
        [line] = [json.loads(line) for line in err.decode().split("\n")
                  if '"Type":"status.listen"' in line]
        assert line["Severity"] == 4 and "--listen" in line["Fields"]["msg"]
        assert "going on without" in line["Fields"]["msg"]
    finally:
        running.kill()
        running.wait(10)
        if taken:
            taken.close()


def test_listen_off(pair, name, rng, daemon):
    records.load(pair.master, name, records.random_records(rng, 3))
    running = daemon(*pair.args, "--collections", name, "--interval", "200ms")
    wait_until(lambda: records.count(pair.replica, name) == 3, "it follows")
    assert not events(running, "status.listening") and not events(running, "status.listen")


def test_only_a_daemon_that_follows_listens(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 3))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        pair.once("--listen", f"127.0.0.1:{taken.getsockname()[1]}").expect(0)


def test_what_is_refused_and_what_the_brake_holds_is_shown(pair, name, rng, daemon):
    there = records.random_records(rng, 20)
    records.load(pair.master, name, there)
    records.load(pair.replica, name, records.random_records(rng, 40))
    running = daemon(*pair.args, "--collections", name, "--extras", "delete", *ANY_PORT)
    pages = StatusPages(running)
    wait_until(lambda: pages.collection(name)["brake"], "the brake is told")
    one = pages.collection(name)
    assert one["state"] == "brake" and one["brake"]["would_delete"] == 40 and one["brake"]["allowed"] < 40
    assert pages.metrics()[f'kinto_mirror_brake_engaged{{replica="replica",collection="{name}"}}'] == 1
    assert not pages.status()["in_sync"]
    assert "--max-delete" in pages.run("status").expect(0).out


def test_an_idle_daemon_is_small_and_quiet(followed):
    if mirror.is_sanitized():
        pytest.skip("sanitizers need far more")
    _, running = followed
    assert mirror.peak_memory(running.process.pid) < 16


def test_promtool_would_find_a_fault():
    """Else the check above proves nothing."""
    assert promtool()
    with pytest.raises(AssertionError):
        check_metrics("# TYPE kinto_mirror_things counter\nkinto_mirror_things 1\n")


def test_a_user_who_may_read_nothing_in_scope_is_unhealthy(servers, name, daemon):
    """Kinto's root and heartbeat answer everybody: only what is to be copied tells."""
    master = servers.get("memory", "restricted", {"kinto.bucket_create_principals": "basicauth:nobody",
                                                  "kinto.bucket_read_principals": ""})
    replica = servers.get("memory", "replica")
    for scope in (name, "*/*"):
        running = daemon(*mirror.servers(master.url, replica.url), "--collections", scope, *ANY_PORT)
        pages = StatusPages(running)
        wait_until(lambda: pages.get("/__heartbeat__").status_code == 503, f"{scope}: it is unhealthy")
        told = pages.run("healthcheck").expect(1).out
        assert told.startswith("unhealthy: master") and "403" in told, told


@pytest.mark.parametrize("verb", ["status", "healthcheck"])
def test_the_port_of_another_daemon(followed, pair, servers, verb):
    """What answers is compared with the configuration of the command, as far as that names servers."""
    pages, _ = followed
    other = servers.get("memory", "other")
    pages.run(verb, *pair.args).expect(0)
    pages.run(verb, "--master", pair.master.url).expect(0)
    for args in (("--master", other.url), mirror.servers(pair.master.url, other.url)):
        result = pages.run(verb, *args).expect(69 if verb == "status" else 1)
        told = result.err if verb == "status" else result.out
        assert f"another daemon answers at {pages.address}: it copies {pair.master.url} to {pair.replica.url}" in told
        assert other.url in told and "--listen" in told
        assert verb == "healthcheck" or result.out == ""
