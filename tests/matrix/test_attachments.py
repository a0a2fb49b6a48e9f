"""kinto-attachment on both sides: the records say which files there are, and the plugin guards what they say."""

import pytest

from harness import ages, attachments, records
from harness.kinto import BACKENDS
from harness.servers import Pair
from harness.waiting import wait_until
from harness.wsgi import INSTALLED

from . import work

pytestmark = pytest.mark.whole_matrix


@pytest.mark.parametrize("backend", BACKENDS)
def test_files_that_come_change_and_go(servers, name, daemon, tmp_path, backend):
    pair = Pair(*(servers.get(backend, role, attachments.settings(tmp_path / role), python=ages.python(INSTALLED))
                  for role in ("master", "replica")))
    records.load(pair.master, name, work.numbered(0, 6))
    for record_id in work.ids(0, 4):
        attachments.upload(pair.master, name, record_id, "first")
    running = daemon(*pair.args, "--collections", name, "--interval", "1s")
    wait_until(lambda: records.count(pair.replica, name) == 6, "the records have arrived")
    records.assert_same(pair.master, pair.replica, name)

    attachments.upload(pair.master, name, "r0001", "second")
    attachments.remove(pair.master, name, "r0002")
    attachments.upload(pair.master, name, "r0004", "new")
    records.delete(pair.master, name, "r0003")

    work.arrives(pair, name, running)
    assert running.stop() == 0
    assert work.errors(running) == []
    pair.check("--collections", name).expect(0)
