"""P6 with rights (hazard 51): the right to read is granted when the load is over, so that whoever reads from then on by
`_since` misses nothing. What has the stamp of the master is not stamped anew for it."""

import time

import pytest

from harness import mirror, records
from harness.containers import (EVERYONE, FAST, READER, ask, assert_rests, assert_same, collection_of, lists, patch, put,
                                soon, stamp, user_id)
from harness.faults import SlowWrites
from harness.kinto import BACKENDS, KintoServer
from harness.proxy import Hangup, Request, Response
from harness.repeating import Repeating
from harness.servers import Pair
from harness.waiting import wait_until

COUNT = 120
GRANTS = {"read": ("--permissions", "read"), "copy": ("--permissions", "copy"), "readers": ("--readers", EVERYONE)}


class Outsider(Repeating):
    """Follows a collection by `_since`, as soon and as long as it may."""

    def __init__(self, server: KintoServer, name: str, auth: str | None = None):
        super().__init__(pause=0.01)
        self._server, self._path, self._auth = server, f"{collection_of(name)}/records", auth
        self._etag = ""
        self.live: dict[str, dict] = {}
        self.first: int | None = None
        self.refused = 0

    def once(self) -> None:
        since = f"?_since={self._etag}" if self._etag else ""
        answer = ask(self._server, "GET", self._path + since, self._auth)
        if answer.ok and self.first is None and not answer.json()["data"]:
            # Kinto looks twice, for the right and for records that are shared one by one: who asks while the right is
            # granted may get 200 and an empty list. What is there is shown by the next answer.
            answer = ask(self._server, "GET", self._path, self._auth)
        if answer.status_code in (401, 403, 404, 500, 503):
            self.refused += 1
            return
        assert answer.ok, answer.text
        for row in answer.json()["data"]:
            self.live.pop(row["id"], None)
            if not row.get("deleted"):
                self.live[row["id"]] = row
        self._etag = answer.headers["ETag"]
        self.first = len(self.live) if self.first is None else self.first


@pytest.fixture
def outsider():
    started: list[Outsider] = []

    def start(server: KintoServer, name: str, auth: str | None = None) -> Outsider:
        started.append(Outsider(server, name, auth))
        started[-1].start()
        return started[-1]

    yield start
    for one in started:
        one.stop()


def load(server: KintoServer, name: str, bucket: dict | None = None, collection: dict | None = None) -> None:
    put(server, name.split("/")[0], {}, bucket)
    put(server, collection_of(name), {}, collection)
    records.put(server, name, [{"id": f"r{n:03}", "n": n} for n in range(COUNT)])


@pytest.mark.parametrize("grant", GRANTS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_hazard_51_nobody_may_read_before_the_load_is_over(servers, name, proxied, outsider, backend, grant):
    pair = Pair(servers.get("memory", "master"), servers.get(backend, "replica"))
    load(pair.master, name, collection={"read": [EVERYONE]})
    slow = proxied(SlowWrites(pair.replica.url, 0.15))
    reader = outsider(pair.replica, name)
    args = [*mirror.servers(pair.master.url, slow.url), *GRANTS[grant]]
    mirror.run("run", "--once", *args).expect(0)
    wait_until(lambda: reader.first is not None, "he may read")

    assert reader.refused > 5 and reader.first == COUNT
    records.put(pair.master, name, [{"id": "later"}])
    records.delete(pair.master, name, "r000")
    mirror.run("run", "--once", *args).expect(0)
    wanted = records.stored(pair.master, name)
    wait_until(lambda: reader.live == wanted, "he has followed")
    assert_same(pair, name.split("/")[0], collection_of(name))
    assert_rests(pair, *GRANTS[grant])


@pytest.mark.parametrize("more", [GRANTS["read"], GRANTS["copy"]], ids=["read", "copy"])
def test_a_right_to_the_bucket_opens_all_that_is_in_it(servers, name, proxied, outsider, more):
    """So it is granted when the last collection is loaded."""
    pair = Pair(servers.get("memory", "master"), servers.get("postgresql", "replica"))
    names = [f"{name.split('/')[0]}/{collection}" for collection in ("a", "b", "c")]
    for one in names:
        load(pair.master, one)
    patch(pair.master, name.split("/")[0], permissions={"read": [user_id(pair.master, READER)]})
    slow = proxied(SlowWrites(pair.replica.url, 0.1))
    readers = [outsider(pair.replica, one, READER) for one in names]
    mirror.run("run", "--once", *mirror.servers(pair.master.url, slow.url), *more).expect(0)
    for reader, one in zip(readers, names):
        wait_until(lambda: reader.first is not None, "he may read")
        assert reader.first == COUNT and reader.live == records.stored(pair.master, one)
    assert_same(pair, name.split("/")[0], *map(collection_of, names))
    assert_rests(pair, *more)


def test_a_right_of_a_group(pair, name, proxied, outsider):
    """The group is there before, and the list that names it comes last."""
    group = f"{name.split('/')[0]}/groups/g"
    load(pair.master, name)
    put(pair.master, group, {"members": [user_id(pair.master, READER)]})
    patch(pair.master, collection_of(name), permissions={"read": [f"/buckets/{group}"]})
    slow = proxied(SlowWrites(pair.replica.url, 0.15))
    reader = outsider(pair.replica, name, READER)
    mirror.run("run", "--once", *mirror.servers(pair.master.url, slow.url), *GRANTS["read"]).expect(0)
    wait_until(lambda: reader.first is not None, "he may read")
    assert reader.first == COUNT


class Dies(SlowWrites):
    """After so many writes nothing gets through any more."""

    def __init__(self, upstream: str, after: int):
        super().__init__(upstream, 0.05)
        self._after = after

    def handle(self, request: Request) -> Response:
        if self.landed >= self._after:
            raise Hangup
        return super().handle(request)


@pytest.mark.parametrize("grant", GRANTS)
@pytest.mark.parametrize("after", [2, 4, 6])
def test_a_load_that_breaks_off_opens_nothing(each_backend, name, proxied, daemon, outsider, grant, after):
    """The daemon is killed in the middle, and another one goes on: still only when all is there."""
    load(each_backend.master, name, collection={"read": [EVERYONE]})
    dying = proxied(Dies(each_backend.replica.url, after))
    reader = outsider(each_backend.replica, name)
    first = daemon(*mirror.servers(each_backend.master.url, dying.url), *FAST, *GRANTS[grant])
    wait_until(lambda: dying.landed >= after, "some of it was written")
    first.kill()
    slow = proxied(SlowWrites(each_backend.replica.url, 0.1))
    daemon(*mirror.servers(each_backend.master.url, slow.url), *FAST, *GRANTS[grant])
    wait_until(lambda: reader.first is not None, "he may read", timeout=60)
    assert reader.first == COUNT
    soon(lambda: reader.live == records.stored(each_backend.master, name), "he has followed")
    path = collection_of(name)
    soon(lambda: stamp(each_backend.replica, path) == stamp(each_backend.master, path), "at the master's stamp")


def test_a_new_collection_while_it_follows(each_backend, name, proxied, daemon, outsider):
    """Its first load is one too."""
    bucket = name.split("/")[0]
    load(each_backend.master, name, collection={"read": [EVERYONE]})
    slow = proxied(SlowWrites(each_backend.replica.url, 0.1))
    daemon(*mirror.servers(each_backend.master.url, slow.url), *FAST, *GRANTS["read"])
    soon(lambda: lists(each_backend.replica, collection_of(name)).get("read") == {EVERYONE}, "it is open")
    # Filled before anybody may read it on the master, so that the daemon meets it loaded.
    reader = outsider(each_backend.replica, f"{bucket}/new")
    load(each_backend.master, f"{bucket}/new")
    patch(each_backend.master, f"{bucket}/collections/new", permissions={"read": [EVERYONE]})
    wait_until(lambda: reader.first is not None, "he may read", timeout=30)
    wanted = records.stored(each_backend.master, f"{bucket}/new")
    soon(lambda: reader.live == wanted, "he misses nothing")


def test_a_right_is_granted_although_a_record_is_refused(servers, name):
    """One that the replica never takes must not keep the others from their readers for ever."""
    pair = Pair(servers.get("memory", "master"), servers.get("postgresql", "replica"))
    load(pair.master, name, collection={"read": [EVERYONE]})
    records.put(pair.master, name, [{"id": "null", "text": "a\u0000b"}])
    pair.once(*GRANTS["read"]).expect(1)
    assert lists(pair.replica, collection_of(name))["read"] == {EVERYONE}
    assert records.count(pair.replica, name) == COUNT


def test_a_busy_master_does_not_put_it_off_for_ever(pair, name, daemon):
    load(pair.master, name, collection={"read": [EVERYONE]})
    daemon(*pair.args, *FAST, *GRANTS["read"])
    deadline, n = time.monotonic() + 20, 0
    while time.monotonic() < deadline:
        n += 1
        records.put(pair.master, name, [{"id": f"busy{n % 50}", "n": n}])
        if ask(pair.replica, "GET", f"{collection_of(name)}/records", auth=None).ok:
            return
    pytest.fail("not granted within 20 s of writing")
