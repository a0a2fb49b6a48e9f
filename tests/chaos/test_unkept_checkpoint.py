"""A checkpoint that cannot be kept is a failure, however equal both sides are: each pass compares everything again."""

import shutil

import pytest

from harness import mirror, records
from harness.status import StatusPages, events
from harness.waiting import wait_until


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "state"
    made.mkdir()
    return made


def test_it_is_told_and_not_called_in_sync(pair, name, rng, daemon, folder):
    running = daemon(*mirror.servers(pair.master.url, pair.replica.url), "--collections", name, "--interval", "200ms",
                     "--checkpoint", f"file:{folder}/checkpoints", "--listen", "127.0.0.1:0")
    pages = StatusPages(running)
    shutil.rmtree(folder)
    records.load(pair.master, name, records.random_records(rng, 5))

    records.wait_same(pair.master, pair.replica, name, "they are copied all the same")
    wait_until(lambda: "checkpoint file" in running.log(), "it is told")

    assert "No such file or directory" in running.log()
    assert pages.collection(name)["state"] == "failed"
    assert not [told for told in events(running, "sync.state") if "collection" in told]

    folder.mkdir()

    wait_until(lambda: pages.collection(name)["state"] == "in-sync", "it is kept, and all is well", timeout=75)
    assert events(running, "sync.recovered")
