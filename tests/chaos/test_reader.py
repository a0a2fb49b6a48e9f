"""A reader that follows the replica while the daemon follows the master: it misses nothing."""

from harness import records
from harness.reader import Reader
from harness.waiting import wait_until
from harness.writers import Version, Writer

STEPS = 300


def test_a_reader_of_the_replica_misses_nothing(each_pair, name, rng, daemon):
    """One writer, since a reader of a PostgreSQL master itself may miss what two of them commit at once."""
    records.load(each_pair.master, name, [{"id": f"first-{i}", "text": "first"} for i in range(40)])
    each_pair.once("--collections", name).expect(0)
    daemon(*each_pair.args, "--interval", "100ms", "--collections", name)
    reader = Reader(each_pair.replica, name)
    reader.poll()
    assert len(reader.live) == 40
    writer = Writer(each_pair.master, name, rng, ids=60)
    writer.start()
    reader.start()
    wait_until(lambda: writer.steps >= STEPS, "the writer has done its work", timeout=300)
    writer.stop()
    wanted = records.stored(each_pair.master, name, tombstones=True)
    live = {key: row for key, row in wanted.items() if not row.get("deleted")}
    wait_until(lambda: records.stored(each_pair.replica, name) == live, "the replica is equal", timeout=60)
    reader.stop()
    read = reader.changes
    assert read > 100, "the reader has seen too little to prove anything"
    reader.poll()

    assert reader.live == live
    # Of a record that was deleted twice between two polls of the daemon, the replica has the first tombstone.
    assert reader.tombstones
    for record_id, stamp in reader.tombstones.items():
        assert wanted[record_id].get("deleted"), f"{record_id} lives on the master"
        assert Version(stamp, None) in writer.history[record_id]
