"""Adds up what the suites of deploy/test.sh did: tally.py FOLDER

The folder has SUITE.xml (JUnit) and SUITE.rc (exit code) for each suite. A suite that ended badly without a
failed test, that left no result, or that ran no test, counts as one failure. A suite that could not be begun has
SUITE.skip instead, with the reason in words, and counts as one skipped test. The last line of the output is
"N passed, N failed, N skipped"; the exit code is 0 only if nothing failed.
"""

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple

# ctest sees one test per program; what ran within it stands in its output.
DOCTEST = re.compile(r"test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed(?:\s*\|\s*(\d+) skipped)?")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Counts(NamedTuple):
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(a + b for a, b in zip(self, other)))


def of_case(case: ET.Element) -> Counts:
    said = DOCTEST.search(ANSI.sub("", "".join(case.itertext())))
    bad = case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail"
    if said:
        passed, failed, skipped = (int(said[i] or 0) for i in (2, 3, 4))
        return Counts(passed, max(failed, int(bad)), skipped)
    if bad:
        return Counts(failed=1)
    return Counts(skipped=1) if case.find("skipped") is not None else Counts(passed=1)


def of_suite(result: Path) -> tuple[Counts, str]:
    """What ran, and what is wrong with it besides failed tests."""
    code = result.with_suffix(".rc").read_text().strip()
    try:
        cases = list(ET.parse(result).iter("testcase"))
    except (OSError, ET.ParseError):
        return Counts(failed=1), f"no result (exit code {code})"
    counts = sum((of_case(case) for case in cases), Counts())
    if counts.passed + counts.failed == 0:
        return counts + Counts(failed=1), "ran no test"
    if code != "0" and counts.failed == 0:
        return counts + Counts(failed=1), f"exit code {code}"
    return counts, ""


def main(folder: Path) -> int:
    suites = [code.with_suffix(".xml") for code in sorted(folder.glob("*.rc"))]
    total = Counts()
    print()
    for suite in suites:
        counts, problem = of_suite(suite)
        total += counts
        print(f"{suite.stem:28} {counts.passed:5} passed {counts.failed:5} failed {counts.skipped:5} skipped  {problem}")
    for skipped in sorted(folder.glob("*.skip")):
        total += Counts(skipped=1)
        print(f"{skipped.stem:28} SKIPPED: {skipped.read_text().strip()}")
    if not suites:
        print("no suite ran")
        total += Counts(failed=1)
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
