"""The plugin kinto-attachment takes no update that changes a record's attachment. A file that was uploaded anew on the
master arrives all the same."""

import pytest
import requests

from harness import ages, mirror, records
from harness.kinto import BACKENDS, DEFAULTS
from harness.servers import Pair
from harness.waiting import wait_until

KINTO = "attachment-8.0.0"


@pytest.fixture(params=BACKENDS)
def attaching(request, servers, tmp_path_factory) -> Pair:
    folder = tmp_path_factory.mktemp("files")

    def server(role: str, backend: str):
        settings = {"kinto.includes": DEFAULTS["kinto.includes"] + " kinto_attachment",
                    "kinto.attachment.base_path": str(folder), "kinto.attachment.base_url": "https://files.test/",
                    "kinto.attachment.folder": "{bucket_id}/{collection_id}"}
        return servers.get(backend, role, settings, python=ages.python(KINTO))

    return Pair(server("attaching master", "memory"), server("attaching replica", request.param))


def upload(pair: Pair, name: str, record: str, content: bytes) -> None:
    bucket, collection = name.split("/")
    url = f"{pair.master.url}/buckets/{bucket}/collections/{collection}/records/{record}/attachment"
    answer = requests.post(url, files={"attachment": ("file.txt", content, "text/plain")},
                           data={"data": '{"n": %d}' % len(content)}, timeout=30,
                           auth=tuple(pair.master.auth.split(":")))
    assert answer.status_code in (200, 201), answer.text


def test_hazard_44_a_file_that_was_uploaded_anew_arrives(attaching, name, daemon):
    pair = attaching
    records.load(pair.master, name, [{"id": f"r{n}", "n": n} for n in range(20)])
    for n in range(3):
        upload(pair, name, f"r{n}", b"first")
    args = [*pair.args, "--collections", name]
    mirror.run("run", "--once", *args).expect(0)
    bucket, collection = name.split("/")
    pair.replica.client().patch_record(id="r1", bucket=bucket, collection=collection, permissions={"read": ["x"]},
                                       data={"last_modified": records.stored(pair.replica, name)["r1"]["last_modified"]})
    running = daemon(*args, "--interval", "200ms")
    wait_until(lambda: "following the master" in running.log(), "it follows")

    records.put(pair.master, name, [{"id": "before", "n": 1}])
    upload(pair, name, "r1", b"second file")
    upload(pair, name, "r2", b"another one")
    records.put(pair.master, name, [{"id": "after", "n": 2}])

    wait_until(lambda: records.stored(pair.replica, name) == records.stored(pair.master, name), "it is copied",
               timeout=30)
    mirror.run("check", *args).expect(0)
    assert "quarantine" not in running.log()


def test_many_at_once(attaching, name):
    pair = attaching
    records.load(pair.master, name, [{"id": f"r{n:02}", "n": n} for n in range(30)])
    for n in range(30):
        upload(pair, name, f"r{n:02}", b"first")
    args = [*pair.args, "--collections", name]
    mirror.run("run", "--once", *args).expect(0)
    for n in range(0, 30, 2):
        upload(pair, name, f"r{n:02}", b"second file %d" % n)
    mirror.run("run", "--once", *args).expect(0)
    assert records.stored(pair.replica, name) == records.stored(pair.master, name)
