"""Needs a Docker engine. Not part of an ordinary run: deploy/test.sh --docker, or `pytest tests/docker`."""

from collections.abc import Callable, Iterator

import pytest

from harness import engine
from harness.engine import Container, Stack

MISSING = engine.what_is_missing()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if MISSING:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="session", autouse=True)
def image() -> str:
    """Built from what is in the project now. Layers that did not change are taken from the cache."""
    engine.docker("build", "-f", "deploy/Dockerfile", "-t", engine.IMAGE, "--build-arg", "COMMIT=0123abc", ".",
                  timeout=1800)
    return engine.IMAGE


@pytest.fixture(scope="module")
def stacks() -> Iterator[Callable[..., Stack]]:
    """Makes stacks, and removes them with all their data when the module is done."""
    made: list[Stack] = []

    def make(*files: str, **variables: str) -> Stack:
        made.append(Stack(*files, **variables))
        return made[-1]

    yield make
    for stack in made:
        stack.down()


@pytest.fixture
def container() -> Iterator[Callable[..., Container]]:
    started: list[Container] = []

    def start(*options: str, command: tuple[str, ...] = ()) -> Container:
        started.append(Container(*options, command=command))
        return started[-1]

    yield start
    for one in started:
        one.close()
