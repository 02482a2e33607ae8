"""Where a declared store is looked for, and when."""

from dataclasses import replace
from pathlib import Path

import pytest

from loginfix.files.tree import Tree
from loginfix.stores.declared import DeclaredStore, refuse_unknown
from loginfix.stores.model import Category, Identity, Root
from loginfix.stores.whole import WholeStore

TEST = Identity("chromium.test", "Test", Category.CACHE)


def declared(*paths: str, opt_in: bool = False) -> DeclaredStore:
    return DeclaredStore(TEST, lambda: WholeStore(*TEST), Root.PROFILE, paths, opt_in=opt_in)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    for path in ("a/x/file", "a/y/file", "a/y/other", "b/file", "a/z"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "a" / "link").symlink_to(tmp_path / "b")
    return Tree(tmp_path)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("a/x/file", ["a/x/file"]),
        ("a/x/nothing", []),
        ("nothing/*/file", []),
        ("a/*/file", ["a/x/file", "a/y/file"]),
        ("*/*/o*", ["a/y/other"]),
        ("a/*", ["a/link", "a/x", "a/y", "a/z"]),
        ("b/*", ["b/file"]),
        ("b/file/*", []),
    ],
)
def test_a_star_stands_for_anything_within_one_name(
    pattern: str, found: list[str], tree: Tree
) -> None:
    places = list(declared(pattern).places(Root.PROFILE, tree))
    assert [place.rel for place in places] == found
    assert [place.rel_to_root for place in places] == found


def test_a_part_of_a_root_has_the_paths_that_begin_with_its_name(tree: Tree) -> None:
    with Tree(tree.root / "a") as part:
        places = list(declared("a/x/file", "b/file").places(Root.USER_DATA, part, "a"))
    assert [(place.rel, place.rel_to_root) for place in places] == [("x/file", "a/x/file")]


def test_decisions_of_the_person_are_only_looked_at_when_named() -> None:
    every, none, cache = frozenset(Category), frozenset[Category](), frozenset({Category.CACHE})
    assert declared("x").is_wanted(every, none)
    assert not declared("x", opt_in=True).is_wanted(every, none)
    assert not declared("x", opt_in=True).is_wanted(every, frozenset({Category.HISTORY}))
    assert declared("x", opt_in=True).is_wanted(cache, cache)
    assert not declared("x").is_wanted(frozenset({Category.HISTORY}), none)


def test_a_key_that_nobody_reads_is_refused() -> None:
    refuse_unknown({"table": 1}, ("table",))
    with pytest.raises(ValueError, match="unknown key 'tables'"):
        refuse_unknown({"tables": 1, "zeal": 2}, ("table",))


def test_what_is_together_is_looked_at_once(tree: Tree) -> None:
    one = replace(declared("nothing", "a/*/file", "b/file"), together=True)
    assert [place.rel for place in one.places(Root.PROFILE, tree)] == ["a/x/file"]
    assert not list(replace(one, paths=one.paths[:1]).places(Root.PROFILE, tree))
