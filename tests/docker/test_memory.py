"""deploy/compose.memory.yml: two Kinto servers in memory and the daemon, which is started before them."""

import pytest

from harness import engine, records
from harness.engine import Stack
from harness.waiting import wait_until

AUTH = "development:development"
NAME = "library/books"


@pytest.fixture(scope="module")
def site(stacks) -> Stack:
    return stacks("deploy/compose.memory.yml")


def test_started_before_everything_else_it_waits_and_says_for_what(site):
    site.up("--no-deps", "mirror")
    wait_until(lambda: "http://master:8888" in site.logs("mirror").split("daemon.start", 1)[-1], "it says for what it waits")
    wait_until(lambda: "master" in engine.last_check(site.container("mirror")), "and the health check says so too", 60)
    container = site.container("mirror")
    site.up("--no-recreate")
    assert site.container("mirror") == container
    site.wait_healthy("mirror", 120)
    assert engine.inspect(container)["RestartCount"] == 0
    assert "works again" in site.logs("mirror")


def test_it_holds_no_more_than_the_mission_s_two_servers_and_the_mirror(site):
    services = site.compose("config", "--services").stdout.split()
    assert sorted(services) == ["master", "mirror", "replica", "selftest"]
    assert len(engine.docker("ps", "-q", "--filter", f"label=com.docker.compose.project={site.project}")
               .stdout.split()) == 3


def test_records_arrive(site, rng):
    master, replica = site.node("MASTER_PORT", AUTH), site.node("REPLICA_PORT", AUTH)
    records.load(master, NAME, records.random_records(rng, 100))
    records.wait_same(master, replica, NAME, "the replica has what the master has")


def test_a_master_that_lost_everything_destroys_nothing(site):
    """Killed, a server in memory comes back empty."""
    replica = site.node("REPLICA_PORT", AUTH)
    before = records.stored(replica, NAME)
    site.kill("master")
    site.start("master")
    site.wait_healthy("master")
    wait_until(lambda: site.node("MASTER_PORT", AUTH).client().get_buckets() == [], "the master is empty")
    site.wait_healthy("mirror", 120)
    assert records.stored(replica, NAME) == before


def test_a_replica_that_lost_everything_is_filled_again(site, rng):
    master, replica = site.node("MASTER_PORT", AUTH), site.node("REPLICA_PORT", AUTH)
    records.load(master, NAME, records.random_records(rng, 100))
    site.kill("replica")
    site.start("replica")
    records.wait_same(master, replica, NAME, "the replica has it all again", 90)


def test_a_server_that_hangs_is_named(site):
    replica, mirror = site.container("replica"), site.container("mirror")
    engine.docker("pause", replica)
    try:
        wait_until(lambda: engine.health(mirror) == "unhealthy", "it is unhealthy", 90, every=0.5)
        told = engine.last_check(mirror)
        assert "replica" in told and "master http" not in told, told
    finally:
        engine.docker("unpause", replica)
    site.wait_healthy("mirror")


def test_the_self_test_passes(site):
    assert " passed, 0 failed" in site.compose("run", "--rm", "-T", "selftest").stdout
