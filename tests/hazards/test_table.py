"""HAZARDS.md names every hazard and every test of one, and no test that does not exist."""

import ast
import re

import pytest

from harness.paths import TESTS

# It reads tables.
pytestmark = pytest.mark.any_build

# A test of hazards/ is named without its folder.
FOLDERS = ("hazards", "containers", "between", "readers")
# Of those from 44 on, what concerns containers and their readers; the others are tried by whole folders.
NUMBERS = [*range(1, 45), *range(46, 53), *range(66, 71)]
ROW = re.compile(r"^\| (\d+) [^|]+\| (P\d+(?:, P\d+)*) \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)
NAMED = re.compile(r"`((?:\w+/)?test_\w+\.py::test_\w+|simulate)`")


def table() -> dict[int, list[str]]:
    """The tests by the number of the hazard."""
    rows = ROW.findall((TESTS / "HAZARDS.md").read_text())
    assert len(rows) == len({number for number, _, _ in rows}), "a number has two rows"
    return {int(number): NAMED.findall(tests) for number, _, tests in rows}


def existing() -> set[str]:
    return {f"{'' if folder == 'hazards' else folder + '/'}{path.name}::{node.name}"
            for folder in FOLDERS for path in (TESTS / folder).glob("test_*.py")
            for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def test_each_hazard_has_a_row_with_a_test():
    assert sorted(table()) == NUMBERS
    assert [number for number, tests in table().items() if not tests] == []


def test_the_tests_of_a_row_exist_and_bear_its_number():
    named = [(number, name) for number, tests in table().items() for name in tests if name != "simulate"]
    assert {name for _, name in named} - existing() == set()
    assert [name for number, name in named if f"::test_hazard_{number:02}_" not in name] == []


def test_each_test_of_a_hazard_is_in_the_table():
    named = {name for tests in table().values() for name in tests}
    assert {name for name in existing() if "::test_hazard_" in name} - named == set()
