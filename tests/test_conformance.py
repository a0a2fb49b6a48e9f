"""The Kinto model answers as real Kinto does, on both backends: one table of requests is sent to both."""

import time
from collections.abc import Iterator

import pytest

from conformance.exchange import Answers, typed
from conformance.model import ModelServer
from conformance.table import ONLY_ON_POSTGRESQL, SETTINGS, scenarios
from harness.kinto import BACKENDS, KintoServer
from harness.servers import Servers

AT_LEAST = 150
# Two stamps that are equal by chance on one side only (a batch within one millisecond) are no difference.
ATTEMPTS = 3

CASES = [(backend, settings, name) for backend in BACKENDS for settings in SETTINGS for name in scenarios(settings)
         if not (backend == "memory" and name in ONLY_ON_POSTGRESQL)]


def start_real(servers: Servers, backend: str, settings: dict[str, str]) -> KintoServer:
    if backend != "postgresql" or "kinto.readonly" not in settings:
        return servers.start(backend, settings)
    writable = servers.start(backend)  # makes the tables
    writable.halt()
    urls = {f"kinto.{role}_url": writable.database_url for role in ("storage", "permission", "cache")}
    return servers.start(backend, settings | urls)


class Pairs:
    """A real server and a model of the same kind and settings; the last pair stays up for the next scenario."""

    def __init__(self, servers: Servers):
        self._servers, self._key, self._pair = servers, None, None
        self.compared: dict[str, int] = dict.fromkeys(BACKENDS, 0)

    def get(self, backend: str, settings: str) -> tuple[int, int]:
        if self._key != (backend, settings):
            self.close()
            real = start_real(self._servers, backend, SETTINGS[settings])
            self._key, self._pair = (backend, settings), (real, ModelServer(backend, SETTINGS[settings]))
        return self._pair[0].port, self._pair[1].port

    def close(self) -> None:
        for server in self._pair or ():
            server.close()
        self._key = self._pair = None


@pytest.fixture(scope="module")
def pairs(servers: Servers) -> Iterator[Pairs]:
    pool = Pairs(servers)
    yield pool
    pool.close()


def differences(real: int, model: int, steps: list) -> list[str]:
    now = int(time.time() * 1000)
    answers = zip(steps, Answers(real, now).run(steps), Answers(model, now).run(steps), strict=True)
    return [f"{number}. {step.method} {step.path}\n  Kinto {typed(theirs)}\n  model {typed(ours)}"
            for number, (step, theirs, ours) in enumerate(answers) if typed(theirs) != typed(ours)]


@pytest.mark.parametrize(("backend", "settings", "name"), CASES, ids=lambda value: value.replace(" ", "_"))
def test_the_model_answers_as_kinto(pairs: Pairs, backend: str, settings: str, name: str):
    steps = scenarios(settings)[name]
    for _ in range(ATTEMPTS):
        if not (found := differences(*pairs.get(backend, settings), steps)):
            break
    assert not found, "\n".join(found)
    pairs.compared[backend] += len(steps)


def test_the_table_is_long_enough():
    for backend in BACKENDS:
        requests = sum(len(scenarios(settings)[name]) for kind, settings, name in CASES if kind == backend)
        assert requests >= AT_LEAST, f"only {requests} requests on {backend}"
