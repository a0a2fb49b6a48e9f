"""The fuzzers that are built are those that run, and each has something to begin with."""

import re
import runpy

import pytest

from harness.paths import ROOT

# It reads sources.
pytestmark = pytest.mark.any_build

FUZZ = ROOT / "tests/fuzz"
SUBJECTS = set(runpy.run_path(str(FUZZ / "run.py"))["SUBJECTS"])


def test_each_fuzzer_that_is_built_is_run():
    built = set(re.findall(r"^kinto_mirror_fuzzer\((\w+) ", (FUZZ / "CMakeLists.txt").read_text(), re.M))
    assert built == SUBJECTS
    assert {path.stem for path in FUZZ.glob("*.cpp")} == SUBJECTS


@pytest.mark.parametrize("subject", sorted(SUBJECTS))
def test_each_begins_with_inputs_that_it_may_have(subject):
    longest = runpy.run_path(str(FUZZ / "run.py"))["SUBJECTS"][subject]
    sizes = [path.stat().st_size for path in (FUZZ / "corpus" / subject).iterdir()]
    assert sizes
    assert max(sizes) <= longest, "the fuzzer would cut it"


def test_words_are_of_a_subject():
    assert {path.stem for path in (FUZZ / "dictionaries").glob("*.txt")} <= SUBJECTS
