"""A master in the shape of Mozilla's Remote Settings: editors write in a workspace, what reviewers let pass is published in
`main` and signed, and the signature, which covers the records and their newest stamp, stands in the collection's metadata."""

import hashlib
import hmac
import json
import time

import pytest

from harness import records
from harness.containers import EVERYONE, FAST, ask, assert_same, data, exists, lists, patch, put, soon, tree
from harness.kinto import BACKENDS, KintoServer
from harness.repeating import Repeating
from harness.servers import Pair

KEY = b"the signer's"
COPY = ("--permissions", "copy")
ICONS = "search-config-icons"
PUBLISHED, WORKSPACE = f"main/{ICONS}", f"main-workspace/{ICONS}"
PLACE = f"/buckets/main/collections/{ICONS}"
SCHEMA = {"type": "object", "properties": {"attachment": {"type": "object"}, "order": {"type": "number"}}}


def icon(n: int, edition: int = 1) -> dict:
    digest = hashlib.sha256(f"{n} {edition}".encode()).hexdigest()
    return {"id": f"icon-{n:02}", "order": n + 0.5, "schema": 1777407853575, "filter_expression": 'env.appinfo.OS != "iOS"',
            "attachment": {"filename": f"{n}.svg", "hash": digest, "mimetype": "image/svg+xml", "size": 1000 + edition,
                           "location": f"main-workspace/{ICONS}/{digest[:12]}.svg"}}


def sign(rows: list[dict], newest: int, x5u: str) -> str:
    """As kinto-signer: the records in the order of their ids, and the stamp of the list, as canonical JSON."""
    payload = {"data": sorted(rows, key=lambda row: row["id"]), "last_modified": str(newest)}
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"))
    return hmac.new(KEY, x5u.encode() + text.encode(), hashlib.sha384).hexdigest()


class Signer:
    """What the plugin does on a master: copies into `main`, and signs there."""

    def __init__(self, server: KintoServer):
        self._server, self._certificates = server, 0

    def set_up(self) -> None:
        for bucket in ("main", "main-preview", "main-workspace"):
            put(self._server, bucket, {}, {"read": ["system.Authenticated" if bucket == "main-workspace" else EVERYONE]})
        for role in ("editors", "reviewers"):
            put(self._server, f"main-workspace/groups/{ICONS}-{role}", {"members": [f"account:{role[:-1]}{n}" for n in range(3)]})
        editors = [f"/buckets/main-workspace/groups/{ICONS}-{role}" for role in ("editors", "reviewers")]
        put(self._server, f"main-workspace/collections/{ICONS}", {"schema": SCHEMA, "status": "signed"}, {"write": editors})
        for bucket in ("main", "main-preview"):
            put(self._server, f"{bucket}/collections/{ICONS}", {"displayFields": ["order"], "sort": "-order"})

    def publish(self, changed: list[dict], deleted: tuple[str, ...] = ()) -> None:
        """The review is over: what was written in the workspace goes into `main`, in one transaction with its signature."""
        patch(self._server, f"main-workspace/collections/{ICONS}", {"status": "to-sign", "last_reviewer": "account:reviewer1"})
        records.put(self._server, WORKSPACE, changed)
        records.delete_many(self._server, WORKSPACE, deleted)
        stamp = int(time.time() * 1000)
        rows, parts = records.stored(self._server, PUBLISHED), []
        for one in changed:
            stamp += 1
            rows[one["id"]] = one | {"last_modified": stamp}
            parts.append({"method": "PUT", "path": f"{PLACE}/records/{one['id']}", "body": {"data": rows[one["id"]]}})
        for one in deleted:
            stamp += 1
            del rows[one]
            parts.append({"method": "DELETE", "path": f"{PLACE}/records/{one}?last_modified={stamp}"})
        self._send([*parts, self._signature(list(rows.values()), stamp)])
        patch(self._server, f"main-workspace/collections/{ICONS}", {"status": "signed"})

    def renew(self) -> None:
        """With a new certificate, as it happens by itself every few days; no record changes."""
        newest = int(records.etag(self._server, PUBLISHED).strip('"'))
        self._send([self._signature(list(records.stored(self._server, PUBLISHED).values()), newest)])

    def _signature(self, rows: list[dict], newest: int) -> dict:
        self._certificates += 1
        x5u = f"https://certificates.example.com/chain-{self._certificates}.pem"
        signature = {"x5u": x5u, "mode": "p384ecdsa", "type": "contentsignaturepki", "signature": sign(rows, newest, x5u)}
        return {"method": "PATCH", "path": PLACE, "body": {"data": {"signature": signature}}}

    def _send(self, parts: list[dict]) -> None:
        with records.session(self._server) as web:
            answer = web.post(f"{self._server.url}/batch", json={"requests": parts}, timeout=60)
        statuses = {one["status"] for one in answer.json()["responses"]}
        assert answer.ok and statuses <= {200, 201}, statuses


def view(server: KintoServer) -> tuple[list[dict], int, dict]:
    """What an anonymous reader gets: the records, the newest stamp of the list (the mark is nobody's), the metadata."""
    path = f"main/collections/{ICONS}"
    answer = ask(server, "GET", f"{path}/records?_since=0&_sort=-last_modified", auth=None)
    metadata = ask(server, "GET", path, auth=None)
    assert answer.ok and metadata.ok, f"{answer.status_code} {metadata.status_code}"
    rows = [row for row in answer.json()["data"] if row["id"] != records.MARK]
    stamps = [row["last_modified"] for row in rows]
    assert stamps == sorted(stamps, reverse=True)
    return [row for row in rows if not row.get("deleted")], max(stamps), metadata.json()["data"]


def verifies(server: KintoServer) -> bool:
    rows, newest, metadata = view(server)
    signature = metadata["signature"]
    return hmac.compare_digest(signature["signature"], sign(rows, newest, signature["x5u"]))


class Verifier(Repeating):
    """Reads and verifies without a pause to speak of."""

    def __init__(self, server: KintoServer):
        super().__init__(pause=0.01)
        self._server = server
        self.verified: set[str] = set()
        self.views = self.failures = 0

    def once(self) -> None:
        rows, newest, metadata = view(self._server)
        signature = metadata["signature"]
        self.views += 1
        if signature["signature"] == sign(rows, newest, signature["x5u"]):
            self.verified.add(signature["x5u"])
        else:
            self.failures += 1


@pytest.fixture(params=BACKENDS)
def site(request, servers) -> tuple[Pair, Signer]:
    pair = Pair(servers.get("postgresql", "master"), servers.get(request.param, "replica"))
    signer = Signer(pair.master)
    signer.set_up()
    signer.publish([icon(n) for n in range(20)])
    signer.publish([], deleted=("icon-07",))
    signer.publish([icon(n, edition=2) for n in range(3)])
    return pair, signer


def test_it_arrives_as_a_whole(site):
    pair, _ = site
    assert verifies(pair.master)
    pair.once(*COPY).expect(0)
    assert verifies(pair.replica)
    for name in (PUBLISHED, WORKSPACE):
        found = records.assert_same(pair.master, pair.replica, name)
        assert found["icon-01"]["attachment"] == icon(1, edition=2)["attachment"]
    buckets = ("main", "main-preview", "main-workspace")
    assert_same(pair, *(path for path in tree(pair.master, *buckets) if "/records/" not in path))
    for path in (f"main-workspace/collections/{ICONS}", f"main-workspace/groups/{ICONS}-editors", "main-workspace", "main"):
        assert lists(pair.replica, path) == lists(pair.master, path)


def test_a_site_for_readers_alone(site):
    """Neither the workspace nor its groups; whoever may read the published records on the master may here."""
    pair, _ = site
    pair.once("--collections", "*/*,!main-workspace/*", "--permissions", "read").expect(0)
    assert verifies(pair.replica) and not exists(pair.replica, "main-workspace")


@pytest.mark.parametrize("last", ["a record", "a deletion"])
def test_the_stamp_that_was_signed_is_the_lists_own_from_the_next_publication_on(site, last):
    """A list's ETag on a replica begins at the replica's clock, and tombstones of what it never had do not come. So who verifies
    by the ETag has to wait after a first load, and where a deletion was the last change so has everybody (docs/limits.md)."""
    pair, signer = site
    if last == "a deletion":
        signer.publish([], deleted=("icon-08",))
    pair.once(*COPY).expect(0)
    assert records.etag(pair.replica, PUBLISHED) > records.etag(pair.master, PUBLISHED)
    assert verifies(pair.replica) == (last == "a record")
    signer.publish([icon(11, edition=2)], deleted=("icon-12",))
    pair.once(*COPY).expect(0)
    assert records.etag(pair.replica, PUBLISHED) == records.etag(pair.master, PUBLISHED)
    assert verifies(pair.replica)


def test_renewed_signatures_are_valid_at_each_moment(site, daemon):
    """No record changes, so that whatever signature a reader gets, it fits."""
    pair, signer = site
    daemon(*pair.args, *FAST, *COPY)
    soon(lambda: verifies(pair.replica), "it is loaded")
    before = records.stored(pair.replica, PUBLISHED, tombstones=True, marks=True)
    verifier = Verifier(pair.replica)
    verifier.start()
    for _ in range(8):
        signer.renew()
        wanted = data(pair.master, f"main/collections/{ICONS}")
        soon(lambda: data(pair.replica, f"main/collections/{ICONS}") == wanted, "it arrives, at the master's stamp")
        time.sleep(0.1)
    verifier.stop()
    assert verifier.failures == 0 and len(verifier.verified) >= 8, (verifier.failures, verifier.views)
    assert records.stored(pair.replica, PUBLISHED, tombstones=True, marks=True) == before


def test_publications_are_valid_when_they_have_arrived(site, daemon):
    """Metadata come before records, since a schema must: between the two a signature fits none of what is there, for a moment."""
    pair, signer = site
    daemon(*pair.args, *FAST, *COPY)
    soon(lambda: verifies(pair.replica), "it is loaded")
    verifier = Verifier(pair.replica)
    verifier.start()
    for n in range(8):
        signer.publish([icon(n, edition=3), icon(20 + n)], deleted=(f"icon-{12 + n}",))
        wanted = data(pair.master, f"main/collections/{ICONS}")
        soon(lambda: data(pair.replica, f"main/collections/{ICONS}") == wanted and verifies(pair.replica), "it arrives, and fits")
    verifier.stop()
    assert len(verifier.verified) >= 8
    print(f"{verifier.failures} of {verifier.views} views were of two publications")
    # Behind a change of the master's the list's own ETag is the stamp that was signed.
    assert records.etag(pair.replica, PUBLISHED) == records.etag(pair.master, PUBLISHED)
    records.assert_same(pair.master, pair.replica, PUBLISHED)
