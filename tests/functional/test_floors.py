"""A floor includes none above it."""

import re

import pytest

from harness.paths import ROOT

# It reads sources.
pytestmark = pytest.mark.any_build

# From the bottom to the top: what an #include begins with, and the folder. What lies in lib/sync itself stands between
# what decides and what reads.
FLOORS = {"base": "lib/base", "http": "lib/http", "kinto": "lib/kinto",
          "sync/decide": "lib/sync/decide", "sync": "lib/sync", "sync/read": "lib/sync/read",
          "sync/write": "lib/sync/write", "sync/keep": "lib/sync/keep", "sync/tree": "lib/sync/tree",
          "sync/dump": "lib/sync/dump", "sync/run": "lib/sync/run", "selftest": "selftest", "daemon": "daemon"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]((?:[\w-]+/)+)[\w.-]+[>"]', re.MULTILINE)


def sources(floor: str) -> list:
    folder = ROOT / FLOORS[floor]
    files = folder.glob("*") if floor == "sync" else folder.rglob("*")
    return [path for path in files if path.suffix in (".cpp", ".hpp", ".ipp", ".h")]


def floor_of(include: str) -> str:
    """Of "sync/decide/" it is sync/decide, of "daemon/status/" daemon."""
    parts = include.removeprefix("lib/").strip("/").split("/")
    return next((name for name in ("/".join(parts[:2]), parts[0]) if name in FLOORS), "")


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_includes_none_above_it(floor):
    order = list(FLOORS)
    above = set(order[order.index(floor) + 1:])
    files = sources(floor)
    assert files, f"no sources in {FLOORS[floor]}: the floors' list is out of date"
    wrong = [f"{path.relative_to(ROOT)} includes {include}"
             for path in files for include in INCLUDE.findall(path.read_text()) if floor_of(include) in above]
    assert not wrong


def test_the_floors_include_each_other_by_these_names():
    """Otherwise the test above would look for names that nobody writes."""
    used = {floor_of(include) for floor in FLOORS for path in sources(floor)
            for include in INCLUDE.findall(path.read_text())}
    assert set(FLOORS) <= used


def test_the_kinto_model_shares_no_code_with_the_client():
    model = ROOT / "tests/model"
    files = list(model.rglob("*.[ch]pp"))
    assert files
    assert not [str(path) for path in files if '"kinto/' in path.read_text()]
