"""deploy/test.sh must fail when a suite ran nothing, and its last line must be a true sum."""

import subprocess
import sys

import pytest

from harness.paths import ROOT

# No daemon runs.
pytestmark = pytest.mark.any_build

DOCTEST = "[doctest] test cases:  7 |  6 passed | {failed} failed | 0 skipped"


def tally(folder, **suites: tuple[int, str | None]) -> tuple[int, list[str]]:
    """Exit code and lines for suites given as name=(exit code, content of the JUnit file or None)."""
    for suite, (code, xml) in suites.items():
        (folder / f"{suite}.rc").write_text(str(code))
        if xml is not None:
            (folder / f"{suite}.xml").write_text(xml)
    done = subprocess.run([sys.executable, str(ROOT / "deploy/lib/tally.py"), str(folder)],
                          capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout.splitlines()


def junit(*cases: str) -> str:
    return f"<testsuite>{''.join(f'<testcase>{case}</testcase>' for case in cases)}</testsuite>"


def test_the_suites_are_added_up(tmp_path):
    unit = junit(f"<system-out>{DOCTEST.format(failed=0)}</system-out>")
    code, lines = tally(tmp_path, unit=(0, unit), functional=(0, junit("", "", "<skipped/>")))
    assert (code, lines[-1]) == (0, "8 passed, 0 failed, 1 skipped")


@pytest.mark.parametrize("suite, last", [
    ((1, junit("", "<failure/>")), "2 passed, 1 failed, 0 skipped"),
    ((1, junit("<failure/>" + DOCTEST.format(failed=1))), "7 passed, 1 failed, 0 skipped"),
    ((5, junit()), "1 passed, 1 failed, 0 skipped"),
    ((0, junit()), "1 passed, 1 failed, 0 skipped"),
    ((0, junit("<skipped/>")), "1 passed, 1 failed, 1 skipped"),
    ((139, junit("")), "2 passed, 1 failed, 0 skipped"),
    ((0, None), "1 passed, 1 failed, 0 skipped"),
    ((0, "<testsuite>"), "1 passed, 1 failed, 0 skipped"),
], ids=["failed", "failed-in-doctest", "none-collected", "empty", "all-skipped", "crashed", "no-file", "cut-file"])
def test_what_is_no_success(tmp_path, suite, last):
    code, lines = tally(tmp_path, good=(0, junit("")), bad=suite)
    assert (code, lines[-1]) == (1, last)


def test_a_suite_that_could_not_be_begun_is_skipped_and_named(tmp_path):
    (tmp_path / "docker.skip").write_text("no Docker engine answers\n")
    code, lines = tally(tmp_path, good=(0, junit("")))
    assert (code, lines[-1]) == (0, "1 passed, 0 failed, 1 skipped")
    assert any("docker" in line and "SKIPPED: no Docker engine answers" in line for line in lines)


def test_skipped_suites_alone_are_no_success(tmp_path):
    (tmp_path / "docker.skip").write_text("no Docker engine answers\n")
    assert tally(tmp_path)[0] == 1


def test_nothing_at_all_is_no_success(tmp_path):
    assert tally(tmp_path)[0] == 1
