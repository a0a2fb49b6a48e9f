"""What stands between the daemon and a Kinto rewrites headers and bodies. None of it needs a hand."""

import pytest

from harness import mirror, polls, records
from harness.nginx import Nginx
from harness.rewriting import Compresses, DropsETags, RefusesHead, RewritesETags, WantsRest
from harness.servers import Pair
from harness.waiting import wait_until

FORMS = ['W/"{}"', '"{}-gzip"', 'W/"{};gzip"']


def through(pair: Pair, front, sides: str) -> list[str]:
    """The proxy stands before the master or before the replica."""
    return mirror.servers(*((front.url, pair.replica.url) if sides == "master" else (pair.master.url, front.url)))


@pytest.fixture(params=["master", "replica"])
def side(request) -> str:
    return request.param


def upstream(pair: Pair, side: str) -> str:
    return (pair.master if side == "master" else pair.replica).url


@pytest.mark.parametrize("form", FORMS)
def test_an_etag_that_was_rewritten_still_tells_its_stamp(pair, name, rng, proxied, daemon, side, form):
    records.load(pair.master, name, records.random_records(rng, 40))
    args = [*through(pair, proxied(RewritesETags(upstream(pair, side), form)), side), "--collections", name]
    mirror.run("run", "--once", *args).expect(0)
    running = daemon(*args, "--interval", "200ms")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    records.put(pair.master, name, [{"id": f"new{n}", "n": n} for n in range(30)])
    victims = sorted(records.stored(pair.master, name))[:3]
    records.delete_many(pair.master, name, victims)

    wait_until(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "it is copied")

    mirror.run("check", *args).expect(0)
    assert running.stop() == 0
    assert "no stamp" not in running.log()


def test_an_etag_that_is_none_is_quoted(pair, name, rng, proxied):
    records.load(pair.master, name, records.random_records(rng, 3))
    front = proxied(RewritesETags(pair.master.url, '"abc-{}"'))
    result = mirror.run("run", "--once", *through(pair, front, "master"), "--collections", name)
    assert result.code == 69
    assert 'no stamp: \\"abc-' in result.err


def test_without_the_etags_of_lists_those_of_batches_will_do(pair, name, rng, proxied, daemon):
    records.load(pair.master, name, records.random_records(rng, 30))
    front = proxied(DropsETags(pair.master.url))
    args = [*mirror.servers(front.url, pair.replica.url), "--collections", name]
    running = daemon(*args, "--interval", "200ms")
    wait_until(lambda: "lists come without an ETag" in running.log(), "it tells")
    wait_until(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "it is copied")
    seen = len(running.log())
    records.put(pair.master, name, [{"id": f"new{n}", "n": n} for n in range(30)])
    records.delete_many(pair.master, name, sorted(records.stored(pair.master, name))[:3])
    wait_until(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "it is copied")
    polls.wait_for_polls(front)
    assert "emptied or replaced" not in running.log()[seen:]
    assert running.log().count("lists come without an ETag") == 1
    mirror.run("check", *args).expect(0)
    assert running.stop() == 0


@pytest.mark.parametrize("form", ["date", "rfc850", "asctime", "fraction"])
def test_rest_is_given_in_whatever_way_it_is_asked_for(pair, name, rng, proxied, daemon, form):
    records.load(pair.master, name, records.random_records(rng, 5))
    front = proxied(WantsRest(pair.master.url, form, seconds=6))
    running = daemon(*through(pair, front, "master"), "--collections", name, "--interval", "200ms")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    front.active = True
    wait_until(front.rested, "the time of rest is over", timeout=20)
    assert front.disturbed == 0
    records.put(pair.master, name, [{"id": "after"}])
    wait_until(lambda: "after" in records.stored(pair.replica, name), "it goes on")


@pytest.mark.parametrize("status", [405, 501, 200])
@pytest.mark.parametrize("batches", [True, False], ids=["batches", "no-batches"])
def test_without_head_it_counts_otherwise(pair, name, rng, proxied, daemon, status, batches):
    records.load(pair.master, name, records.random_records(rng, 30))
    front = proxied(RefusesHead(pair.master.url, status, batches))
    args = [*through(pair, front, "master"), "--collections", name]
    mirror.run("run", "--once", *args).expect(0)
    running = daemon(*args, "--interval", "200ms")
    wait_until(lambda: "following the master" in running.log(), "it follows")
    records.put(pair.master, name, [{"id": f"new{n}", "n": n} for n in range(30)])
    wait_until(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "it is copied")
    mirror.run("check", *args).expect(0)
    assert running.stop() == 0
    assert "writable" not in running.log() and "read-only" not in running.log()
    assert running.log().count("GET works") == (0 if batches else 1), running.log()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw"])
def test_what_was_compressed_is_read(pair, name, rng, proxied, side, coding):
    wanted = records.random_records(rng, 300)
    records.load(pair.master, name, wanted)
    front = proxied(Compresses(upstream(pair, side), coding))
    args = [*through(pair, front, side), "--collections", name]
    mirror.run("run", "--once", *args).expect(0)
    mirror.run("check", *args).expect(0)
    assert records.stored(pair.replica, name) == records.stored(pair.master, name)


def test_another_coding_is_named(pair, name, rng, proxied):
    front = proxied(Compresses(pair.master.url, "br"))
    result = mirror.run("run", "--once", *through(pair, front, "master"), "--collections", name)
    assert result.code == 69
    assert "Content-Encoding: br" in result.err and "right address" not in result.err


def test_only_lists_are_asked_for_compressed(pair, name, rng, proxied):
    records.load(pair.master, name, records.random_records(rng, 30))
    front = proxied(RefusesHead(pair.master.url, 405, batches=True))  # that nothing is refused
    mirror.run("run", "--once", *through(pair, front, "master"), "--collections", name).expect(0)
    asked = [request for request in front.requests if "gzip" in request.headers.get("Accept-Encoding", "")]
    # And what others ask at the same moment, in one batch.
    assert asked and all("_sort=" in one.path or len(one.parts()) > 1 for one in asked)
    assert all(part.method in ("GET", "HEAD") for one in asked for part in one.parts())
    assert len(asked) < len(front.requests)


def test_nginx_compresses_lists_and_weakens_their_etags(pair, name, rng):
    records.load(pair.master, name, records.random_records(rng, 400))
    front = Nginx(pair.master.url, outside="gzip on; gzip_types application/json; gzip_min_length 20;")
    try:
        args = [*mirror.servers(front.url, pair.replica.url), "--collections", name]
        mirror.run("run", "--once", *args).expect(0)
        records.put(pair.master, name, [{"id": "more"}])
        mirror.run("run", "--once", *args).expect(0)
        mirror.run("check", *args).expect(0)
    finally:
        front.close()
    assert records.stored(pair.replica, name) == records.stored(pair.master, name)
