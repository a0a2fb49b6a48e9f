"""More records than a server gives in one answer."""

import pytest

from harness import records
from harness.kinto import BACKENDS
from harness.servers import Pair

SETTINGS = {
    "storage_max_fetch_size": {"kinto.storage_max_fetch_size": "50"},
    "paginate_by": {"kinto.paginate_by": "100"},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
@pytest.mark.parametrize("backend", BACKENDS)
def test_all_pages_are_read(servers, backend, settings, name, rng):
    pair = Pair(servers.get(backend, "master", settings), servers.get(backend, "replica", settings))
    records.load(pair.master, name, records.random_records(rng, 330))

    entry = pair.once().expect(0).collection(name)

    assert (entry["created"], entry["master"], entry["replica"]) == (330, 330, 330)
    assert len(records.assert_same(pair.master, pair.replica, name)) == 330


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_audit_over_many_pages_finds_the_few_differences(servers, backend, name, rng):
    settings = SETTINGS["storage_max_fetch_size"]
    pair = Pair(servers.get(backend, "master", settings), servers.get(backend, "replica", settings))
    made = records.random_records(rng, 230)
    records.load(pair.master, name, made)
    pair.once().expect(0)
    changed = [record | {"title": "changed"} for record in (made[0], made[111], made[229])]
    records.put(pair.master, name, changed)
    records.delete(pair.master, name, made[50]["id"])

    entry = pair.once().expect(0).collection(name)

    assert (entry["created"], entry["updated"], entry["deleted"], entry["same"]) == (0, 3, 1, 226)
    records.assert_same(pair.master, pair.replica, name, tombstones=True)
