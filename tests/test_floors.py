"""A floor includes none above it."""

import re

import pytest

from harness.paths import ROOT

# From the bottom to the top, as in the design: the name in an #include, and the folder.
FLOORS = {"base": "lib/base", "http": "lib/http", "kinto": "lib/kinto", "sync": "lib/sync",
          "selftest": "selftest", "daemon": "daemon"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]((?:[\w-]+/)+[\w.-]+)[>"]', re.MULTILINE)


def sources(floor: str) -> list:
    return [path for path in (ROOT / FLOORS[floor]).rglob("*") if path.suffix in (".cpp", ".hpp", ".ipp", ".h")]


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_includes_none_above_it(floor):
    order = list(FLOORS)
    above = set(order[order.index(floor) + 1:])
    files = sources(floor)
    assert files, f"no sources in {FLOORS[floor]}: the floors' list is out of date"
    wrong = [f"{path.relative_to(ROOT)} includes {include}"
             for path in files for include in INCLUDE.findall(path.read_text())
             if include.removeprefix("lib/").split("/")[0] in above]
    assert not wrong


def test_the_floors_include_each_other_by_these_names():
    """Otherwise the test above would look for names that nobody writes."""
    used = {include.split("/")[0] for floor in FLOORS for path in sources(floor)
            for include in INCLUDE.findall(path.read_text())}
    assert {"base", "http", "kinto", "sync"} <= used


def test_the_kinto_model_shares_no_code_with_the_client():
    model = ROOT / "selftest/model"
    if not model.exists():
        pytest.skip("no Kinto model yet (selftest/model)")
    wrong = [str(path) for path in model.rglob("*.[ch]pp") if '"kinto/' in path.read_text()]
    assert not wrong
