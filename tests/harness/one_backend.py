"""Which tests are left out where each is to run on one backend only.

The daemon does not know on which backend a Kinto runs. A sanitizer looks for mistakes of the daemon's own, not for wrong
results: it has to see each of its paths once. Which backend that is, the test's name decides, so that about half of the
tests have the one, and half the other. A test that is for one backend has no others, and stays.
"""

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable

from .kinto import BACKENDS

# In a test's id, where it stands for itself: not in a name that only holds the word.
BACKEND = re.compile(rf"(?<=[\[-])({'|'.join(BACKENDS)})(?=[\]-])")


def left_out(ids: Iterable[str]) -> set[str]:
    """Of tests that differ in nothing but the backend, all except one."""
    families: dict[str, list[str]] = defaultdict(list)
    for one in ids:
        families[BACKEND.sub("*", one)].append(one)
    return {one for family, members in families.items() for one in members
            if one != members[zlib.crc32(family.encode()) % len(members)]}
