"""What a hit is: protected, a mention, excluded or a leftover. What cannot be told is left over."""

import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress

from loginfix.files.sqlite import DAMAGED
from loginfix.sites.forms import FORMS, Names
from loginfix.sites.spotting import Spotter, Standing, names_in
from loginfix.tracing.layout import StoreRule, TableRule
from loginfix.tracing.model import Match, Record, Verdict

_LONGEST_NAME = 1 << 14
# https_www.example.com_0.indexeddb.leveldb, https+++www.example.com+8443^userContextId=2
_CHROMIUM_NAME = re.compile(
    r"(?P<scheme>[a-z][a-z0-9-]*)_(?P<host>[^_/]+)_[0-9]+(?:@[^.]*)?(?:\.indexeddb\..*)?"
)
_FIREFOX_NAME = re.compile(
    r"(?P<scheme>[a-z][a-z0-9-]*)\+\+\+(?P<host>[^+^]+)(?:\+[0-9]+)?(?P<rest>\^.*)?"
)


def judge(spotter: Spotter, rule: StoreRule, record: Record, match: Match) -> Verdict:
    """What a place that names the site is."""
    if rule.keep or record.keep:
        return Verdict.PROTECTED
    standings = [spotter.judge(names) for names in record.names]
    if Standing.OWNED in standings:
        return Verdict.LEFTOVER
    if match.is_excluded or Standing.EXCLUDED in standings:
        return Verdict.EXCLUDED
    mentions = rule.mentions if record.mentions is None else record.mentions
    return Verdict.MENTION if record.names and mentions else Verdict.LEFTOVER


def directory_record(path: str) -> Record | None:
    """Whose a file is by the names of the directories it is in."""
    for part in path.split("/"):
        if found := _FIREFOX_NAME.fullmatch(part):
            rest = FORMS["origin_attributes"](found["rest"] or "")
            return Record((Names(FORMS["host"](found["host"]).host, rest.partition),))
        if found := _CHROMIUM_NAME.fullmatch(part):
            return Record((Names(FORMS["host"](found["host"]).host, None),))
    return None


class Rows:
    """Whose the rows of one database are; asks SQLite where the layout says how.

    ``keep_cookies`` are names of cookies that the person keeps.
    """

    def __init__(
        self,
        rule: StoreRule,
        directory: Record,
        connect: Callable[[], sqlite3.Connection | None],
        keep_cookies: frozenset[str] = frozenset(),
    ) -> None:
        self._rule = rule
        self._directory = directory
        self._connect = connect
        self._keep_cookies = keep_cookies
        self._connection: sqlite3.Connection | None = None
        self._is_open = False

    def __call__(self, table: str, rowid: int | None, values: list[object]) -> Record:
        """Whose a row is."""
        rule = self._rule.tables.get(table)
        if rule is None and self._directory.names:
            return self._directory
        if rule is None:
            # Of a table that is not known, in a store whose tables are, nothing is presumed.
            return Record() if not table and self._rule.tables else _by_values(values)
        key = values[0] if rule.first and values else rowid
        if not isinstance(key, int | str | bytes):
            return Record()
        return self._by_rule(table, rule, key)

    def close(self) -> None:
        """Let go of the database."""
        if self._connection is not None:
            self._connection.close()

    def _by_rule(self, table: str, rule: TableRule, key: int | str | bytes) -> Record:
        columns = [column for names in rule.names for column in names]
        asked = [*columns, rule.keep or "0", rule.cookie or "NULL"]
        condition = f"{rule.first or 'rowid'} = ?"
        row = self._ask(f'SELECT {", ".join(asked)} FROM "{table}" WHERE {condition}', key)
        if row is None:
            return Record()
        *found, keep, cookie = row
        read = iter(found)
        alternatives = [
            names
            for each in rule.names
            for names in _alternatives(each, [next(read) for _ in each])
        ]
        return Record(
            tuple(names for names in alternatives if any(names)),
            keep=bool(keep) or (isinstance(cookie, str) and cookie in self._keep_cookies),
            mentions=rule.mentions,
        )

    def _ask(self, query: str, key: int | str | bytes) -> tuple[object, ...] | None:
        if not self._is_open:
            self._is_open = True
            self._connection = self._connect()
        if self._connection is None:
            return None
        with suppress(*DAMAGED):
            row: tuple[object, ...] | None = self._connection.execute(query, (key,)).fetchone()
            return row
        return None


def _alternatives(forms: Mapping[str, str], values: list[object]) -> list[Names]:
    """The names that a row's columns give; a column may give several, one a line."""
    texts = [_lines(value) for value in values]
    if len(texts) == 1:
        read = FORMS[next(iter(forms.values()))]
        return [read(text) for text in texts[0]]
    host = partition = frame = None
    for form, lines in zip(forms.values(), texts, strict=True):
        for text in lines[:1]:
            names = FORMS[form](text)
            host, partition = host or names.host, partition or names.partition
            frame = frame or names.frame
    return [Names(host, partition, frame)]


def _lines(value: object) -> list[str]:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value.split("\n") if isinstance(value, str) else []


def _by_values(values: list[object]) -> Record:
    """Of a table that nothing is known of: every value that is a name as a whole."""
    found = []
    for value in values:
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if isinstance(text, str) and len(text) <= _LONGEST_NAME and (names := names_in(text)):
            found.append(names)
    return Record(tuple(found))
