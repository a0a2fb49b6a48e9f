"""Writes that come in gusts, and a look at a replica while they arrive."""

from harness.samples import Sampler
from harness.writers import Writer

GUST = 30  # writes
CALM = 5.0  # seconds: longer than most front ends keep a connection that idles


class Gusts(Writer):
    def once(self) -> None:
        super().once()
        if self.steps % GUST == 0:
            self._ended.wait(CALM)


class Watch(Sampler):
    """Seldom enough to leave the servers their time."""

    def __init__(self, *args: object):
        super().__init__(*args)
        self._pause = 0.25

    def assert_nothing_restamped(self, writer: Writer) -> None:
        """Whatever was seen is a version of the master's, at the master's stamp."""
        strange = [(record_id, version) for record_id, versions in self.seen.items() for version in versions
                   if version not in writer.history.get(record_id, [])]
        assert not strange, strange[:5]
        assert self.seen, "nothing arrived while it was looked at"
