"""`check --combined`, `check --bodies` and the differences in `check --json`: by name."""

import signal
import subprocess
from collections import Counter

import pytest

from harness import mirror, records
from harness.containers import put
from harness.faults import Slow
from harness.paths import BINARY
from harness.servers import Pair
from harness.waiting import wait_until

SCHEMAS = {"kinto.experimental_collection_schema_validation": "true"}
TITLES_ARE_TEXT = {"type": "object", "properties": {"title": {"type": "string"}}}
OLD, NEW = 1_700_000_000_000, 1_750_000_000_000


def lines_of(text: str) -> dict[str, str]:
    """The sign of each name; each has one line."""
    lines = text.splitlines()
    found = {name: sign for sign, name in (line.split(" ", 1) for line in lines)}
    assert len(found) == len(lines), [line for line, times in Counter(lines).items() if times > 1]
    return found


@pytest.fixture
def damaged(each_pair, name, rng):
    """One record of each fate; the signs that tell of them."""
    master, replica = each_pair.master, each_pair.replica
    made = {record_id: record | {"id": record_id, "last_modified": OLD + place} for place, (record_id, record) in enumerate(
        zip(["same", "missing", "older", "newer", "deleted"], records.random_records(rng, 5)))}
    records.load(master, name, made.values())
    records.load(replica, name, [made["same"], made["deleted"], made["older"] | {"last_modified": OLD - 5},
                                 made["newer"] | {"last_modified": NEW},
                                 records.random_records(rng, 1)[0] | {"id": "extra", "last_modified": NEW + 1}])
    records.delete(master, name, "deleted")
    bucket, collection = name.split("/")
    signs = {"same": "=", "missing": "+", "older": "*", "newer": "*", "deleted": "-", "extra": "-"}
    return each_pair, {f"{name}/{key}": sign for key, sign in signs.items()} | {
        bucket: "=", f"{bucket}/collections/{collection}": "="}


def test_each_record_and_container_has_its_line(damaged, name, tmp_path):
    pair, wanted = damaged
    listing = tmp_path / "combined"
    listing.write_text("of an earlier run\n" * 100)

    entry = pair.check("--collections", name, "--combined", str(listing)).expect(1).collection(name)

    assert lines_of(listing.read_text()) == wanted
    assert {one["id"]: one["kind"] for one in entry["differences"]} == {
        "missing": "missing", "older": "differs", "newer": "differs", "deleted": "undeleted", "extra": "extra"}


def test_stdout_has_the_lines_instead_of_the_report(damaged, name):
    pair, wanted = damaged
    result = mirror.run("check", *pair.args, "--collections", name, "--combined", "-").expect(1)
    assert lines_of(result.out) == wanted
    assert "stdout" in mirror.run("check", "--json", *pair.args, "--combined", "-").expect(64).err


def test_two_that_are_alike_have_equal_signs_alone(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 700))
    pair.once("--collections", name).expect(0)
    result = mirror.run("check", *pair.args, "--collections", name, "--combined", "-").expect(0)
    assert set(lines_of(result.out).values()) == {"="} and len(result.out.splitlines()) == 702
    assert "differences" not in pair.check("--collections", name).expect(0).collection(name)


def test_an_empty_replica_lacks_all(pair, name, rng):
    made = records.random_records(rng, 1200)
    records.load(pair.master, name, made)
    result = mirror.run("check", *pair.args, "--collections", name, "--combined", "-").expect(1)
    bucket, collection = name.split("/")
    assert lines_of(result.out) == {f"{name}/{record['id']}": "+" for record in made} | {
        bucket: "+", f"{bucket}/collections/{collection}": "+"}
    named = pair.check("--collections", name).expect(1).collection(name)["differences"]
    assert len(named) == 1000 and {one["kind"] for one in named} == {"missing"}


def test_of_many_replicas_each_line_names_its_own(pair, pg_pair, name, rng, tmp_path):
    records.load(pair.master, name, [record | {"id": f"r{n}"} for n, record in enumerate(records.random_records(rng, 2))])
    pair.once("--collections", name).expect(0)
    file = mirror.write_config(tmp_path, pair.master.url, near=pair.replica.url, far=pg_pair.replica.url)
    result = mirror.run("check", "--config", file, "--collections", name, "--combined", "-").expect(1)
    told = {line for line in result.out.splitlines() if line.split(" ", 1)[1].startswith(name)}
    assert told == {f"{sign} {name}/r{n}\t{replica}" for sign, replica in [("=", "near"), ("+", "far")] for n in range(2)}


def test_what_the_daemon_has_in_quarantine_is_told_so(servers, name):
    pair = Pair(servers.get("memory", "master"), servers.get("memory", "replica", SCHEMAS))
    records.load(pair.master, name, [{"id": "good", "title": "text"}, {"id": "bad", "title": 7}])
    records.load(pair.replica, name, [])
    put(pair.replica, "{}/collections/{}".format(*name.split("/")), {"schema": TITLES_ARE_TEXT})
    scope = ("--collections", name, "--metadata", "create")
    pair.once(*scope).expect(1)
    entry = pair.check(*scope, "--combined", "/dev/null").expect(1).collection(name)
    assert entry["differences"] == [{"id": "bad", "kind": "quarantined"}]
    told = lines_of(mirror.run("check", *pair.args, *scope, "--combined", "-").expect(1).out)
    assert (told[f"{name}/good"], told[f"{name}/bad"]) == ("=", "!")


def test_a_server_that_does_not_answer_leaves_a_line(pair, name, rng, proxied):
    records.load(pair.master, name, records.random_records(rng, 3))
    bucket, collection = name.split("/")
    result = mirror.run("check", "--master", pair.master.url, "--master-auth", "nobody:knows", "--replica", pair.replica.url,
                        "--replica-auth", "mirror:s3cret", "--collections", name, "--combined", "-").expect(1, 77)
    assert lines_of(result.out).get(f"{bucket}/collections/{collection}", "!") == "!"


# -- Bodies.

def test_bodies_under_one_stamp_are_compared_by_value(each_pair, name):
    same = {"id": "same", "a": 1, "b": {"x": [1.5, 1e22, "ä"]}, "last_modified": OLD}
    records.load(each_pair.master, name, [same, {"id": "other", "a": 1, "last_modified": OLD + 1},
                                          {"id": "more", "last_modified": OLD + 2}])
    records.load(each_pair.replica, name, [dict(reversed(same.items())), {"id": "other", "a": 2, "last_modified": OLD + 1},
                                           {"id": "more", "a": None, "last_modified": OLD + 2}])
    scope = ("--collections", name)

    assert each_pair.check(*scope).expect(0).collection(name)["same"] == 3
    result = each_pair.check(*scope, "--bodies").expect(1)

    entry = result.collection(name)
    assert (entry["same"], entry["differs"]) == (1, 2)
    assert entry["differences"] == [{"id": "other", "kind": "differs"}, {"id": "more", "kind": "differs"}]
    told = lines_of(mirror.run("check", *each_pair.args, *scope, "--bodies", "--combined", "-").expect(1).out)
    assert [told[f"{name}/{key}"] for key in ("same", "other", "more")] == ["=", "*", "*"]


def test_many_bodies_under_one_stamp(pair, name):
    """Beyond a thousand of one stamp their bytes are not held, and are read again."""
    made = [{"id": f"r{n}", "n": n, "last_modified": OLD} for n in range(1300)]
    records.load(pair.master, name, made)
    records.load(pair.replica, name, made[:1298] + [made[1298] | {"n": 0}, made[1299]])
    entry = pair.check("--collections", name, "--bodies").expect(1).collection(name)
    assert (entry["same"], entry["differs"]) == (1299, 1)
    assert entry["differences"] == [{"id": "r1298", "kind": "differs"}]


# -- Wrong use.

@pytest.mark.parametrize("args", [["run", "--once", "--combined", "-"], ["status", "--bodies"]])
def test_they_belong_to_check(pair, args):
    verb, *flags = args
    result = mirror.run(verb, *pair.args, *flags).expect(64)
    assert "check" in result.err


def test_a_file_that_cannot_be_written_is_told_before_anything_is_asked(pair, name):
    result = mirror.run("check", *pair.args, "--combined", "/no/such/folder/list").expect(64)
    assert "/no/such/folder/list" in result.err and "folder" in result.err


# -- A listing that is not the whole.

def former_listing(folder):
    listing = folder / "list"
    listing.write_text("= a/former/listing\n")
    return listing


def test_a_server_that_is_down_leaves_the_listing_of_before(pair, name, tmp_path):
    listing = former_listing(tmp_path)
    result = mirror.run("check", *mirror.servers(pair.master.url, "http://127.0.0.1:9/v1"), "--collections", name,
                        "--combined", str(listing)).expect(69)
    assert listing.read_text() == "= a/former/listing\n" and "is left as it was" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["list"]


def test_an_interrupted_check_leaves_the_listing_of_before(pair, name, rng, proxied, tmp_path):
    records.load(pair.master, name, records.random_records(rng, 3))
    slow = proxied(Slow(pair.master.url, 0.3))
    listing = former_listing(tmp_path)
    process = mirror.start("check", *mirror.servers(slow.url, pair.replica.url), "--collections", name, "--combined", str(listing))
    try:
        wait_until(lambda: len(slow.requests) > 1, "it compares")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    finally:
        mirror.stop(process, signal.SIGKILL)
    assert process.returncode == 1
    assert listing.read_text() == "= a/former/listing\n" and [path.name for path in tmp_path.iterdir()] == ["list"]


def test_a_full_disk_ends_a_listing_as_it_ends_a_dump(pair, name, tmp_path):
    records.load(pair.master, name, [{"id": f"{number:0>120}"} for number in range(100)])
    listing = former_listing(tmp_path)
    small = ["sh", "-c", 'trap "" XFSZ; ulimit -f 8; exec "$@"', "sh", str(BINARY)]
    for command, file in (("check", ("--combined", str(listing))), ("dump", (str(tmp_path / "d"),))):
        done = subprocess.run([*small, command, *pair.args, "--collections", name, *file], env=mirror.clean_environment(),
                              capture_output=True, text=True, timeout=60)
        assert (done.returncode, "File too large" in done.stderr) == (1, True), done.stderr
    assert listing.read_text() == "= a/former/listing\n" and [path.name for path in tmp_path.iterdir()] == ["list"]


# -- What one side does not show.

def test_a_bucket_that_the_replica_lacks_is_a_difference_though_nothing_is_in_it(each_pair, name):
    records.load(each_pair.master, name, [])
    bucket, collection = name.split("/")
    result = mirror.run("check", *each_pair.args, "--collections", f"{bucket}/*", "--combined", "-").expect(1)
    assert lines_of(result.out) == {bucket: "+", f"{bucket}/collections/{collection}": "+"}
    report = each_pair.check("--collections", f"{bucket}/*").expect(1).report
    assert report["replicas"][0]["containers"]["state"] == "different"
    each_pair.once("--collections", f"{bucket}/*").expect(0)
    assert each_pair.check("--collections", f"{bucket}/*").expect(0).report["in_sync"]


def test_a_replica_that_turns_the_user_away_is_not_in_sync(pair, name):
    records.load(pair.master, name, [])
    pair.once("--collections", name).expect(0)
    wrong = mirror.run("check", *mirror.servers(pair.master.url, pair.replica.url), "--replica-auth", "mirror:another",
                       "--collections", name).expect(1)
    assert "NOT in sync" in wrong.out
