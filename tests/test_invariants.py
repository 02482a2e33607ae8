"""Every rule of ``docs/invariants.md`` is held by tests that exist."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
TEXT = (TESTS.parent / "docs" / "invariants.md").read_text("utf-8")
RULE = re.compile(r"^\| ([MS]\d+) \|(.*)\|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def functions_of(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("rule", "row"), RULE.findall(TEXT), ids=lambda each: str(each)[:3])
def test_a_rule_names_the_tests_that_hold_it(rule: str, row: str) -> None:
    assert NAMED.search(row), rule


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(TEXT))))
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    assert name.startswith("test_")
    assert name in functions_of(file)


def test_no_number_is_given_twice() -> None:
    numbers = [rule for rule, _ in RULE.findall(TEXT)]
    assert len(numbers) == len(set(numbers)) > 0
