"""Waiting for a condition, always with a bound."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str, timeout: float = 30.0, every: float = 0.05) -> T:
    """The first true value of the condition; fails when the time is up. An exception counts as "not yet"."""
    deadline = time.monotonic() + timeout
    while True:
        problem: BaseException | None = None
        try:
            value = condition()
            if value:
                return value
        except Exception as error:  # a server that is still starting refuses connections
            problem = error
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {timeout:g} s: {what}" + (f" ({problem!r})" if problem else ""))
        time.sleep(every)
