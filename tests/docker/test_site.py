"""docker-compose.yml: a master and a replica on PostgreSQL, a public read-only node, and the daemon, from nothing."""

import json
import random
import time

import pytest
import requests

from harness import engine, mozlog, records
from harness.engine import Stack, docker
from harness.repeating import Repeating
from harness.waiting import wait_until

NAME = "library/books"
AUTH = "admin:development"


@pytest.fixture(scope="module")
def site(stacks) -> Stack:
    stack = stacks("docker-compose.yml")
    stack.up()
    return stack


@pytest.fixture
def master(site):
    return site.node("MASTER_PORT", AUTH)


@pytest.fixture
def reader(site):
    return site.node("READ_ONLY_PORT", AUTH)


class Writer(Repeating):
    """Creates, updates and deletes on a server that comes and goes: what fails is left at that."""

    def __init__(self, server: engine.Node, name: str, rng: random.Random):
        super().__init__(pause=0.02)
        self._url, self._rng = records.records_url(server, name), rng
        self._session = records.session(server)
        self.written = 0

    def once(self) -> None:
        url = f"{self._url}/w-{self._rng.randrange(40)}"
        try:
            if self._rng.random() < 0.25:
                answer = self._session.delete(url, timeout=5)
            else:
                answer = self._session.put(url, json={"data": {"text": f"{self._rng.getrandbits(40):x}"}}, timeout=5)
            self.written += answer.ok
        except requests.RequestException:
            pass


def differences(master: engine.Node, reader: engine.Node) -> list[tuple]:
    """By id: what the two have, tombstones too. Of a record that came and went while nobody looked, the replica has none."""
    wanted, found = (records.stored(node, NAME, tombstones=True) for node in (master, reader))
    return [(key, wanted.get(key), found.get(key)) for key in sorted(wanted.keys() | found.keys())
            if wanted.get(key) != found.get(key) and not (key not in found and wanted[key].get("deleted"))]


def lines(log: str) -> list[dict]:
    return [json.loads(line) for line in log.splitlines()]


def states(site: Stack) -> list[str]:
    return [line["Fields"]["msg"] for line in lines(site.logs("mirror")) if line["Type"] == "sync.state"]


def test_up_from_nothing_ends_in_sync(site, master, reader, rng):
    wait_until(lambda: records.create_collection(master.client(), *NAME.split("/")) is None, "the master takes writes", 60)
    records.load(master, NAME, records.random_records(rng, 150))
    records.wait_same(master, reader, NAME, "the read-only node shows what the master has", 60)
    wait_until(lambda: f"{NAME} is in sync" in states(site), "the log says so")
    site.wait_healthy("mirror")


def test_nothing_is_open_that_the_master_does_not_open(site, reader):
    bucket, collection = NAME.split("/")
    for place in (f"buckets/{bucket}", f"buckets/{bucket}/collections/{collection}/records"):
        assert requests.get(f"{reader.url}/{place}", timeout=30).status_code in (401, 403), place


def test_everybody_may_read_what_was_never_asked_for_before(master, reader):
    """A read-only node answers 503 to a list that was never asked for on a writable one; the daemon asks for them. Who may
    read the bucket on the master may read it here."""
    bucket, collection = NAME.split("/")
    base = f"{reader.url}/buckets/{bucket}"
    opened = requests.patch(f"{master.url}/buckets/{bucket}", json={"permissions": {"read": ["system.Everyone"]}},
                            auth=tuple(AUTH.split(":")), timeout=30)
    assert opened.ok, opened.text
    wait_until(lambda: requests.get(base, timeout=30).status_code == 200, "the right arrives", 30)
    for url in (f"{reader.url}/buckets", base, f"{base}/collections", f"{base}/collections/{collection}",
                f"{base}/collections/{collection}/records"):
        assert requests.get(url, timeout=30).status_code == 200, url
    with records.session(reader) as admin:
        assert admin.get(f"{base}/groups", timeout=30).status_code == 200
    for method in ("PUT", "PATCH", "DELETE"):
        assert requests.request(method, base, json={}, timeout=30).status_code == 405
    assert requests.post(f"{reader.url}/batch", json={"requests": []}, timeout=30).status_code == 405


def test_ports_are_published_on_this_machine_only(site):
    published = []
    for service in ("master-db", "replica-db", "master", "replica", "read-only", "mirror"):
        ports = engine.inspect(site.container(service))["NetworkSettings"]["Ports"]
        bindings = [binding for found in ports.values() for binding in found or []]
        assert {binding["HostIp"] for binding in bindings} <= {"127.0.0.1"}, service
        published += [service] if bindings else []
    assert published == ["master", "read-only", "mirror"]


def test_the_daemon_s_container_may_do_nothing_else(site):
    host = engine.inspect(site.container("mirror"))["HostConfig"]
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges:true" in host["SecurityOpt"]


def test_the_self_test_s_exit_code_is_passed_on(site):
    good = site.compose("run", "--rm", "-T", "selftest")
    assert " passed, 0 failed" in good.stdout
    refused = site.compose("run", "--rm", "-T", "-e", "KINTO_MIRROR_MASTER_AUTH=admin:wrong", "selftest", check=False)
    assert refused.returncode == 77, refused.stdout + refused.stderr


def test_more_read_only_nodes(site, master):
    site.up("--no-recreate", "--scale", "read-only=1")
    site.up("--scale", "read-only=3", "read-only", READ_ONLY_PORT="0")
    ports = set()
    for container in site.containers("read-only"):
        wait_until(lambda: engine.health(container) == "healthy", "the node is healthy", 90, every=0.5)
        ports.add(docker("port", container, "8888").stdout.strip())
    assert len(ports) == 3 and all(port.startswith("127.0.0.1:") for port in ports)
    for port in ports:
        records.assert_same(master, engine.Node(f"http://{port}/v1", AUTH), NAME, tombstones=True)
    site.up("--scale", "read-only=1", "read-only")
    site.wait_healthy("read-only")


def test_each_container_may_be_killed_under_writes(site, master, reader, rng):
    site.wait_healthy("mirror")
    writer = Writer(master, NAME, rng)
    writer.start()
    try:
        for service in ("replica-db", "replica", "mirror", "master", "master-db"):
            before = writer.written
            wait_until(lambda: writer.written > before + 10, "writes go on")
            site.kill(service)
            time.sleep(2)  # what waits meanwhile is the case to be tested
            site.start(service)
            wait_until(lambda: writer.written > before + 20, f"writes go on after {service} was killed", 90)
    finally:
        writer.stop()
    # A node whose database was killed answers 503 once for each connection that it had.
    wanted = wait_until(lambda: records.stored(master, NAME, tombstones=True), "the master can be read", 60)
    wait_until(lambda: records.stored(reader, NAME, tombstones=True), "the read-only node can be read", 60)
    assert len(wanted) > 150 and any("deleted" in row for row in wanted.values())
    try:
        wait_until(lambda: differences(master, reader) == [], "all is the same after all", 120, every=1)
    except AssertionError as error:
        pytest.fail(f"{error}: {differences(master, reader)}\n{site.logs('mirror')[-6000:]}")
    for service in ("replica-db", "replica", "master", "master-db", "mirror"):
        site.wait_healthy(service)


def test_the_log_is_mozlog(site):
    found = lines(site.logs("mirror"))
    assert found
    assert [problem for line in found for problem in mozlog.problems(line)] == []


def test_a_wrong_password_is_told_where_one_looks(site, container):
    wrong = container("--network", f"{site.project}_default", "--health-interval", "1s", "--health-retries", "2",
                      "--health-start-period", "1s", "-e", "KINTO_MIRROR_MASTER=http://master:8888/v1",
                      "-e", "KINTO_MIRROR_REPLICA=http://replica:8888/v1",
                      "-e", f"KINTO_MIRROR_REPLICA_AUTH={AUTH}", "-e", "KINTO_MIRROR_MASTER_AUTH=admin:wrong-horse")
    wait_until(lambda: engine.health(wrong.id) == "unhealthy", "it is unhealthy", 30)
    wait_until(lambda: "401" in engine.last_check(wrong.id), "docker inspect tells why")
    told = engine.last_check(wrong.id)
    assert "master" in told and len(told.splitlines()) == 1, told
    assert "wrong-horse" not in told + wrong.logs()
    assert "401" in wrong.logs()


def begin(site: Stack) -> float:
    """Starts the daemon anew; seconds from the start of the container to the end of the first pass."""
    container = site.container("mirror")
    docker("stop", container)
    seen = len(site.logs("mirror").splitlines())
    docker("start", container)
    first = wait_until(lambda: next((line for line in lines(site.logs("mirror"))[seen:]
                                     if line["Type"] == "sync.following"), None), "it follows")
    started = engine.inspect(container)["State"]["StartedAt"]
    return first["Timestamp"] / 1e9 - engine.seconds_of(started)


def test_it_starts_fast(site):
    took = [begin(site) for _ in range(3)]
    print("start to first pass:", ", ".join(f"{seconds:.2f} s" for seconds in took))
    assert min(took) < 1


def test_it_idles_on_little(site):
    time.sleep(3)  # the overlap's last passes do not matter, but the start should be over
    pid = engine.inspect(site.container("mirror"))["State"]["Pid"]
    before = engine.processor_seconds(pid)
    time.sleep(15)
    share = (engine.processor_seconds(pid) - before) / 15
    resident = engine.resident_kib(pid) / 1024
    print(f"idle: {resident:.1f} MiB resident, {share:.2%} of a core")
    assert resident < 16
    assert share < 0.01
