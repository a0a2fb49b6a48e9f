"""`dump` writes what a server has into a file, and `restore` brings a file to a server: real Kintos on both ends."""

import gzip
import json
import os
import subprocess
from pathlib import Path

import pytest

from harness import ages, mirror, records
from harness.kinto import AUTH
from harness.paths import BINARY, real_collection

EVERYTHING = ("--permissions", "copy", "--groups", "follow")


def dump(server, path: Path, *more: str) -> mirror.Result:
    return mirror.run("dump", str(path), "--json", "--master", server.url, "--master-auth", AUTH, *more)


def restore(server, path: Path, *more: str) -> mirror.Result:
    return mirror.run("restore", str(path), "--json", "--replica", server.url, "--replica-auth", AUTH, *more)


def everything(server) -> dict:
    """All that the server holds outside of the daemon's own bucket, tombstones too."""
    client = server.client()
    return {f"{bucket}/{collection['id']}": records.stored(server, f"{bucket}/{collection['id']}", tombstones=True)
            for bucket in records.bucket_ids(server) - {"kinto-mirror"}
            for collection in client.get_collections(bucket=bucket)}


def lines(path: Path) -> list[dict]:
    text = path.read_bytes()
    return [json.loads(line) for line in (gzip.decompress(text) if path.suffix == ".gz" else text).splitlines()]


@pytest.mark.parametrize("file", ["backup.ndjson", "backup.ndjson.gz"])
def test_what_was_dumped_is_restored_with_its_stamps(each_pair, name, rng, tmp_path, file):
    master, replica = each_pair.master, each_pair.replica
    records.load(master, name, records.random_records(rng, 40))
    records.delete(master, name, next(iter(records.stored(master, name))))
    path = tmp_path / file

    made = dump(master, path).expect(0).report
    assert made["dumped"] is True and made["bytes"] == path.stat().st_size
    assert made["collections"] == [{"id": name, "records": 39, "tombstones": 1, "etag": int(records.etag(master, name).strip('"'))}]
    assert not list(tmp_path.glob("*.part"))
    assert lines(path)[-1]["end"]["records"] == 39
    assert {row["record"]["id"]: row["record"] for row in lines(path) if "record" in row} == records.stored(master, name)

    first = restore(replica, path).expect(0).collection(name)
    assert (first["created"], first["same"], first["extra"]) == (39, 0, 0)
    records.assert_same(master, replica, name)
    again = restore(replica, path).expect(0).collection(name)
    assert (again["created"], again["updated"], again["deleted"], again["same"]) == (0, 0, 0, 39)
    assert each_pair.check().expect(0).collection(name)["same"] == 39


@pytest.mark.parametrize("collection", ["search-config-icons", "search-telemetry-v2"])
def test_a_real_collection_goes_there_and_back(each_pair, collection, tmp_path):
    published = json.loads(real_collection(collection).read_text())["data"]
    name = f"main/{collection}"
    records.load(each_pair.master, name, published)
    dump(each_pair.master, tmp_path / "d.gz", "--collections", name).expect(0)
    restore(each_pair.replica, tmp_path / "d.gz").expect(0)
    found = records.assert_same(each_pair.master, each_pair.replica, name)
    assert found == {record["id"]: record for record in published}
    assert each_pair.check("--collections", name).expect(0).collection(name)["same"] == len(published) > 0


@pytest.mark.parametrize("collection", ["search-config-icons", "search-telemetry-v2"])
def test_a_file_of_remote_settings_is_restored_as_it_was_published(each_backend, collection, tmp_path):
    source = real_collection(collection)
    name, replica = f"main/{collection}", each_backend.replica
    unnamed = restore(replica, source).expect(64)
    assert "--collections BUCKET/COLLECTION" in unnamed.out and not records.bucket_ids(replica)
    restore(replica, source, "--collections", name).expect(0)
    published = {record["id"]: record for record in json.loads(source.read_text())["data"]}
    assert records.stored(replica, name) == published
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(source.read_bytes()))
    assert restore(replica, packed, "--collections", name).expect(0).collection(name)["same"] == len(published)


# Of kinto-wizard's `--full`, all but the attachments' files, for which it wants a younger Python.
WIZARD_ALL = ("--buckets", "--collections", "--groups", "--records", "--data", "--permissions")
# What YAML might read as something else, and how it might break lines.
ODD = {"words": ["yes", "no", "on", "null", "~", "true", "True", "", " a ", "a\nb\n", "\n\n a", "#", "a: b", "- a", "<<", "*a", "é☃😀", "\u2028x",
                 "word " * 60, "x" * 300, "1", "1.0", "1e3", "0x1f", "0o17", "017", "1_000", "12:30:45", "2001-01-01", ".inf", "=", "\x01\t"],
       "numbers": [0, -1, 1.5, 1e-7, 9007199254740993, -0.0, 1e16], "rest": [None, True, False, [], {}, [[[]]], {"a": [{}]}],
       "yes": 1, "1": 2, "null": 3, "a b": 4, "k" * 200: 5, "a\nb": 6}


def wizard(server, path: Path, *flags: str) -> Path:
    made = subprocess.run([str(Path(ages.python("wizard-6.0.1")).with_name("kinto-wizard")), "dump", "-s", server.url, "-a", AUTH, *flags],
                          capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stderr
    path.write_text(made.stdout)
    return path


def wizard_site(server, name, rng) -> None:
    bucket, collection = name.split("/")
    client = server.client()
    client.create_bucket(id=bucket, data={"about": "yes"}, permissions={"read": ["system.Everyone"]})
    client.create_group(id="staff", bucket=bucket, data={"members": ["account:alice"], "note": "no"})
    client.create_collection(id=collection, bucket=bucket, data={"title": "1"}, permissions={"read": ["account:alice"]})
    records.put(server, name, [*records.random_records(rng, 30), {"id": "1e5", **ODD}, {"id": "yes"}])


def test_a_file_of_kinto_wizard_is_restored(each_pair, name, rng, tmp_path):
    master, replica = each_pair.master, each_pair.replica
    wizard_site(master, name, rng)
    path = wizard(master, tmp_path / "w.yaml", *WIZARD_ALL)

    first = restore(replica, path, *EVERYTHING).expect(0)
    assert first.collection(name)["created"] == 32
    records.assert_same(master, replica, name)
    bucket, collection = name.split("/")
    for get, where in (("get_bucket", {"id": bucket}), ("get_group", {"id": "staff", "bucket": bucket}),
                       ("get_collection", {"id": collection, "bucket": bucket})):
        mine, theirs = getattr(master.client(), get)(**where), getattr(replica.client(), get)(**where)
        assert theirs["data"] == mine["data"] and theirs["permissions"].get("read") == mine["permissions"].get("read")
    before = everything(replica)
    again = restore(replica, path, *EVERYTHING).expect(0)
    entry = again.collection(name)
    assert (entry["created"], entry["updated"], entry["deleted"], entry["same"]) == (0, 0, 0, 32)
    containers = again.report["replicas"][0]["containers"]
    assert (containers["created"], containers["updated"], containers["deleted"]) == (0, 0, 0)
    assert everything(replica) == before
    each_pair.check(*EVERYTHING).expect(0)
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert restore(replica, packed).expect(0).collection(name)["same"] == 32


def test_what_kinto_wizard_was_not_asked_for_stays_as_it_is(each_pair, name, rng, tmp_path):
    master, replica = each_pair.master, each_pair.replica
    wizard_site(master, name, rng)
    bucket, collection = name.split("/")
    client = replica.client()
    client.create_bucket(id=bucket, data={"about": "ours"})
    client.create_collection(id=collection, bucket=bucket, data={"title": "ours"}, permissions={"read": ["account:bob"]})
    path = wizard(master, tmp_path / "w.yaml", "--collections", "--records")
    restored = restore(replica, path, *EVERYTHING).expect(0)
    assert "the file does not tell metadata: what the replica has stays" in restored.err
    kept = client.get_collection(id=collection, bucket=bucket)
    assert kept["data"]["title"] == "ours" and kept["permissions"]["read"] == ["account:bob"]
    assert client.get_bucket(id=bucket)["data"]["about"] == "ours"
    records.assert_same(master, replica, name)
    entry = restore(replica, path, *EVERYTHING).expect(0).collection(name)
    assert (entry["created"], entry["updated"], entry["same"]) == (0, 0, 32)


def test_yaml_that_was_written_by_hand_is_restored_once(each_backend, name, tmp_path):
    """It has no stamps: the same content gets the same ones each time, and what is edited others."""
    bucket, collection = name.split("/")
    text = f"""# a site
buckets:
  {bucket}:
    permissions: {{read: [system.Everyone]}}
    data: &about {{title: yes}}
    collections:
      {collection}:
        data: *about
        permissions: {{read: [account:alice]}}
        records:
          a: {{data: {{n: 1}}}}
          b: {{data: {{n: 2}}}}
"""
    path, replica = tmp_path / "w.yaml", each_backend.replica
    path.write_text(text)
    restore(replica, path, *EVERYTHING).expect(0)
    before = records.stored(replica, name)
    assert {key: record["n"] for key, record in before.items()} == {"a": 1, "b": 2}
    assert replica.client().get_collection(id=collection, bucket=bucket)["data"]["title"] == "yes"
    again = restore(replica, path, *EVERYTHING).expect(0)
    entry, containers = again.collection(name), again.report["replicas"][0]["containers"]
    assert (entry["created"], entry["updated"], entry["same"]) == (0, 0, 2)
    assert (containers["created"], containers["updated"]) == (0, 0)
    assert records.stored(replica, name) == before
    path.write_text(text.replace("n: 2", "n: 3"))
    entry = restore(replica, path, *EVERYTHING).expect(0).collection(name)
    assert (entry["updated"], entry["same"]) == (1, 1)
    assert records.stored(replica, name)["b"]["n"] == 3


def test_yaml_that_cannot_be_restored_is_refused_before_anything_is_written(pair, name, rng, tmp_path):
    wizard_site(pair.master, name, rng)
    path = wizard(pair.master, tmp_path / "w.yaml", *WIZARD_ALL)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert "may have been cut" in restore(pair.replica, path).expect(1).out
    path.write_bytes(whole + b"buckets: {}\n")
    assert 'the key \\"buckets\\" stands there twice' in restore(pair.replica, path).expect(1).out
    bare = wizard(pair.master, tmp_path / "bare.yaml", "--buckets", "--collections", "--data")
    assert "holds no records" in restore(pair.replica, bare).expect(1).out
    assert records.bucket_ids(pair.replica) == set()


def test_metadata_that_a_file_does_not_tell_stays(pair, tmp_path):
    client = pair.replica.client()
    client.create_bucket(id="main")
    client.create_collection(id="x", bucket="main", data={"title": "ours"}, permissions={"read": ["system.Everyone"]})
    source = tmp_path / "x.json"
    source.write_text(json.dumps({"data": [{"id": "a", "last_modified": 1_700_000_000_000}], "timestamp": 1_700_000_000_001}))
    restore(pair.replica, source, "--collections", "main/x", *EVERYTHING, "--extras", "delete").expect(0)
    kept = client.get_collection(id="x", bucket="main")
    assert kept["data"]["title"] == "ours" and kept["permissions"]["read"] == ["system.Everyone"]


def test_containers_and_rights_come_along(each_pair, name, rng, tmp_path):
    bucket, collection = name.split("/")
    client = each_pair.master.client()
    client.create_bucket(id=bucket, data={"about": "b"})
    client.create_group(id="staff", bucket=bucket, data={"members": ["account:alice"]})
    client.create_collection(id=collection, bucket=bucket, data={"title": "t"}, permissions={"read": ["system.Everyone"]})
    records.put(each_pair.master, name, records.random_records(rng, 3))
    made = dump(each_pair.master, tmp_path / "d").expect(0).report
    assert made["containers"] == {"buckets": 1, "groups": 1, "collections": 1}

    restore(each_pair.replica, tmp_path / "d", *EVERYTHING).expect(0)

    there = each_pair.replica.client()
    for get, where in (("get_bucket", {"id": bucket}), ("get_group", {"id": "staff", "bucket": bucket}),
                       ("get_collection", {"id": collection, "bucket": bucket})):
        mine, theirs = getattr(client, get)(**where), getattr(there, get)(**where)
        assert theirs["data"] == mine["data"]
        assert theirs["permissions"].get("read") == mine["permissions"].get("read")
    records.assert_same(each_pair.master, each_pair.replica, name)
    each_pair.check(*EVERYTHING).expect(0)


def test_a_file_that_was_cut_or_changed_is_refused_before_anything_is_written(each_backend, name, rng, tmp_path):
    records.load(each_backend.master, name, records.random_records(rng, 20))
    path = tmp_path / "d"
    dump(each_backend.master, path).expect(0)
    whole = path.read_bytes()
    for size in (len(whole) // 3, len(whole) // 2, len(whole) - 1, 0):
        path.write_bytes(whole[:size])
        refused = restore(each_backend.replica, path, "--extras", "delete", "--max-delete", "100%").expect(1)
        assert refused.report["in_sync"] is False
        assert ("nothing was written" if size else "is no dump") in refused.out
    packed = tmp_path / "d.gz"
    packed.write_bytes(gzip.compress(whole)[:-20])
    assert "is cut" in restore(each_backend.replica, packed).expect(1).out
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:])
    restore(each_backend.replica, path).expect(1)
    assert records.bucket_ids(each_backend.replica) == set()


def test_the_brake_holds_for_a_file_too(each_backend, name, rng, tmp_path):
    records.load(each_backend.master, name, records.random_records(rng, 3))
    dump(each_backend.master, tmp_path / "d").expect(0)
    records.load(each_backend.replica, name, records.random_records(rng, 30))
    held = restore(each_backend.replica, tmp_path / "d", "--extras", "delete").expect(1)
    entry = held.collection(name)
    assert entry["state"] == "brake" and entry["deleted"] == 0 and entry["brake"]["would_delete"] == 30
    assert f"restore {tmp_path / 'd'}" in entry["reason"] and "run --once" not in entry["reason"]
    entry = restore(each_backend.replica, tmp_path / "d", "--extras", "delete", "--max-delete", "30").expect(0).collection(name)
    assert entry["deleted"] == 30
    records.assert_same(each_backend.master, each_backend.replica, name)


def test_what_is_not_of_the_dump_is_left_alone(pair, name, rng, tmp_path):
    """The scope is that of the dump, where no other is given."""
    records.load(pair.master, name, records.random_records(rng, 3))
    records.load(pair.master, "elsewhere/c", records.random_records(rng, 3))
    dump(pair.master, tmp_path / "d", "--collections", name).expect(0)
    records.load(pair.replica, "own/c", records.random_records(rng, 5))
    own = records.stored(pair.replica, "own/c")
    report = restore(pair.replica, tmp_path / "d", "--extras", "delete").expect(0).report
    assert [one["id"] for one in report["replicas"][0]["collections"]] == [name]
    assert records.stored(pair.replica, "own/c") == own
    assert set(everything(pair.replica)) == {name, "own/c"}


def test_a_dry_run_tells_and_writes_nothing(each_backend, name, rng, tmp_path):
    records.load(each_backend.master, name, records.random_records(rng, 7))
    dump(each_backend.master, tmp_path / "d").expect(0)
    assert restore(each_backend.replica, tmp_path / "d", "--dry-run").expect(1).collection(name)["missing"] == 7
    assert records.bucket_ids(each_backend.replica) == set()
    restore(each_backend.replica, tmp_path / "d").expect(0)
    assert restore(each_backend.replica, tmp_path / "d", "--dry-run").expect(0).collection(name)["same"] == 7


def test_a_replica_that_was_seeded_from_a_dump_is_followed_from_there(each_pair, name, rng, tmp_path):
    """The checkpoint is that of the server that was dumped, and tells no more than the file knows."""
    records.load(each_pair.master, name, records.random_records(rng, 20))
    made = dump(each_pair.master, tmp_path / "d").expect(0).report
    records.put(each_pair.master, name, records.random_records(rng, 5))
    oldest = next(iter(records.stored(each_pair.master, name)))
    records.delete(each_pair.master, name, oldest)
    restore(each_pair.replica, tmp_path / "d").expect(0)
    checkpoint, = records.stored(each_pair.replica, "kinto-mirror/checkpoints").values()
    assert checkpoint["master"] == each_pair.master.url
    assert checkpoint["cursor"] <= made["collections"][0]["etag"] and checkpoint["audited"] <= made["date"]
    entry = each_pair.once().expect(0).collection(name)
    assert (entry["created"], entry["deleted"]) == (5, 1)
    records.assert_same(each_pair.master, each_pair.replica, name)


def test_an_older_dump_takes_the_replica_back(each_pair, name, rng, tmp_path):
    records.load(each_pair.master, name, records.random_records(rng, 10))
    dump(each_pair.master, tmp_path / "d").expect(0)
    before = records.stored(each_pair.master, name)
    changed, gone, *_ = before.values()
    records.put(each_pair.master, name, [{"id": changed["id"], "title": "newer"}])
    records.delete(each_pair.master, name, gone["id"])
    each_pair.once().expect(0)
    own = records.random_records(rng, 1)
    records.put(each_pair.replica, name, own)
    entry = restore(each_pair.replica, tmp_path / "d").expect(0).collection(name)
    assert entry["extra"] == 1 and entry["same"] == 8
    assert {key: row for key, row in records.stored(each_pair.replica, name).items() if key != own[0]["id"]} == before


def test_a_dump_may_go_back_to_the_server_that_it_is_of(each_backend, name, rng, tmp_path):
    server = each_backend.master
    records.load(server, name, records.random_records(rng, 10))
    before = records.stored(server, name)
    dump(server, tmp_path / "d").expect(0)
    server.flush()
    restore(server, tmp_path / "d").expect(0)
    assert records.stored(server, name) == before


def test_through_a_pipe(each_backend, name, rng):
    records.load(each_backend.master, name, records.random_records(rng, 25))
    out = subprocess.run([str(BINARY), "dump", "-", "--master", each_backend.master.url, "--master-auth", AUTH],
                         env=mirror.clean_environment(), capture_output=True, timeout=60)
    assert out.returncode == 0, out.stderr
    assert json.loads(out.stdout.splitlines()[-1])["end"]["records"] == 25
    args = [str(BINARY), "restore", "-", "--json", "--replica", each_backend.replica.url, "--replica-auth", AUTH]
    for cut, code in ((60, 1), (0, 0)):
        back = subprocess.run(args, env=mirror.clean_environment(), input=out.stdout[:len(out.stdout) - cut],
                              capture_output=True, timeout=60)
        assert back.returncode == code, back.stderr
        assert bool(records.bucket_ids(each_backend.replica)) is (code == 0)
    records.assert_same(each_backend.master, each_backend.replica, name)


def test_what_cannot_be_dumped_leaves_no_file(pair, name, rng, tmp_path):
    path = tmp_path / "d"
    path.write_text("the one of yesterday")
    none = dump(pair.master, path).expect(1)
    assert none.report["dumped"] is False
    pair.master.client().create_bucket(id="hidden")
    records.load(pair.master, name, records.random_records(rng, 3))
    refused = mirror.run("dump", str(path), "--json", "--master", pair.master.url, "--master-auth", "stranger:pw",
                         "--collections", name).expect(77)
    assert refused.report["error"]["kind"] == "forbidden"
    assert mirror.run("dump", str(path), "--master", "http://127.0.0.1:1").expect(69)
    assert mirror.run("dump", str(tmp_path / "no/d"), "--master", pair.master.url).expect(64)
    assert path.read_text() == "the one of yesterday"
    assert [one.name for one in tmp_path.iterdir()] == ["d"]


def test_nothing_but_a_file_is_replaced(pair, name, tmp_path):
    records.load(pair.master, name, [{"id": "r"}])
    fifo, target, link = tmp_path / "fifo", tmp_path / "target", tmp_path / "link"
    os.mkfifo(fifo)
    target.write_text("of before")
    link.symlink_to(target)
    for path in (fifo, tmp_path, ""):
        refused = dump(pair.master, path, "--collections", name).expect(64)
        assert "file" in refused.err + refused.out
    assert fifo.is_fifo()
    dump(pair.master, link, "--collections", name).expect(0)
    assert link.is_symlink() and target.read_text().startswith('{"kinto-mirror-dump"')


def test_a_file_of_before_is_for_its_owner_alone(pair, name, tmp_path):
    records.load(pair.master, name, [{"id": "r"}])
    part = tmp_path / "d.part"
    part.write_text("of a dump that was killed")
    part.chmod(0o666)
    dump(pair.master, tmp_path / "d", "--collections", name).expect(0)
    assert (tmp_path / "d").stat().st_mode & 0o777 == 0o600
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("not to be touched")
    (tmp_path / "e.part").symlink_to(elsewhere)
    dump(pair.master, tmp_path / "e", "--collections", name).expect(64)
    assert elsewhere.read_text() == "not to be touched"


def test_what_follows_a_file_of_remote_settings_is_not_dropped(pair, name, tmp_path):
    file = tmp_path / "two.json"
    one = json.dumps({"data": [{"id": "a", "last_modified": 1000}], "timestamp": 2000})
    for text in (one + one, one + "</html>"):
        file.write_text(text)
        refused = restore(pair.replica, file, "--collections", name).expect(1)
        assert "behind its last bracket" in refused.out + refused.err
    assert records.count(pair.replica, name) == 0
    file.write_text(one + "\n")
    restore(pair.replica, file, "--collections", name).expect(0)
    assert records.count(pair.replica, name) == 1


@pytest.mark.parametrize("entries, says", [
    ([{"id": "", "last_modified": 1000}, {"id": "ok", "last_modified": 1001}], 'record 1 of `data`: "" is no id'),
    ([{"id": "ok", "last_modified": 1000}, {"id": "gone", "last_modified": 1001, "deleted": True}],
     'record 2 of `data`: "gone" is a deleted one'),
    ([{"id": "a", "last_modified": 1000}, {"id": "b", "last_modified": 1001}, {"id": "a", "last_modified": 1002}],
     '`data` holds "a" twice'),
])
def test_what_no_collection_can_hold_is_refused_before_anything_is_written(pair, name, tmp_path, entries, says):
    file = tmp_path / "published.json"
    file.write_text(json.dumps({"data": entries, "timestamp": 2000}))
    refused = restore(pair.replica, file, "--collections", name).expect(1)
    assert says in refused.report["replicas"][0]["error"]["message"]
    assert name.split("/")[0] not in records.bucket_ids(pair.replica)


def test_a_full_folder_for_temporary_files_is_named(pair, name, tmp_path):
    records.load(pair.master, name, [{"id": f"{number:0>120}"} for number in range(100)])
    done = subprocess.run(["sh", "-c", 'trap "" XFSZ; ulimit -f 8; exec "$@"', "sh", str(BINARY), "dump", "-", *pair.args, "--collections", name],
                          env=mirror.clean_environment({"TMPDIR": str(tmp_path)}), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and f"{tmp_path}: the temporary file for stdout cannot be written" in done.stderr, done.stderr


def test_a_bucket_that_the_user_was_not_shown_is_made(pair, name, tmp_path):
    """Whoever may read one collection is not shown the bucket around it."""
    records.load_for_everybody(pair.master, name, [{"id": "r"}])
    file = tmp_path / "d"
    mirror.run("dump", str(file), "--master", pair.master.url, "--collections", name).expect(0)
    assert f'"bucket":"{name.split("/")[0]}","data"' not in file.read_text()
    restore(pair.replica, file).expect(0, 1)
    assert records.count(pair.replica, name) == 1


def test_a_closed_stdout_is_no_dump(pair, name):
    records.load(pair.master, name, [{"id": "r"}])
    command = [str(BINARY), "dump", "-", *pair.args[:4], "--collections", name]
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *command], env=mirror.clean_environment(), capture_output=True, timeout=60)
    assert done.returncode not in (0, 99) and b"is whole" not in done.stderr
