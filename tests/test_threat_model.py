"""Every threat that ``docs/threat-model.md`` names is held off by tests that exist."""

import re

import pytest

from test_invariants import NAMED, TESTS, functions_of

TEXT = (TESTS.parent / "docs" / "threat-model.md").read_text("utf-8")
ROWS = [line for line in TEXT.splitlines() if re.match(r"\| [A-Z]", line)]


def test_there_are_threats_of_four_kinds_and_a_list_of_what_is_not_one() -> None:
    headings = re.findall(r"^## (.*)", TEXT, re.MULTILINE)
    assert len(headings) == 5
    assert headings[-1] == "Out of scope"
    assert len(ROWS) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:30])
def test_a_threat_has_a_defence_and_tests_that_hold_it(row: str) -> None:
    threat, defence, tests = (cell.strip() for cell in row.strip("|").split(" | "))
    assert threat
    assert defence
    assert NAMED.findall(tests)


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(TEXT))))
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    assert name.startswith("test_")
    assert name in functions_of(file)
