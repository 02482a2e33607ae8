"""The declarations in ``profiles/stores/`` hang together, and a broken one is refused by name."""

from pathlib import Path

import pytest

from loginfix.browsers.model import Engine
from loginfix.errors import ConfigurationError
from loginfix.stores import catalog
from loginfix.stores.catalog import declared_stores
from loginfix.stores.json.store import JsonStore
from loginfix.stores.model import CATEGORIES
from loginfix.stores.sqlite.store import SqliteStore

# A store that is declared for copies too is one store.
STORES = list(
    {id(each.store): each.store for engine in Engine for each in declared_stores(engine)}.values()
)
SQLITE = [store for store in STORES if isinstance(store, SqliteStore)]


@pytest.mark.parametrize("engine", Engine)
def test_every_category_has_stores_in_every_engine(engine: Engine) -> None:
    assert {each.identity.category for each in declared_stores(engine)} == CATEGORIES


def test_every_store_has_its_own_name() -> None:
    assert len({store.id for store in STORES}) == len(STORES)
    assert len({(store.id.partition(".")[0], store.title) for store in STORES}) == len(STORES)


@pytest.mark.parametrize("store", SQLITE, ids=lambda store: store.id)
def test_tables_point_only_at_tables_of_their_store(store: SqliteStore) -> None:
    names = {table.name for table in store.tables}
    assert len(names) == len(store.tables)
    assert any(table.required for table in store.tables)
    assert any(table.item for table in store.tables)
    with_id = {table.name for table in store.tables if table.id}
    for table in store.tables:
        for pointer in (*table.through, *table.refs):
            assert pointer.table in names, (table.name, pointer)
            assert pointer.target or pointer.table in with_id, (table.name, pointer)
        for referrer in table.orphan_of:
            assert referrer.table in names, (table.name, referrer)
        assert table.key, table.name
        assert table.site or table.through or table.orphan_of or table.scrub or table.orphan_if


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("[a", "chromium/a.toml"),
        ('[a]\ntitle = "A"\ncategory = "pies"\n', "[a]: 'pies'"),
        (
            '[a]\ntitle = "A"\ncategory = "cache"\nformat = "zip"\nroot = "cache"\npaths = []\n',
            "unknown format 'zip'",
        ),
        (
            (
                '[a]\ntitle = "A"\ncategory = "cache"\nformat = "sqlite"\nroot = "cache"\n'
                'paths = []\nversion = "meta"\ntable = [{ name = "t", sites = [] }]\n'
            ),
            "unknown key 'sites'",
        ),
    ],
)
def test_a_broken_declaration_is_refused_by_name(
    declared: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stores" / "chromium").mkdir(parents=True)
    (tmp_path / "stores" / "chromium" / "a.toml").write_text(declared, "utf-8")
    monkeypatch.setattr(catalog, "data_root", lambda: tmp_path)
    declared_stores.cache_clear()
    try:
        with pytest.raises(ConfigurationError, match=r"a\.toml") as caught:
            [each.store for each in declared_stores(Engine.CHROMIUM)]
        assert said in caught.value.message
    finally:
        declared_stores.cache_clear()


def test_documents_with_hashed_hosts_are_looked_at_last() -> None:
    hashed = [
        each
        for engine in Engine
        for each in declared_stores(engine)
        if isinstance(each.store, JsonStore) and each.store.spec.is_hashed
    ]
    assert len({each.store.id for each in hashed}) == 2
    assert all(each.hashed for each in hashed)
