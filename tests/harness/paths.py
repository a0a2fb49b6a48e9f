"""Where things are, and what the environment may say about it."""

import os
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
BINARY = Path(os.environ.get("KINTO_MIRROR_BIN") or ROOT / "build/dev/kinto-mirror").resolve()
DATA = Path(os.environ.get("KINTO_MIRROR_TEST_DATA") or ROOT.parent / "shared/data")
POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")
