"""Pairs of Kintos with plugins, with other backends and with limits: a load, a follow, and what `check` says of them."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from harness import records
from harness.servers import Pair

from . import work
from .plugins import CASES

pytestmark = pytest.mark.whole_matrix

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
COUNT = 120


@pytest.fixture(params=CASES)
def special(request: pytest.FixtureRequest, servers, monkeypatch) -> Iterator[tuple[str, Pair]]:
    """The name of a kind, and a pair of it. The tests' own writes keep within its limits too."""
    kind, backend = request.param
    monkeypatch.setattr(records, "BATCH", int(kind.settings.get("kinto.batch_max_requests", records.BATCH)))
    with ExitStack() as stack:
        yield kind.id, kind.pair(servers, backend, stack)


def test_a_load_and_a_follow(special, name, daemon):
    kind, pair = special
    bucket, collection = name.split("/")
    records.load(pair.master, name, [])
    if kind == "schema-validation":
        pair.master.client().patch_collection(id=collection, bucket=bucket, data={"schema": SCHEMA})
    records.put(pair.master, name, work.numbered(0, COUNT))
    records.delete_many(pair.master, name, work.ids(10, 20))
    entry = pair.once("--collections", name).expect(0).collection(name)
    assert (entry["created"], entry["state"], entry["quarantined"]) == (COUNT - 10, "in-sync", [])

    running = work.follow_much(pair, name, daemon, count=COUNT)

    assert running.stop() == 0
    assert work.errors(running) == []
    pair.check("--collections", name).expect(0)
