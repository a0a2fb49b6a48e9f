"""Collections and buckets that are deleted on the master: their records go without a tombstone, or come back."""

from harness import records, sql
from harness.servers import Pair

SMALL = {"kinto.storage_max_fetch_size": "50"}
EVERYTHING = ("--extras", "delete", "--max-delete", "100%")


def recreate(server, name: str, *made: dict) -> None:
    """Deletes the collection and makes it anew, with these records."""
    bucket, collection = name.split("/")
    server.client().delete_collection(id=collection, bucket=bucket)
    records.load(server, name, made)


def test_hazard_23_a_collection_made_anew_between_two_polls(each_backend, name, rng):
    """No tombstone tells of the old records. The new ones arrive, and the old ones stay until an operator says so."""
    master, replica = each_backend.master, each_backend.replica
    records.load(master, name, records.random_records(rng, 12))
    each_backend.once("--collections", name).expect(0)
    old = records.stored(replica, name)
    recreate(master, name, {"id": "new"})
    assert records.stored(master, name, tombstones=True).keys() == {"new"}

    kept = each_backend.once("--collections", name).expect(0)
    assert kept.collection(name)["extra"] == 12
    assert "none of the 12 records that it had" in kept.err
    records.put(master, name, [{"id": "newer"}])
    braked = each_backend.once("--collections", name, "--extras", "delete", "--max-delete", "5").expect(1)
    assert "brake" in braked.err
    found = records.stored(replica, name)
    assert found.keys() == old.keys() | {"new", "newer"}
    assert {key: found[key] for key in old} == old
    each_backend.once("--collections", name, *EVERYTHING).expect(0)
    assert records.assert_same(master, replica, name).keys() == {"new", "newer"}


def test_hazard_24_orphans_come_back(servers, name, rng):
    """PostgreSQL deletes no more rows than it fetches at once (10000 by default); the rest is there again when the
    collection is made anew."""
    pair = Pair(servers.get("postgresql", "master", SMALL), servers.get("postgresql", "replica"))
    records.load(pair.master, name, records.random_records(rng, 80))
    pair.once("--collections", name).expect(0)
    before = records.stored(pair.replica, name)
    recreate(pair.master, name)
    orphans = records.stored(pair.master, name)
    assert len(orphans) == 30 and orphans.items() <= before.items()

    entry = pair.once("--collections", name).expect(0).collection(name)
    assert (entry["same"], entry["extra"]) == (30, 50)
    assert "brake" in pair.once("--collections", name, "--extras", "delete").expect(1).err
    assert records.stored(pair.replica, name) == before
    entry = pair.once("--collections", name, *EVERYTHING).expect(0).collection(name)
    assert entry["deleted"] == 50
    assert len(records.assert_same(pair.master, pair.replica, name)) == 30


def test_hazard_25_an_underscore_is_a_wildcard(pg_pair, name, rng):
    """To delete the bucket a_b erases what is in aXb. It is no delete that anybody wanted, and none that we follow."""
    wild, sibling = name.replace("-", "_"), name.replace("-", "X")
    for each in (wild, sibling):
        records.load(pg_pair.master, each, records.random_records(rng, 12))
        pg_pair.once("--collections", each).expect(0)
    before = {each: records.stored(pg_pair.replica, each) for each in (wild, sibling)}
    pg_pair.master.client().delete_bucket(id=wild.split("/")[0])
    bucket, _ = sibling.split("/")
    assert sql.rows(pg_pair.master, "SELECT resource_name FROM objects WHERE NOT deleted ORDER BY 1") == [
        ("bucket",), ("collection",)], "the sibling's records are gone without a tombstone"
    with records.session(pg_pair.master) as web:
        assert web.get(f"{pg_pair.master.url}/buckets/{bucket}", timeout=30).status_code == 403, "and its permissions"

    pg_pair.once(*EVERYTHING)
    pg_pair.once(*EVERYTHING, "--collections", f"{wild},{sibling}").expect(77)
    assert {each: records.stored(pg_pair.replica, each) for each in (wild, sibling)} == before
    # Who gives the permission back shows an empty collection, which is as doubtful.
    sql.rows(pg_pair.master, "INSERT INTO access_control_entries (object_id, permission, principal)"
             " VALUES (%s, 'write', %s)", f"/buckets/{bucket}", pg_pair.master.client().server_info()["user"]["id"])
    assert records.stored(pg_pair.master, sibling, tombstones=True) == {}
    assert "brake" in pg_pair.once("--collections", sibling, "--extras", "delete", "--max-delete", "99%").expect(1).err
    assert {each: records.stored(pg_pair.replica, each) for each in (wild, sibling)} == before
