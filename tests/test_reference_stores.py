"""The table of stores is complete."""

import re
from pathlib import Path

from loginfix.browsers.model import Engine
from loginfix.stores.catalog import declared_stores

TABLE = Path("docs/reference/stores.md").read_text("utf-8")
CHROMIUM = TABLE[TABLE.index("## Chromium") : TABLE.index("## Firefox")]


def test_every_declared_store_of_chromium_has_its_row() -> None:
    declared = {each.store.id.partition(".")[2] for each in declared_stores(Engine.CHROMIUM)}
    lists = re.findall(r"\(((?:`[a-z0-9_]+`(?:, )?)+)\)", CHROMIUM)
    named = {name for each in lists for name in re.findall(r"[a-z0-9_]+", each)}
    assert declared - named == set(), "not in docs/reference/stores.md"
    assert named - declared == set(), "in docs/reference/stores.md, but not declared"
