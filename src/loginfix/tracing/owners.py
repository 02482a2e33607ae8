"""Whose the numbered and hashed directories are: where the browser wrote that down.

``File System/012`` is explained in ``File System/Origins``, ``WebStorage/7`` in the quota
manager's database, a directory of the Cache Storage by a file in it.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

from loginfix.errors import LoginfixError
from loginfix.files.sqlite import DAMAGED
from loginfix.files.tree import Tree
from loginfix.sites.forms import FORMS, Names, storage_key
from loginfix.sites.spotting import hosts_within, names_in
from loginfix.tracing.layout import DirectoryRule, StoreRule
from loginfix.tracing.model import UNKNOWN, Record
from loginfix.tracing.readers.cache_entries import key_record, simple_key
from loginfix.tracing.readers.leveldb import pairs
from loginfix.tracing.source import Source

_ANY = StoreRule("")
_LARGEST_INDEX = 4 << 20
_LARGEST_REFERRER = 64 << 10
_STORAGE_KEY = re.compile(r"https?://[^\s\x00-\x20^\"]{1,512}(?:\^[0-9][^\s\x00-\x20\"]{0,512})?")

Connect = Callable[[str], sqlite3.Connection | None]
"""Opens a database of the tree for reading, without changing it; None if it cannot be."""


def owners_below(
    tree: Tree, base: str, rules: tuple[DirectoryRule, ...], connect: Connect
) -> dict[str, Record]:
    """Whose each directory is, by its path, as far as the rules say; ``base`` ends with a slash."""
    found: dict[str, Record] = {}
    for rule in rules:
        with suppress(OSError, LoginfixError):
            for name, record in _named(tree, base, rule, connect):
                found[base + rule.folder + name] = record
    return found


def _named(
    tree: Tree, base: str, rule: DirectoryRule, connect: Connect
) -> Iterator[tuple[str, Record]]:
    if rule.references is not None:
        yield from _by_references(tree, base + rule.folder, rule.references)
    elif rule.key is not None:
        yield from _by_leveldb(tree, base + rule.source, rule.key)
    elif rule.query:
        yield from _by_query(base + rule.source, rule.query, connect)
    else:
        yield from _by_file(tree, base + rule.folder, rule.source)


def _by_leveldb(tree: Tree, path: str, key: re.Pattern[bytes]) -> Iterator[tuple[str, Record]]:
    for entry in tree.list(path):
        if not entry.is_file():
            continue
        with tree.open(entry.path) as file:
            source = Source(file, entry.stat().st_size, entry.path, _ANY)
            for text, value in pairs(source):
                if found := key.fullmatch(text):
                    groups = found.groupdict()
                    name = groups.pop("name", None) or value
                    yield name.decode("latin-1"), _record(groups, value)


def _record(groups: dict[str, bytes], value: bytes) -> Record:
    if groups:
        return Record(tuple(FORMS[form](text.decode("latin-1")) for form, text in groups.items()))
    hosts = sorted(set(hosts_within(value.decode("latin-1"))))
    return Record(tuple(Names(host, None) for host in hosts))


def _by_query(path: str, query: str, connect: Connect) -> Iterator[tuple[str, Record]]:
    connection = connect(path)
    if connection is None:
        return
    with closing(connection), suppress(*DAMAGED):
        for name, *texts in connection.execute(query):
            names = (names_in(_text(text)) for text in texts)
            if known := tuple(each for each in names if each):
                yield str(name), Record(known)


def _by_references(
    tree: Tree, folder: str, pattern: re.Pattern[bytes]
) -> Iterator[tuple[str, Record]]:
    """Entries whose content names the key of another entry (Chromium's code cache)."""
    found: dict[str, set[Names]] = {}
    for entry in tree.list(folder.rstrip("/")):
        if not entry.is_file() or entry.stat().st_size > _LARGEST_REFERRER:
            continue
        with tree.open(entry.path) as file:
            source = Source(file, entry.stat().st_size, entry.path, _ANY)
            key = simple_key(source)
            if key is None or pattern.fullmatch(key):
                continue
            names = key_record(key, UNKNOWN).names
            for name in pattern.findall(source.read(0, source.size)):
                found.setdefault(name.decode("latin-1"), set()).update(names)
    for name, owners in found.items():
        yield name, Record(tuple(sorted(owners, key=str)))


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _by_file(tree: Tree, folder: str, name: str) -> Iterator[tuple[str, Record]]:
    for entry in tree.list(folder.rstrip("/")):
        if not entry.is_dir() or not tree.exists(f"{entry.path}/{name}"):
            continue
        with tree.open(f"{entry.path}/{name}") as file:
            text = file.read(_LARGEST_INDEX).decode("latin-1")
        keys = {storage_key(found[0]) for found in _STORAGE_KEY.finditer(text)}
        yield entry.name, Record(tuple(sorted(keys, key=str)))
