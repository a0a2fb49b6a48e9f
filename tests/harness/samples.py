"""A reader that looks at a server all the time, to see which versions of each record stand there one after another."""

from urllib.parse import parse_qs

from . import records
from .exchanges import Write
from .kinto import KintoServer
from .repeating import Repeating
from .writers import Version

History = dict[str, list[Version]]


class Sampler(Repeating):
    def __init__(self, server: KintoServer, name: str):
        super().__init__(pause=0.02)
        self._server, self._name = server, name
        self.looks = 0
        self.seen: History = {}

    def once(self) -> None:
        for record_id, row in records.stored(self._server, self._name, tombstones=True).items():
            # A memory backend carries out the parts of a batch one after the other: who looks between the two that make a
            # closing mark sees it alive. One that stays so is met by whoever compares both sides at the end.
            if record_id == records.MARK:
                continue
            versions = self.seen.setdefault(record_id, [])
            if not versions or versions[-1] != Version.of(row):
                versions.append(Version.of(row))
        self.looks += 1

    def assert_never_back(self, history: History) -> None:
        """No record went back to an earlier text of the master's. A text that stands at another stamp, and a tombstone
        that the master never had, are steps of a repair: Kinto lowers no stamp, so that takes an update, a DELETE and a
        PUT. Two things are let pass: a tombstone that gives way to an earlier text, since no guard of Kinto's sees a
        tombstone; and a text of long ago by its stamp alone that gives way to one with a higher stamp."""
        for record_id, versions in self.seen.items():
            places = _places(history, record_id)
            strange = [version for version in versions if _what(version) not in places and version.text is not None]
            assert not strange, f"{record_id}: the master never had {strange[:3]}"
            known = [version for version in versions if _what(version) in places]
            back = [(a, b) for a, b in zip(known, known[1:])
                    if places[_what(b)] < places[_what(a)] and (a.text is not None or b.text is None)
                    and not (b.stamp > a.stamp and b in history[record_id])]
            assert not back, f"{record_id} went back: {back}"


def assert_replaced_older(written: list[Write], history: History) -> None:
    """No write was meant to replace a newer version. This is what a daemon can promise: on PostgreSQL, Kinto carries
    out two writes with one If-Match where they come at the same moment."""
    for write in written:
        if not write.carried_out or "If-Match" not in write.headers:
            continue
        places = _places(history, write.record)
        by_stamp = {version.stamp: places[_what(version)] for version in history.get(write.record, [])}
        guard = int(write.headers["If-Match"].strip('"'))
        text = write.data.get("text")
        stamp = int(write.data.get("last_modified") or parse_qs(write.query).get("last_modified", ["0"])[0])
        place = places.get(stamp if text is None else text)
        if place is not None and guard in by_stamp and stamp < guard:
            assert place > by_stamp[guard], f"an older version was to replace a newer one: {write}"


def _places(history: History, record_id: str) -> dict[str | int, int]:
    return {_what(version): place for place, version in enumerate(history.get(record_id, []))}


def _what(version: Version) -> str | int:
    """No text is written twice, and no tombstone has the stamp of another."""
    return version.stamp if version.text is None else version.text
