"""The Kintos of other ages, each as master and as replica of today's, on both backends."""

from dataclasses import dataclass

import pytest

from harness import ages
from harness.kinto import BACKENDS
from harness.servers import Pair, Servers

VERSIONS = ("9.2.3", "11.2.1", "13.6.6", "16.3.0", "20.6.1", "23.3.2")
IN_EVERY_RUN = ("11.2.1", "20.6.1")
# PostgreSQL's part takes a core a minute or two for each pair, so that one in each role has to do.
IN_EVERY_RUN_ON_POSTGRESQL = (("11.2.1", ages.TODAY), (ages.TODAY, "20.6.1"))


@dataclass(frozen=True)
class Case:
    master: str
    replica: str
    backend: str

    @property
    def id(self) -> str:
        return f"{self.master}-to-{self.replica}-{self.backend}"

    def start(self, servers: Servers) -> Pair:
        """The caller closes both."""
        return Pair(*(servers.start(self.backend, python=ages.python(version)) for version in (self.master, self.replica)))


def _cases() -> list[Case]:
    pairs = [(ages.TODAY, ages.TODAY)]
    for version in VERSIONS:
        pairs += [(version, ages.TODAY), (ages.TODAY, version)]
    return [Case(master, replica, backend) for master, replica in pairs for backend in BACKENDS]


def _is_in_every_run(case: Case) -> bool:
    if case.backend == "postgresql":
        return (case.master, case.replica) in IN_EVERY_RUN_ON_POSTGRESQL
    return bool({case.master, case.replica} & set(IN_EVERY_RUN))


def _marks(case: Case) -> list[pytest.MarkDecorator]:
    return [] if _is_in_every_run(case) else [pytest.mark.whole_matrix]


CASES = [pytest.param(case, id=case.id, marks=_marks(case)) for case in _cases()]
