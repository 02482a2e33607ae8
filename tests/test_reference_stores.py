"""The table of stores is complete, and what it promises is tested."""

import re
from pathlib import Path

import pytest

from loginfix.browsers.model import Engine
from loginfix.stores.catalog import declared_stores

TABLE = Path("docs/reference/stores.md").read_text("utf-8")
CHROMIUM = TABLE[TABLE.index("## Chromium") : TABLE.index("## Firefox")]
ROWS = [line for line in TABLE.splitlines() if line.startswith("| ") and "---" not in line]


def test_every_declared_store_of_chromium_has_its_row() -> None:
    declared = {each.store.id.partition(".")[2] for each in declared_stores(Engine.CHROMIUM)}
    lists = re.findall(r"\(((?:`[a-z0-9_]+`(?:, )?)+)\)", CHROMIUM)
    named = {name for each in lists for name in re.findall(r"[a-z0-9_]+", each)}
    assert declared - named == set(), "not in docs/reference/stores.md"
    assert named - declared == set(), "in docs/reference/stores.md, but not declared"


@pytest.mark.parametrize("row", ROWS)
def test_every_test_that_a_row_names_exists(row: str) -> None:
    for name in re.findall(r"`((?:live/)?test_[a-z0-9_]+)`", row):
        assert Path(f"tests/{name}.py").is_file(), name
