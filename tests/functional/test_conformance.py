"""The Kinto model answers as real Kinto does, on both backends: one table of requests is sent to both."""

import time

import pytest

from conformance.exchange import Answers, typed
from conformance.model import ModelServer
from conformance.steps import Step
from conformance.table import ONLY_ON_POSTGRESQL, SETTINGS, old, scenarios
from harness import ages
from harness.kinto import BACKENDS, KintoServer
from harness.servers import Servers

AT_LEAST = 150  # requests on plain servers of either backend
# Two stamps that are equal by chance on one side only (a batch within one millisecond) are no difference.
ATTEMPTS = 3
OLD = {"kinto.age": "11"}  # the model's alone


def start_real(servers: Servers, backend: str, settings: dict[str, str]) -> KintoServer:
    if backend != "postgresql" or "kinto.readonly" not in settings:
        return servers.start(backend, settings)
    writable = servers.start(backend)  # makes the tables
    writable.halt()
    urls = {f"kinto.{role}_url": writable.database_url for role in ("storage", "permission", "cache")}
    return servers.start(backend, settings | urls)


def differences(real: int, model: int, steps: list[Step]) -> list[str]:
    now = int(time.time() * 1000)
    answers = zip(steps, Answers(real, now).run(steps), Answers(model, now).run(steps), strict=True)
    return [f"{number}. {step.method} {step.path}\n  Kinto {typed(theirs)}\n  model {typed(ours)}"
            for number, (step, theirs, ours) in enumerate(answers) if typed(theirs) != typed(ours)]


def after_attempts(real: int, model: int, steps: list[Step]) -> list[str]:
    for _ in range(ATTEMPTS):
        if not (found := differences(real, model, steps)):
            break
    return found


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_model_answers_as_kinto(servers: Servers, backend: str, settings: str):
    real, model = start_real(servers, backend, SETTINGS[settings]), ModelServer(backend, SETTINGS[settings])
    compared, wrong = 0, []
    try:
        for name, steps in scenarios(settings).items():
            if backend == "memory" and name in ONLY_ON_POSTGRESQL:
                continue
            wrong += [f"{name}, {one}" for one in after_attempts(real.port, model.port, steps)]
            compared += len(steps)
    finally:
        real.close()
        model.close()
    assert not wrong, "\n".join(wrong)
    assert compared >= (AT_LEAST if settings == "plain" else 1), f"only {compared} requests were compared"


@pytest.mark.parametrize("settings", ["plain", "paged", "small"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_model_of_an_old_kinto_pages_as_it_does(servers: Servers, backend: str, settings: str):
    real = servers.start(backend, SETTINGS[settings], python=ages.python("11.2.1"))
    model = ModelServer(backend, SETTINGS[settings] | OLD)
    table = old.SCENARIOS if settings == "plain" else scenarios(settings)
    try:
        wrong = [f"{name}, {one}" for name, steps in table.items()
                 for one in after_attempts(real.port, model.port, steps)]
    finally:
        real.close()
        model.close()
    assert not wrong, "\n".join(wrong)
