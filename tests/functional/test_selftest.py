"""The self-test that ships in the binary: it passes on good servers, cleans up, and is able to fail."""

import signal
import socket
import time
import xml.etree.ElementTree as ET

import pytest
import requests

from harness import mirror, records
from harness.faults import LosesWrites, SlowWrites
from harness.kinto import ACCOUNTS
from harness.proxy import Proxy
from harness.waiting import wait_until


def selftest_buckets(*servers) -> set[str]:
    return {bucket for server in servers for bucket in records.bucket_ids(server) if bucket.startswith("selftest-")}


def scenarios() -> list[str]:
    """Listing them needs no servers."""
    out = mirror.run("selftest", "--list").expect(0).out
    return [line.strip() for line in out.splitlines() if line.strip()]


def test_it_passes_on_good_servers_and_leaves_nothing(each_pair, tmp_path):
    records.load(each_pair.replica, "mine/articles", [{"id": "one"}])
    junit = tmp_path / "junit.xml"
    result = mirror.run("selftest", "--junit", str(junit), *each_pair.args).expect(0)
    assert "seed" in result.out
    assert any(character.isdigit() for character in result.out.rstrip().splitlines()[-1])
    cases = ET.parse(junit).findall(".//testcase")
    assert len(cases) >= 8
    assert ET.parse(junit).findall(".//failure") == []
    assert selftest_buckets(each_pair.master, each_pair.replica) == set()
    assert records.bucket_ids(each_pair.master) == set()
    assert records.count(each_pair.replica, "mine/articles") == 1


def test_the_flag_is_an_alias(pair):
    result = mirror.run("--selftest", *pair.args).expect(0)
    assert "seed" in result.out


def test_the_scenarios_are_listed_and_can_be_chosen(pair, tmp_path):
    names = scenarios()
    assert len(names) >= 8
    junit = tmp_path / "junit.xml"
    mirror.run("selftest", "--filter", names[0], "--junit", str(junit), *pair.args).expect(0)
    assert len(ET.parse(junit).findall(".//testcase")) == 1


def test_a_filter_without_a_match_is_an_error(pair):
    result = mirror.run("selftest", "--filter", "no-such-scenario*", *pair.args).expect(64)
    assert "no-such-scenario" in result.err
    assert records.bucket_ids(pair.master) == set()


def test_a_seed_makes_the_same_records_again(pair, proxied):
    def titles(seed: str) -> list[str]:
        pair.master.flush()
        pair.replica.flush()
        watched = proxied(Proxy(pair.master.url))
        result = mirror.run("selftest", "--filter", "mission", "--seed", seed, *mirror.servers(watched.url, pair.replica.url)).expect(0)
        assert seed in result.out
        bodies = b"".join(request.body for request in watched.writes()).decode()
        return sorted(part.split('"')[1] for part in bodies.replace(" ", "").split('"title":')[1:])

    first, again, other = titles("42"), titles("42"), titles("43")
    assert len(first) >= 5
    assert first == again
    assert first != other


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cleans_up(pair, proxied, signum):
    slow = proxied(SlowWrites(pair.replica.url, delay=0.3))
    process = mirror.start("selftest", *mirror.servers(pair.master.url, slow.url))
    try:
        wait_until(lambda: selftest_buckets(pair.master) and slow.landed > 2, "a scenario is under way")
        process.send_signal(signum)
        process.communicate(timeout=60)
        assert process.returncode != 0
        assert selftest_buckets(pair.master, pair.replica) == set()
    finally:
        mirror.stop(process, signal.SIGKILL)


def test_a_server_that_hangs_holds_an_interrupted_run_for_seven_seconds(pair):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = mirror.start("selftest", *mirror.servers(f"http://127.0.0.1:{silent.getsockname()[1]}/v1", pair.replica.url))
        try:
            with silent.accept()[0]:
                began = time.monotonic()
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=60)
                assert time.monotonic() - began < 9
            assert process.returncode == 1
        finally:
            mirror.stop(process, signal.SIGKILL)


@pytest.mark.parametrize("side", ["master", "replica"])
def test_a_dead_server_is_told_before_anything_is_written(pair, proxied, side):
    watched = proxied(Proxy(pair.master.url if side == "replica" else pair.replica.url))
    dead = "http://127.0.0.1:9/v1"
    urls = {"master": watched.url, "replica": watched.url} | {side: dead}
    result = mirror.run("selftest", *mirror.servers(urls["master"], urls["replica"])).expect(69)
    assert side in result.out + result.err and dead.split("/")[2] in result.out + result.err
    assert watched.writes() == []


@pytest.mark.parametrize("side", ["master", "replica"])
def test_a_wrong_password_is_told_before_anything_is_written(servers, proxied, side):
    accounts = servers.get("memory", "with accounts", ACCOUNTS, auth="bob:right-password")
    requests.put(f"{accounts.url}/accounts/bob", json={"data": {"password": "right-password"}},
                 timeout=10).raise_for_status()
    watched = proxied(Proxy(servers.get("memory", "other").url))
    urls = {"master": watched.url, "replica": watched.url} | {side: accounts.url}
    result = mirror.run("selftest", *mirror.servers(urls["master"], urls["replica"], "bob:wrong-password")).expect(77)
    assert side in result.out + result.err
    assert watched.writes() == []


def test_missing_rights_are_told_before_anything_is_written(servers, proxied):
    master = servers.get("memory", "master")
    locked = servers.get("memory", "locked", {"kinto.bucket_create_principals": "basicauth:nobody"})
    watched = proxied(Proxy(master.url))
    result = mirror.run("selftest", *mirror.servers(watched.url, locked.url)).expect(77)
    assert "replica" in result.out + result.err
    assert watched.writes() == []


def test_the_test_of_the_test(pair, proxied, tmp_path):
    """A replica that answers success and loses writes must be found out."""
    losing = proxied(LosesWrites(pair.replica.url))
    junit = tmp_path / "junit.xml"
    mirror.run("selftest", "--junit", str(junit), *mirror.servers(pair.master.url, losing.url)).expect(1)
    assert losing.lost > 0
    assert ET.parse(junit).findall(".//failure") != []
    assert selftest_buckets(pair.master, pair.replica) == set()


def test_each_replica_of_the_file_is_tested(servers, tmp_path):
    master, first, second = (servers.get("memory", role) for role in ("master", "replica", "other"))
    file = mirror.write_config(tmp_path, master.url, one=first.url, two=second.url)
    junit = tmp_path / "junit.xml"
    result = mirror.run("selftest", "--config", file, "--filter", "mission", "--junit", str(junit)).expect(0)
    assert result.out.rstrip().splitlines()[-1] == "2 passed, 0 failed, 0 skipped"
    for server in (first, second):
        assert f"{server.url}: buckets may be created" in result.out
    suites = ET.parse(junit).findall(".//testsuite")
    assert [suite.get("name").split()[-1] for suite in suites] == ["one", "two"]
    assert [len(suite.findall("testcase")) for suite in suites] == [1, 1]
    assert selftest_buckets(master, first, second) == set()


def test_a_fault_of_the_second_replica_fails_the_run(servers, proxied, tmp_path):
    master, first, second = (servers.get("memory", role) for role in ("master", "replica", "other"))
    losing = proxied(LosesWrites(second.url))
    file = mirror.write_config(tmp_path, master.url, one=first.url, two=losing.url)
    result = mirror.run("selftest", "--config", file, "--filter", "mission").expect(1)
    assert result.out.rstrip().splitlines()[-1] == "1 passed, 1 failed, 0 skipped"
    assert selftest_buckets(master, first, second) == set()


def test_a_second_replica_that_is_dead_is_told_before_anything_is_written(servers, tmp_path):
    master, first = (servers.get("memory", role) for role in ("master", "replica"))
    file = mirror.write_config(tmp_path, master.url, one=first.url, two="http://127.0.0.1:9/v1")
    result = mirror.run("selftest", "--config", file).expect(69)
    assert "two: GET http://127.0.0.1:9/v1/" in result.err and "[[replica]]" in result.err
    assert "seed" not in result.out
    assert records.bucket_ids(first) == set()


@pytest.mark.parametrize("side", ["master", "replica"])
def test_a_server_that_gives_its_users_no_rights(servers, side):
    """Hello tells it: one line, and nothing is written."""
    odd = servers.get("memory", "without explicit permissions", {"kinto.explicit_permissions": "false"})
    plain = servers.get("memory", "replica")
    urls = (odd.url, plain.url) if side == "master" else (plain.url, odd.url)
    result = mirror.run("selftest", *mirror.servers(*urls)).expect(77)
    assert result.out.count("FAIL") == 1 and "explicit_permissions = false" in result.out, result.out


def test_one_server_under_two_names_is_told_before_anything_is_tested(pair):
    twin = pair.master.url.replace("127.0.0.1", "localhost")
    result = mirror.run("selftest", *mirror.servers(pair.master.url, twin))
    assert result.code == 78
    assert "one and the same server" in result.out
    assert "ok    mission" not in result.out
    assert selftest_buckets(pair.master) == set()
