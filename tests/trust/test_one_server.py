"""One server under two names, as master and replica: compared with itself it would always be in sync."""

import json

import pytest

from harness import mirror, records
from harness.kinto import AUTH, BACKENDS, KintoServer
from harness.proxy import Proxy, Request, Response
from harness.servers import Pair, Servers

OTHER = "somebody:else"
IDENTITY = "/v1/buckets/kinto-mirror/collections/identity"


@pytest.fixture(params=BACKENDS)
def server(request, servers, name, rng) -> KintoServer:
    """With some records."""
    one = servers.get(request.param, "master")
    records.load(one, name, records.random_records(rng, 5))
    return one


def under_another_name(server: KintoServer) -> str:
    return server.url.replace("127.0.0.1", "localhost")


def args_of(server: KintoServer, replica_auth: str = AUTH) -> list[str]:
    return ["--master", server.url, "--master-auth", AUTH, "--replica", under_another_name(server), "--replica-auth", replica_auth]


def contents(server: KintoServer, name: str) -> tuple:
    bucket, collection = name.split("/")
    client = server.client()
    return (records.bucket_ids(server), client.get_bucket(id=bucket), client.get_collection(id=collection, bucket=bucket),
            records.stored(server, name, tombstones=True), records.etag(server, name))


def assert_refused(text: str, server: KintoServer) -> None:
    for word in (server.url, under_another_name(server), "same server", "has been removed", "give the address of another"):
        assert word in text


@pytest.mark.parametrize("auth", [AUTH, OTHER], ids=["one user", "two users"])
@pytest.mark.parametrize("more", [(), ("--extras", "delete", "--max-delete", "100%")], ids=["keep", "delete"])
def test_a_single_run_refuses_it(server, name, auth, more):
    before = contents(server, name)
    for _ in range(2):
        result = mirror.run("run", "--once", *args_of(server, auth), *more).expect(78)
        assert_refused(result.err, server)
        assert "not compared" in result.out and "NOT in sync" in result.out
        assert contents(server, name) == before


@pytest.mark.parametrize("checkpoint", ["replica", "file"])
def test_the_daemon_refuses_it(server, name, tmp_path, daemon, checkpoint):
    before = contents(server, name)
    where = "replica" if checkpoint == "replica" else f"file:{tmp_path / 'checkpoints'}"
    running = daemon(*args_of(server), "--checkpoint", where)
    assert running.process.wait(20) == 78
    assert_refused(running.log(), server)
    assert contents(server, name) == before


def test_a_user_who_may_see_nothing_is_refused_for_the_same_reason(server, name):
    """The names in scope, or the right to read, are the lesser mistake."""
    result = mirror.run("run", "--once", "--master", server.url, "--replica", under_another_name(server),
                        "--replica-auth", AUTH, "--collections", name).expect(78)
    assert_refused(result.err, server)


@pytest.mark.parametrize("command", [("check",), ("run", "--dry-run")], ids=" ".join)
@pytest.mark.parametrize("met", [False, True], ids=["never met", "met before"])
def test_a_comparison_tells_of_it_and_writes_nothing(server, servers, name, command, met):
    if met:
        other = servers.get("memory", "other")
        records.load(other, name, [{"id": "one"}])
        Pair(other, server).once().expect(0)
    before = contents(server, name)
    result = mirror.run(*command, *args_of(server)).expect(0)
    (line,) = [json.loads(line) for line in result.err.splitlines() if "look like one server" in line]
    assert line["Type"] == "sync.notice"
    assert server.url in line["Fields"]["msg"] and under_another_name(server) in line["Fields"]["msg"]
    assert contents(server, name) == before


def test_two_servers_are_no_news(each_pair, name, rng):
    records.load(each_pair.master, name, records.random_records(rng, 5))
    for result in (each_pair.check().expect(1), each_pair.once().expect(0), each_pair.check().expect(0)):
        assert "one server" not in result.err and "same server" not in result.err
    assert records.bucket_ids(each_pair.master) == {name.split("/")[0]}


def test_the_replica_of_another_master_keeps_its_checkpoints(each_backend, name, rng):
    records.load(each_backend.master, name, records.random_records(rng, 5))
    each_backend.once().expect(0)
    own = "kinto-mirror/checkpoints"
    before = records.stored(each_backend.replica, own)
    result = mirror.run("run", "--once", *args_of(each_backend.replica)).expect(78)
    assert_refused(result.err, each_backend.replica)
    assert records.stored(each_backend.replica, own) == before
    assert [one["id"] for one in each_backend.replica.client().get_collections(bucket="kinto-mirror")] == ["checkpoints"]
    each_backend.once().expect(0)


def test_a_replica_may_be_the_master_of_another_one(servers, name, rng):
    first, second, third = (servers.get("memory", role) for role in ("master", "replica", "other"))
    records.load(first, name, records.random_records(rng, 5))
    for _ in range(2):
        Pair(first, second).once().expect(0)
        Pair(second, third).once().expect(0)


def test_the_others_go_on(servers, name, rng, tmp_path, daemon):
    master, other = servers.get("memory", "master"), servers.get("memory", "replica")
    records.load(master, name, records.random_records(rng, 5))
    config = mirror.write_config(tmp_path, master.url, itself=under_another_name(master), other=other.url)
    result = mirror.run("run", "--once", "--config", config, "--json").expect(78)
    assert_refused(result.err, master)
    assert [[one["state"] for one in replica["collections"]] for replica in result.report["replicas"]] == [[], ["in-sync"]]
    running = daemon("--config", config)
    assert running.process.wait(20) == 78
    assert_refused(running.log(), master)
    assert "kinto-mirror" not in records.bucket_ids(master)


class Cache(Proxy):
    """Keeps every answer to a GET for ever."""

    def __init__(self, upstream: str):
        self._kept: dict[str, Response] = {}
        super().__init__(upstream)

    def handle(self, request: Request) -> Response:
        if request.method != "GET":
            return self.forward(request)
        if request.path not in self._kept:
            self._kept[request.path] = self.forward(request)
        return self._kept[request.path]


def test_a_cache_does_not_hide_it(server, name, proxied):
    front = proxied(Cache(server.url))
    for _ in range(3):
        mirror.run("run", "--once", *mirror.servers(front.url, server.url)).expect(78)
        assert records.bucket_ids(server) == {name.split("/")[0]}


@pytest.fixture(params=BACKENDS)
def closed(request, servers, name) -> KintoServer:
    """A server on which the daemon's user may write one bucket, and make none."""
    users = [servers.get("memory", "master").client(auth).server_info()["user"]["id"] for auth in (OTHER, AUTH)]
    server = servers.get(request.param, "closed", {"kinto.bucket_create_principals": users[0]})
    bucket, collection = name.split("/")
    server.client(OTHER).create_bucket(id=bucket, permissions={"write": [users[1]]})
    server.client().create_collection(id=collection, bucket=bucket)
    return server


def test_without_the_right_to_write_there_it_cannot_be_told(closed, name, rng, tmp_path):
    """And nothing of the daemon's is written there either."""
    records.put(closed, name, records.random_records(rng, 5))
    mirror.run("run", "--once", *args_of(closed), "--checkpoint", f"file:{tmp_path / 'file'}").expect(0)
    assert {bucket["id"] for bucket in closed.client(OTHER).get_buckets()} == {name.split("/")[0]}


def test_two_servers_without_the_right_to_make_buckets(closed, servers, name, rng, tmp_path):
    master = servers.get("memory", "master")
    records.load(master, name, records.random_records(rng, 5))
    result = Pair(master, closed).once("--checkpoint", f"file:{tmp_path / 'file'}").expect(0)
    assert "one server" not in result.err


def copy_of(server: KintoServer, servers: Servers) -> KintoServer:
    """Another server, on a copy of the database."""
    server.halt()
    url = servers.cluster.create_database(server.database_url)
    server.start()
    return servers.start("postgresql", {f"kinto.{role}_url": url for role in ("storage", "permission", "cache")})


def test_a_copy_of_the_database_is_another_server(servers, name, rng):
    first = servers.get("memory", "master")
    replica = servers.start("postgresql")
    try:
        records.load(first, name, records.random_records(rng, 5))
        Pair(first, replica).once().expect(0)
        copy = copy_of(replica, servers)
        try:
            for master, other in ((copy, replica), (replica, copy)):
                result = Pair(master, other).check().expect(0)
                assert ("look like one server" in result.err) == (master is copy)
                for _ in range(2):
                    assert "one server" not in Pair(master, other).once().expect(0).err
        finally:
            copy.close()
    finally:
        replica.close()


def test_what_it_costs(pair, name, rng, proxied):
    """A request to the master between two to the replica; at the first start of all another one to the master."""
    records.load(pair.master, name, records.random_records(rng, 5))
    for expected in (2, 1, 1):
        master, replica = proxied(Proxy(pair.master.url)), proxied(Proxy(pair.replica.url))
        mirror.run("run", "--once", *mirror.servers(master.url, replica.url)).expect(0)
        asked = [[one for one in side.requests if one.path.startswith(IDENTITY)] for side in (master, replica)]
        assert len(asked[0]) == expected
        assert len([one for one in asked[1] if one.method == "GET"]) == 2
