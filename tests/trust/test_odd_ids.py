"""Ids that a list of ids in an address cannot carry: Kinto takes each comma for the end of one, inside quotes too. Its
setting for the generator of ids lets an operator allow them, and much else."""

from urllib.parse import quote

import pytest

from harness import mirror, records
from harness.kinto import BACKENDS
from harness.polls import wait_for_polls, whole_listings
from harness.proxy import Proxy
from harness.servers import Pair
from harness.status import StatusPages
from harness.waiting import wait_until

ANY_IDS = {"kinto.record_id_generator": "any_ids.AnyId"}
COMMAS = ["paris,texas", ",", '"a","b"', "1,2", "é, è", "a,,b"]
OTHERS = ["a b", "100%", "50%25off", "a+b", "zürich", "東京", "😀", "a&b=c", "a?b", "a;b", "a#b", "[x]", "{y}",
          "back\\slash", "<tag>", '"', 'quo"te', "it's", "1", "null", "true", "a:b", "$x", "*", " lead", "trail ",
          "tab\there", "a\nb"]
ALL = COMMAS + OTHERS


def versions(ids: list[str], version: int) -> list[dict]:
    return [{"id": one, "v": version} for one in ids]


@pytest.fixture(params=BACKENDS)
def odd(request, servers, name) -> Pair:
    """A master with all of these ids, of which a list finds only those without a comma, and an empty replica."""
    pair = Pair(*(servers.get(request.param, role, ANY_IDS) for role in ("master", "replica")))
    records.load(pair.master, name, versions(ALL, 1))
    assert records.stored(pair.master, name).keys() == set(ALL)
    with records.session(pair.master) as web:
        for one in ('"paris,texas"', '"zürich"'):
            listed = web.get(f"{records.records_url(pair.master, name)}?in_id={quote(one)}", timeout=30)
            assert len(listed.json()["data"]) == ("," not in one)
    return pair


def assert_clean(result: mirror.Result, name: str, **counts: int) -> None:
    entry = result.collection(name)
    assert result.report["in_sync"] is True and entry["state"] == "in-sync" and entry["quarantined"] == []
    assert {key: entry[key] for key in counts} == counts


def test_single_runs_copy_update_and_delete_them(odd, name):
    assert_clean(odd.once("--collections", name).expect(0), name, created=len(ALL), missing=0, differs=0, extra=0)
    records.assert_same(odd.master, odd.replica, name)

    records.put(odd.master, name, versions(ALL, 2))
    checked = odd.check("--collections", name).expect(1).collection(name)
    assert (checked["state"], checked["differs"]) == ("different", len(ALL))
    assert_clean(odd.once("--collections", name).expect(0), name, updated=len(ALL), missing=0, differs=0, extra=0)
    records.assert_same(odd.master, odd.replica, name)

    records.delete_many(odd.master, name, ALL[::2])
    assert_clean(odd.once("--collections", name).expect(0), name, deleted=len(ALL[::2]), missing=0, differs=0, extra=0)
    records.assert_same(odd.master, odd.replica, name, tombstones=True)


def test_extras_with_such_ids_go(odd, name):
    odd.once("--collections", name).expect(0)
    own = [f"own {one}" for one in ALL]
    records.put(odd.replica, name, versions(own, 1))
    entry = odd.check("--collections", name, "--extras", "delete").expect(1).collection(name)
    assert (entry["state"], entry["extra"]) == ("different", len(own))
    result = odd.once("--collections", name, "--extras", "delete", "--max-delete", "100%").expect(0)
    assert_clean(result, name, deleted=len(own), extra=0)
    records.assert_same(odd.master, odd.replica, name)


def test_they_are_followed_and_nothing_is_compared_for_their_sake(odd, name, proxied, daemon):
    odd.once("--collections", name).expect(0)
    fronts = [proxied(Proxy(server.url)) for server in (odd.master, odd.replica)]
    pages = StatusPages(daemon(*mirror.servers(*(front.url for front in fronts)), "--collections", name,
                               "--interval", "200ms", "--listen", "127.0.0.1:0"))
    wait_until(lambda: pages.replica()["state"] == "following", "it follows")
    changes = [lambda: records.put(odd.master, name, versions([*ALL, "new,one"], 2)),
               lambda: records.put(odd.master, name, versions(["paris,texas"], 3)),
               lambda: records.delete_many(odd.master, name, ALL[::2]),
               lambda: records.put(odd.master, name, versions(ALL[::2], 4))]
    for change in changes:
        change()
        records.wait_same(odd.master, odd.replica, name, "it has arrived", timeout=15)
    wait_until(lambda: pages.collection(name)["state"] == "in-sync", "all is well", timeout=15)

    begun = [whole_listings(front) for front in fronts]
    wait_for_polls(fronts[0])
    assert [whole_listings(front) for front in fronts] == begun
    one = pages.collection(name)
    assert (one["missing"], one["differs"], one["extra"], one["quarantined"], one["lag"]) == (0, 0, 0, 0, 0)
