"""Reports go to stdout, logs to stderr; without a terminal they are mozlog 2.0 lines."""

import json
import signal

import pytest

from harness import mirror, mozlog, records
from harness.faults import Answers
from harness.proxy import Proxy
from harness.waiting import wait_until

def log_lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.split("\n") if line]


def test_json_lines_are_mozlog(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 3))
    lines = log_lines(pair.once("--log-format", "json", "--log-level", "debug").expect(0).err)
    assert lines
    for line in lines:
        assert list(mozlog.problems(line)) == []


def test_every_kind_of_line_is_mozlog(pair, name, rng, daemon, proxied):
    """The schema is also held against every log of every other test, by the harness."""
    records.load(pair.master, name, records.random_records(rng, 3))
    refusing = proxied(Answers(pair.master.url, r"/v1/(buckets|batch)", 401, {"code": 401}, methods="GET HEAD POST"))
    troubled = daemon(*mirror.servers(refusing.url, pair.replica.url))
    running = daemon(*pair.args, "--interval", "200ms", "--log-level", "trace")
    wait_until(lambda: "server.trouble" in troubled.log(), "it has trouble")
    wait_until(lambda: "is in sync" in running.log(), "it is in sync")
    running.process.send_signal(signal.SIGUSR1)
    wait_until(lambda: "daemon.audit" in running.log(), "it audits")
    running.stop()
    refused = mirror.run("run", "--once", *mirror.servers("http://127.0.0.1:9/v1", pair.replica.url))
    lines = log_lines(running.log() + troubled.log() + refused.err)
    assert [problem for line in lines for problem in mozlog.problems(line)] == []
    assert {"daemon.start", "http.exchange", "sync.pass", "sync.state", "daemon.audit", "daemon.stop", "daemon.end",
            "server.trouble", "run.failed"} <= {line["Type"] for line in lines}


@pytest.mark.parametrize("spoil", [
    lambda line: line.pop("Fields"), lambda line: line["Fields"].pop("msg"), lambda line: line.update(Severity=8),
    lambda line: line.update(Timestamp=1_800_000_000), lambda line: line.update(EnvVersion=2.0),
    lambda line: line.update(Level="info"), lambda line: line["Fields"].update(nested={"a": 1}),
    lambda line: line["Fields"].update(nothing=None), lambda line: line.update(Pid="1"),
])
def test_the_schema_finds_mistakes(spoil):
    line = {"Timestamp": 1_795_536_145_335_181_754, "Type": "daemon.start", "Logger": "kinto-mirror", "Hostname": "here",
            "EnvVersion": "2.0", "Severity": 6, "Pid": 1, "Fields": {"msg": "starts"}}
    assert list(mozlog.problems(line)) == []
    spoil(line)
    assert list(mozlog.problems(line)) != []


def test_json_is_the_default_without_a_terminal(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 3))
    assert log_lines(pair.once().expect(0).err)


def test_a_pass_that_changed_something_is_logged_and_a_quiet_one_is_not(pair, name, rng):
    def passes() -> list[dict]:
        return [line for line in log_lines(pair.once().expect(0).err)
                if name in json.dumps(line) and line["Type"] == "sync.pass"]

    records.load(pair.master, name, records.random_records(rng, 3))
    assert len(passes()) == 1
    assert passes() == []


def test_a_following_daemon_is_silent_while_nothing_changes(pair, name, rng, proxied, daemon):
    records.load(pair.master, name, records.random_records(rng, 3))
    watched = proxied(Proxy(pair.master.url))
    running = daemon(*mirror.servers(watched.url, pair.replica.url), "--interval", "1s")

    def some_polls() -> int:
        before = len(watched.requests)
        wait_until(lambda: len(watched.requests) >= before + 4, "some polls have passed")
        return len(log_lines(running.log()))

    wait_until(lambda: records.count(pair.replica, name) == 3, "the load has arrived")
    settled = some_polls()
    assert settled > 0
    assert some_polls() == settled, running.log()


def test_text_is_for_people(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 3))
    err = pair.once("--log-format", "text").expect(0).err
    assert any(name in line for line in err.splitlines())
    assert not any(line.startswith("{") for line in err.splitlines())


def test_odd_characters_do_not_break_a_line(servers, rng):
    """What a server says ends up in a log line: quotes, newlines and control characters included."""
    master, replica = servers.get("memory", "master"), servers.get("memory", "replica")
    odd = Answers(master.url, r"/v1/(buckets|batch|\?|$)", 403,
                  {"code": 403, "errno": 121, "error": 'a "quote"\n\u0001', "message": 'line\nbreak "x" \\ \u2028'},
                  methods="GET HEAD POST")
    try:
        result = mirror.run("run", "--once", *mirror.servers(odd.url, replica.url), "--log-format", "json")
        assert result.code != 0
        assert log_lines(result.err)
    finally:
        odd.close()


def test_stdout_has_the_report_and_nothing_else(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 3))
    result = pair.once("--log-level", "debug").expect(0)
    assert json.loads(result.out)["in_sync"] is True
    for line in log_lines(result.err):
        assert "in_sync" not in line


def test_the_first_line_tells_the_effective_configuration(pair, name, rng, tmp_path):
    records.load(pair.master, name, records.random_records(rng, 3))
    (tmp_path / "extra.toml").write_text('[log]\nlevel = "debug"\n')
    result = pair.once("--config", str(tmp_path / "extra.toml"), "--overlap", "30s").expect(0)
    first = log_lines(result.err)[0]
    assert first["Type"] == "daemon.start"
    fields = first["Fields"]
    assert fields["sync.overlap"] == "30s"
    assert fields["sync.interval"] == "5s"
    assert fields["replica[0].url"] == pair.replica.url
    assert fields["log.level"] == "debug"
    assert fields["config"] == str(tmp_path / "extra.toml")
    assert fields["master.auth"] == "mirror:****"
    assert "correct-horse" not in result.out + result.err


def test_a_comparison_that_writes_nothing_is_called_a_check(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 3))
    for comparison in (pair.check, lambda *flags: pair.once("--dry-run", *flags)):
        lines = log_lines(comparison("--log-level", "debug").expect(1).err)
        told = [line["Fields"] for line in lines if "pass" in line["Fields"]]
        assert {fields["pass"] for fields in told} == {"check"}
        assert f"check of {name}: nothing written" in {fields["msg"] for fields in told}
    lines = log_lines(pair.once().expect(0).err)
    assert "load" in {line["Fields"].get("pass") for line in lines}
