"""Two real collections, as Mozilla's Remote Settings publishes them."""

import json

import pytest

from harness import records
from harness.paths import real_collection


@pytest.mark.parametrize("collection", ["search-config-icons", "search-telemetry-v2"])
def test_a_real_collection_is_equal_by_value_and_by_stamp(each_pair, collection):
    published = json.loads(real_collection(collection).read_text())["data"]
    name = f"main/{collection}"
    records.load(each_pair.master, name, published)

    entry = each_pair.once("--collections", name).expect(0).collection(name)

    found = records.assert_same(each_pair.master, each_pair.replica, name)
    assert found == {record["id"]: record for record in published}
    assert entry["created"] == len(published) > 0
    assert each_pair.check("--collections", name).expect(0).collection(name)["same"] == len(published)
