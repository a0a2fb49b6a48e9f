"""Where things are, and what the environment may say about it."""

import os
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
BINARY = Path(os.environ.get("KINTO_MIRROR_BIN") or ROOT / "build/dev/kinto-mirror").resolve()
DATA = Path(os.environ.get("KINTO_MIRROR_TEST_DATA") or ROOT.parent / "shared/data")
POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")


def real_collection(name: str) -> Path:
    """A collection as Remote Settings publishes it; the test is skipped where the folder of them is absent."""
    source = DATA / f"{name}.json"
    if not source.exists():
        pytest.skip(f"{source} is absent (KINTO_MIRROR_TEST_DATA names another folder)")
    return source
