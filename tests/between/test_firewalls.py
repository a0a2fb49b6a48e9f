"""Something in front of a Kinto refuses requests, or drops what says that a list goes on."""

import pytest

from harness import mirror, records
from harness.firewall import Firewall, lists_of_ids, word, writes
from harness.rewriting import DropsNextPages
from harness.waiting import wait_until


@pytest.mark.parametrize("status", [403, 404, 401])
def test_a_record_that_a_firewall_minds_stops_no_other(pair, name, rng, proxied, status):
    all_of_them = [*records.random_records(rng, 60), {"id": "evil", "text": "forbidden-word"}]
    records.load(pair.master, name, all_of_them)
    front = proxied(Firewall(pair.replica.url, word("forbidden-word"), status))
    args = [*mirror.servers(pair.master.url, front.url), "--collections", name]

    result = mirror.run("run", "--once", "--json", *args)

    entry = result.collection(name)
    assert (entry["created"], entry["state"]) == (60, "degraded")
    assert [one["id"] for one in entry["quarantined"]] == ["evil"]
    assert "not Kinto's own answer" in entry["quarantined"][0]["reason"]
    assert set(records.stored(pair.replica, name)) == {one["id"] for one in all_of_them} - {"evil"}


def test_a_delete_that_a_firewall_minds_is_not_taken_for_done(pair, name, rng, proxied):
    records.load(pair.master, name, [{"id": "forbidden-word"}, *records.random_records(rng, 3)])
    mirror.run("run", "--once", *mirror.servers(pair.master.url, pair.replica.url), "--collections", name).expect(0)
    records.delete(pair.master, name, "forbidden-word")
    front = proxied(Firewall(pair.replica.url, word("forbidden-word"), 404))
    args = [*mirror.servers(pair.master.url, front.url), "--collections", name]

    assert mirror.run("run", "--once", *args).code != 0
    assert "forbidden-word" in records.stored(pair.replica, name)


def test_what_lets_no_write_pass_is_named_and_not_the_user(pair, name, rng, proxied):
    records.load(pair.master, name, records.random_records(rng, 30))
    front = proxied(Firewall(pair.replica.url, writes))
    result = mirror.run("run", "--once", *mirror.servers(pair.master.url, front.url), "--collections", name)
    assert result.code == 77
    assert "not Kinto's own answer" in result.err
    assert "its user" not in result.err and "lacks this right" not in result.err
    assert len(front.requests) < 40, "it asks on and on"


def test_while_a_collection_is_refused_no_record_of_it_is_blamed(pair, name, rng, firewalled):
    records.load(pair.master, name, records.random_records(rng, 3))
    front, running = firewalled(word(name.split("/")[0]))
    records.put(pair.master, name, [{"id": f"new{n}", "n": n} for n in range(30)])
    wait_until(lambda: front.refused > 6, "it tries again and again", timeout=60)
    front.active = False
    wait_until(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "it is copied", timeout=60)
    assert running.stop() == 0
    assert "sync.quarantine" not in running.log()


@pytest.mark.parametrize("status", [400, 403])
def test_lists_of_ids_may_be_refused(pair, name, rng, proxied, daemon, status):
    """They are asked for one by one then."""
    records.load(pair.master, name, records.random_records(rng, 40))
    front = proxied(Firewall(pair.replica.url, lists_of_ids, status))
    args = [*mirror.servers(pair.master.url, front.url), "--collections", name]
    running = daemon(*args, "--interval", "200ms")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    records.put(pair.master, name, [{"id": f"new{n}", "n": n} for n in range(30)])
    wait_until(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "it is copied")
    assert front.refused > 0
    assert running.stop() == 0


@pytest.mark.parametrize("batches", [True, False], ids=["batches", "no-batches"])
def test_a_list_without_a_next_page_is_read_to_its_end(pair, name, rng, proxied, daemon, batches):
    """Buckets, collections and records: none is left out. What drops the header is told once, where it is in the way: a
    batch brings few names with their count."""
    bucket = name.split("/")[0]
    names = [f"{bucket}-{number}/articles" for number in range(7)]
    for one in [*names, f"{bucket}-0/second", f"{bucket}-0/third", f"{bucket}-0/fourth"]:
        records.load(pair.master, one, records.random_records(rng, 10))
    front = proxied(DropsNextPages(pair.master.url, 3, batches))
    args = [*mirror.servers(front.url, pair.replica.url), "--collections", f"{bucket}-*/*"]

    result = mirror.run("run", "--once", "--json", *args).expect(0)

    assert result.err.count("Next-Page") == (0 if batches else 1)
    assert len(result.report["replicas"][0]["collections"]) == 10
    for one in names:
        records.assert_same(pair.master, pair.replica, one)
    running = daemon(*args, "--interval", "200ms")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    records.put(pair.master, names[0], [{"id": f"new{n}", "n": n} for n in range(30)])
    wait_until(lambda: records.stored(pair.replica, names[0]) == records.stored(pair.master, names[0]), "it is copied")
    assert running.stop() == 0
    assert "not listed any more" not in running.log()


@pytest.mark.parametrize("batches", [True, False], ids=["batches", "no-batches"])
def test_a_list_that_cannot_be_gone_on_with_is_never_taken_for_the_whole(pair, name, rng, proxied, batches):
    """No filter carries a stamp of the far future, so that nothing can be asked for behind such a page."""
    far = 32_503_680_000_000
    records.load(pair.master, name, [{"id": f"far{n}", "last_modified": far + n} for n in range(8)])
    records.load(pair.replica, name, [{"id": f"far{n}", "last_modified": far + n} for n in range(8)])
    front = proxied(DropsNextPages(pair.master.url, 3, batches))
    args = [*mirror.servers(front.url, pair.replica.url), "--collections", name, "--extras", "delete"]

    result = mirror.run("run", "--once", *args, "--max-delete", "100%")

    assert result.code != 0 and "Next-Page" in result.err
    assert len(records.stored(pair.replica, name)) == 8
