"""A cache in front of the master. An answer that somebody stored proves nothing: neither that the sides are in sync,
nor that the master went back in time."""

from collections.abc import Callable

import pytest
import requests

from harness import mirror, records
from harness.cache import MANNERS, PoliteCache, StaleCache
from harness.kinto import AUTH
from harness.nginx import Nginx
from harness.proxy import Proxy
from harness.servers import Pair
from harness.status import StatusPages
from harness.waiting import wait_until

PAGES = ("--interval", "200ms", "--listen", "127.0.0.1:0")
BACK = ("restored from a backup", "went back")

each_manner = pytest.mark.parametrize("manner", MANNERS)


def told_of_caches(log: str) -> list[str]:
    return [line for line in log.splitlines() if "cache" in line.lower() and '"daemon.start"' not in line]


@pytest.fixture
def cached(pair, name, rng, proxied) -> Callable[..., tuple[StaleCache, list[str]]]:
    """Puts a cache before the master, which has thirty records, and gives the arguments that lead through it."""

    def put_before(manner: str, only: str = "") -> tuple[StaleCache, list[str]]:
        records.load(pair.master, name, records.random_records(rng, 30))
        front = proxied(StaleCache(pair.master.url, manner, only=only))
        return front, [*mirror.servers(front.url, pair.replica.url), "--collections", name]

    return put_before


@pytest.mark.parametrize("verb", [("check",), ("run", "--once")], ids=" ".join)
@each_manner
def test_what_a_cache_stored_does_not_make_it_in_sync(pair, name, cached, manner, verb):
    front, args = cached(manner)
    # Twice: the first one copies, the second one asks as those that come later do.
    for _ in range(2):
        mirror.run("run", "--once", *args)
    front.active = False
    mirror.run("run", "--once", *args).expect(0)
    front.active = True
    records.put(pair.master, name, [{"id": "new"}])
    replayed = front.replayed

    result = mirror.run(*verb, "--json", *args)

    assert front.replayed > replayed
    if "new" not in records.stored(pair.replica, name):
        assert result.code != 0 and result.report["in_sync"] is False
    assert manner == "nothing" or len(told_of_caches(result.err)) == 1, result.err
    assert not any(words in result.err for words in BACK)


@each_manner
def test_nor_while_it_follows(pair, name, cached, daemon, manner):
    """Until the master itself answers."""
    front, args = cached(manner)
    front.active = False
    running = daemon(*args, *PAGES, "--audit-interval", "1s")
    pages = StatusPages(running)
    wait_until(lambda: pages.status()["in_sync"], "it is in sync")
    front.active = True
    begun = front.replayed
    wait_until(lambda: front.replayed > begun + 5, "it is given stored answers")
    records.put(pair.master, name, [{"id": "new"}])

    def lies() -> bool:
        return pages.status()["in_sync"] and "new" not in records.stored(pair.replica, name)

    wait_until(lambda: not lies(), "it does not say so any more", timeout=10)
    begun = front.replayed
    wait_until(lambda: lies() or front.replayed > begun + 2, "it has looked again, and later each time", timeout=60)
    assert not lies()

    front.active = False
    wait_until(lambda: "new" in records.stored(pair.replica, name), "it has arrived", timeout=15)
    wait_until(lambda: pages.status()["in_sync"], "it is in sync", timeout=15)
    assert manner == "nothing" or len(told_of_caches(running.log())) == 1
    assert not any(words in running.log() for words in BACK)


@each_manner
def test_a_stored_listing_is_no_master_that_went_back(pair, name, cached, daemon, manner):
    """It is older than what the polls have read, and each audit reads it."""
    front, args = cached(manner, only=r"/articles/records\?(?!.*in_id=).*_fields=deleted")
    for _ in range(2):
        mirror.run("run", "--once", *args)
    front.active = False
    running = daemon(*args, *PAGES, "--audit-interval", "1s")
    pages = StatusPages(running)
    wait_until(lambda: pages.status()["in_sync"], "it is in sync")
    records.put(pair.master, name, [{"id": "new"}])
    wait_until(lambda: "new" in records.stored(pair.replica, name), "a poll has read it")
    front.active = True
    begun = front.replayed
    wait_until(lambda: front.replayed > begun + 3, "audits have read what is stored")

    assert not any(words in running.log() for words in BACK)
    told = told_of_caches(running.log())
    assert len(told) <= 1 if manner == "nothing" else len(told) == 1, told
    front.active = False
    records.put(pair.master, name, [{"id": "newer"}])
    wait_until(lambda: records.stored(pair.replica, name).keys() >= {"newer"}, "it goes on", timeout=15)
    wait_until(lambda: pages.status()["in_sync"], "it is in sync", timeout=15)
    records.assert_same(pair.master, pair.replica, name)


def test_each_read_asks_for_a_new_answer(pair, name, rng, proxied, daemon):
    records.load(pair.master, name, records.random_records(rng, 30))
    fronts = [proxied(Proxy(server.url)) for server in (pair.master, pair.replica)]
    args = mirror.servers(*(front.url for front in fronts))
    mirror.run("run", "--once", *args).expect(0)
    mirror.run("check", *args).expect(0)
    running = daemon(*args, *PAGES)
    pages = StatusPages(running)
    wait_until(lambda: "following the master" in running.log(), "it follows")
    records.put(pair.master, name, [{"id": "new"}])
    wait_until(lambda: "new" in records.stored(pair.replica, name), "the record has arrived")
    assert pages.get("/__heartbeat__").ok

    for front in fronts:
        reads = [request for request in front.requests if request.method in ("GET", "HEAD")]
        headers = [{key.lower(): value for key, value in request.headers.items()} for request in reads]
        assert {one.get("cache-control") for one in headers} == {"no-cache"}


@pytest.mark.parametrize("where", ["setting", "metadata"])
def test_kintos_own_permission_to_store(servers, name, rng, proxied, daemon, where):
    """What it lets a cache keep of what everybody may read. One that obeys who asks for a new answer does no harm."""
    setting = {"kinto.record_cache_expires_seconds": "3600"} if where == "setting" else None
    pair = Pair(servers.get("memory", "master", setting), servers.get("memory", "replica"))
    bucket, collection = name.split("/")
    records.load(pair.master, name, records.random_records(rng, 30))
    pair.master.client().patch_bucket(id=bucket, permissions={"read": ["system.Everyone"]})
    if where == "metadata":
        pair.master.client().patch_collection(id=collection, bucket=bucket, data={"cache_expires": 3600})
    answer = requests.get(records.records_url(pair.master, name), timeout=30)
    assert "max-age=3600" in answer.headers["Cache-Control"]
    front = proxied(PoliteCache(pair.master.url))
    args = ["--master", front.url, "--replica", pair.replica.url, "--replica-auth", AUTH, "--collections", name]
    for _ in range(2):
        mirror.run("run", "--once", *args).expect(0)
    records.put(pair.master, name, [{"id": "new"}])

    result = mirror.run("check", "--json", *args).expect(1)
    assert result.collection(name)["missing"] == 1
    running = daemon(*args, *PAGES)
    for one in ("newer", "newest"):
        records.put(pair.master, name, [{"id": one}])
        wait_until(lambda: one in records.stored(pair.replica, name), "it has arrived", timeout=15)
    records.assert_same(pair.master, pair.replica, name)
    assert front.replayed == 0 and told_of_caches(running.log()) == []


def test_a_real_nginx_that_stores_everything(pair, name, rng):
    """It stores what Kinto forbids to store, as it is told to, and shows nothing of it."""
    records.load(pair.master, name, records.random_records(rng, 30))
    front = Nginx(pair.master.url, "proxy_cache_path {folder}/cache keys_zone=all:1m;",
                  """proxy_cache all; proxy_cache_valid 200 1h; proxy_ignore_headers Cache-Control Expires;
                     proxy_cache_convert_head off; proxy_cache_key $request_method$request_uri;
                     add_header X-Cache-Status $upstream_cache_status;""")
    try:
        args = [*mirror.servers(front.url, pair.replica.url), "--collections", name]
        for _ in range(2):
            mirror.run("run", "--once", *args)
        pair.once("--collections", name).expect(0)
        asked = [requests.get(f"{front.url}/?a-probe", timeout=30) for _ in range(2)]
        assert [answer.headers["X-Cache-Status"] for answer in asked] == ["MISS", "HIT"]
        records.put(pair.master, name, [{"id": "new"}])

        result = mirror.run("check", "--json", *args)

        assert result.code != 0 and result.report["in_sync"] is False
        assert not any(words in result.err for words in BACK)
    finally:
        front.close()
