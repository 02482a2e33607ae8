"""The declaration of a SQLite store: tables, how a row names its site, what goes with it.

The words are explained in ``profiles/stores/README.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from loginfix.sites.forms import FORMS
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.times import TIMES

Alternative = tuple[tuple[str, str], ...]
"""Columns with the form in which each names a site; together they name one site."""

MergeRule = Literal["sum", "max", "min"]


@dataclass(frozen=True, slots=True)
class Pointer:
    """``column`` holds the id of a row of ``table``, or the value of ``target`` there."""

    column: str
    table: str
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Referrer:
    """``table.column`` points at this table's ``own`` column (its id where None)."""

    table: str
    column: str
    own: str | None = None


@dataclass(frozen=True, slots=True)
class Scrub:
    """In rows of other sites, ``column`` is set to the SQL expression ``to``."""

    column: str
    form: str
    to: str


Drop = Literal["field", "message"]
"""What goes out of a protocol buffer: a string that names the site, or the entry it is in."""


@dataclass(frozen=True, slots=True)
class Inside:
    """In rows of other sites, what in the protocol buffer ``column`` names the site goes."""

    column: str
    form: str
    drop: Drop


@dataclass(frozen=True, slots=True)
class Conversion:
    """From schema version ``since`` on, values of ``column`` are ``times`` as large."""

    column: str
    since: int
    times: int


@dataclass(frozen=True, slots=True)
class Derived:
    """``table.column`` of the rows ``where`` is what the SQL expression ``to`` gives."""

    table: str
    column: str
    where: str
    to: str


@dataclass(frozen=True, slots=True)
class Used:
    """When a row was used: the latest in ``columns``, written in a ``form`` of ``stores.times``."""

    columns: tuple[str, ...]
    form: str


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a SQLite store."""

    name: str
    required: bool = False
    item: bool = False
    id: str | None = None
    shared_id: bool = False
    site: tuple[Alternative, ...] = ()
    through: tuple[Pointer, ...] = ()
    refs: tuple[Pointer, ...] = ()
    orphan_of: tuple[Referrer, ...] = ()
    orphan_if: str | None = None
    part_of: str | None = None
    only_if: str | None = None
    keep_if: str | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    scrub: tuple[Scrub, ...] = ()
    inside: tuple[Inside, ...] = ()
    convert: tuple[Conversion, ...] = ()
    cookie_name: str | None = None
    key: tuple[str, ...] = ()
    merge: Mapping[str, MergeRule] = field(default_factory=dict)
    recalc: Mapping[str, str] = field(default_factory=dict)
    inserted: Mapping[str, str] = field(default_factory=dict)
    newer: Mapping[str, str] = field(default_factory=dict)
    shown: str | None = None
    used: Used | None = None


_SIMPLE = {
    "name": str,
    "required": bool,
    "item": bool,
    "id": str,
    "shared_id": bool,
    "orphan_if": str,
    "part_of": str,
    "only_if": str,
    "keep_if": str,
    "cookie_name": str,
    "shown": str,
}
_TABLES_OF_STRINGS = ("kept", "merge", "recalc", "inserted", "newer")
_KNOWN = {
    *_SIMPLE,
    *_TABLES_OF_STRINGS,
    "site",
    "through",
    "refs",
    "orphan_of",
    "scrub",
    "inside",
    "convert",
    "key",
    "used",
}


def parse_table(data: Mapping[str, Any]) -> TableSpec:
    """Read one ``[[store.table]]``.

    Raises:
        ValueError: A key is unknown or a value has the wrong shape; the text says which.
    """
    refuse_unknown(data, _KNOWN)
    for key, kind in _SIMPLE.items():
        if key in data and not isinstance(data[key], kind):
            raise ValueError(f"{key!r} must be a {kind.__name__}")
    if "name" not in data:
        raise ValueError("a table needs a 'name'")
    for key in _TABLES_OF_STRINGS:
        if not all(isinstance(value, str) for value in data.get(key, {}).values()):
            raise ValueError(f"{key!r} maps columns to strings")
    if "part_of" in data and data["part_of"] not in data.get("through", {}).values():
        raise ValueError("'part_of' names a table that 'through' points at")
    if bad := set(data.get("merge", {}).values()) - {"sum", "max", "min"}:
        raise ValueError(f"unknown merge rule {min(bad)!r}")
    return TableSpec(
        site=tuple(_alternative(entry) for entry in data.get("site", [])),
        through=tuple(_pointers(data.get("through", {}))),
        refs=tuple(_pointers(data.get("refs", {}))),
        orphan_of=tuple(_referrer(text) for text in data.get("orphan_of", [])),
        scrub=tuple(
            Scrub(column, _form(entry["as"]), entry["to"])
            for column, entry in data.get("scrub", {}).items()
        ),
        inside=tuple(
            Inside(column, _form(entry["as"]), _drop(entry["drop"]))
            for column, entry in data.get("inside", {}).items()
        ),
        convert=tuple(
            Conversion(column, int(entry["since"]), int(entry["times"]))
            for column, entry in data.get("convert", {}).items()
        ),
        key=tuple(data.get("key", ())),
        used=_used(data["used"]) if "used" in data else None,
        **{key: data[key] for key in (*_SIMPLE, *_TABLES_OF_STRINGS) if key in data},
    )


def parse_derived(data: Mapping[str, Any]) -> Derived:
    """Read one ``[[store.derived]]``.

    Raises:
        KeyError, ValueError: A word is missing, or one is there that nobody reads.
    """
    refuse_unknown(data, ("table", "column", "where", "to"))
    return Derived(data["table"], data["column"], data["where"], data["to"])


def _form(name: str) -> str:
    if name not in FORMS:
        raise ValueError(f"unknown form {name!r}")
    return name


def _used(data: Mapping[str, str]) -> Used:
    form, *others = dict.fromkeys(data.values())
    if form not in TIMES:
        raise ValueError(f"unknown form of a time {form!r}")
    if others:
        raise ValueError(f"the times of a row are all written as {form!r}, or cannot be compared")
    return Used(tuple(data), form)


def _drop(word: str) -> Drop:
    match word:
        case "field" | "message":
            return word
    raise ValueError(f"'drop' is a field or a message, not {word!r}")


def _alternative(entry: Mapping[str, str]) -> Alternative:
    return tuple((column, _form(form)) for column, form in entry.items())


def _pointers(data: Mapping[str, str | list[str]]) -> list[Pointer]:
    pointers = []
    for column, targets in data.items():
        for text in [targets] if isinstance(targets, str) else targets:
            table, _, target = text.partition(".")
            pointers.append(Pointer(column, table, target or None))
    return pointers


def _referrer(text: str) -> Referrer:
    pointer, _, own = text.partition("->")
    table, dot, column = pointer.strip().partition(".")
    if not dot:
        raise ValueError(f"'orphan_of' wants table.column, not {text!r}")
    return Referrer(table, column, own.strip() or None)
