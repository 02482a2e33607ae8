"""Putting saved rows back into a database that may have been used since.

First every saved row is decided: is the same thing there (by its natural key), and which id will it
have? Then the rows are written, parents first, with every id that points elsewhere mapped. What has
appeared since stays; only counters and times are combined, and only where something came back.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from loginfix.errors import Problem
from loginfix.stores.model import Row, SavedRow, SavedStore, Value
from loginfix.stores.sqlite.binding import Binding, Bound, parents_first
from loginfix.stores.sqlite.edit import ROWID, Changes
from loginfix.stores.sqlite.present import bindable, numbers_of, slot
from loginfix.stores.sqlite.schema import quote
from loginfix.words import say


class Fate(Enum):
    """What is to happen with a saved row."""

    INSERT = auto()
    PRESENT = auto()
    MERGE = auto()
    REVERT = auto()
    DROP = auto()


@dataclass(slots=True)
class Outcome:
    """What merging came to; ``kept_newer`` names what was left as it is now."""

    changes: Changes = field(default_factory=Changes)
    restored: int = 0
    merged: int = 0
    unchanged: int = 0
    kept_newer: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Decision:
    fate: Fate
    identity: tuple[Value, ...] = ()
    new_id: Value = None


class Merger:
    """One merge of one saved store into one open database."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        binding: Binding,
        saved: SavedStore,
        *,
        overwrite: bool,
        versions: tuple[int, int],
    ) -> None:
        """``versions`` are the schema versions of the backup and of the database."""
        self._connection = connection
        self._binding = binding
        self._saved = saved
        self._overwrite = overwrite
        self._versions = versions
        self._ids: dict[str, dict[Value, Value]] = {name: {} for name in binding}
        self._next_id: dict[str, int] = {}
        self._refused: list[tuple[SavedRow, Value, str]] = []
        self._touched: set[tuple[str, tuple[Value, ...]]] = set()
        self._there: dict[int, int | None] = {}
        self._decisions: dict[str, list[_Decision]] = {}
        self._came_back: dict[str, Counter[Value]] = {name: Counter() for name in binding}
        self._fates: dict[tuple[str, Value], Fate] = {}
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """Merge everything, in the open transaction."""
        ordered = parents_first(self._binding)
        for bound in ordered:
            self._there = self._numbers(bound)
            self._decisions[bound.name] = [
                self._decide(bound, row, at) for at, row in enumerate(self._rows(bound))
            ]
        for bound in ordered:
            for row, decision in zip(self._rows(bound), self._decisions[bound.name], strict=True):
                self._apply(bound, row, decision)
            self._insert_again(bound)
        return self.outcome

    def _insert_again(self, bound: Bound) -> None:
        """Insert once more what was refused, as long as it helps: a row may want another first."""
        before = -1
        while self._refused and len(self._refused) != before:
            before = len(self._refused)
            again, self._refused = self._refused, []
            for row, new_id, _ in again:
                self._insert(bound, row, new_id)
        if self._refused:
            *_, why = self._refused[0]
            self.outcome.problems.append(
                Problem(
                    "row-refused",
                    say("Rows of {name} could not be put back: {why}.", name=bound.name, why=why),
                    say("The rest was restored. These rows stay in the backup."),
                )
            )
            self._refused = []

    def _rows(self, bound: Bound) -> Iterator[SavedRow]:
        known = {*bound.table.columns, *([ROWID] if bound.table.has_rowid else [])}
        for row in self._saved.rows(bound.name):
            before = {c: v for c, v in self._convert(bound, row.before).items() if c in known}
            after = row.after and {
                c: v for c, v in self._convert(bound, row.after).items() if c in known
            }
            yield SavedRow(row.table, row.change, before, after)

    def _convert(self, bound: Bound, row: Row) -> dict[str, Value]:
        converted = dict(row)
        then, now = self._versions
        for rule in bound.spec.convert:
            value = converted.get(rule.column)
            if not isinstance(value, int):
                continue
            if then < rule.since <= now:
                converted[rule.column] = value * rule.times
            elif now < rule.since <= then:
                converted[rule.column] = value // rule.times
        return converted

    # Deciding

    def _decide(self, bound: Bound, row: SavedRow, at: int) -> _Decision:
        decision = self._decide_alone(bound, row, at)
        if self._whole(bound, row) is Fate.MERGE:
            # Parts of two states do not make a whole: the present parts stay, or all are exchanged.
            fate = Fate.INSERT if self._overwrite else Fate.DROP
            decision = _Decision(fate, new_id=self._free_id(bound, row.before.get(bound.id)))
        self._fates[bound.name, row.before.get(bound.id)] = decision.fate
        return decision

    def _whole(self, bound: Bound, row: SavedRow) -> Fate | None:
        """What happens to the row that this one is a part of."""
        for pointer in bound.spec.through:
            if pointer.table == bound.spec.part_of:
                return self._fates.get((pointer.table, row.before.get(pointer.column)))
        return None

    def _decide_alone(self, bound: Bound, row: SavedRow, at: int) -> _Decision:
        mapped = self._mapped(bound, row.before)
        old_id = mapped.get(bound.id)
        present = self._find(bound, mapped, at)
        if present is not None:
            identity, current = present
            self._ids[bound.name][row.before.get(bound.id)] = current.get(bound.id, old_id)
            fate = self._fate_of_present(bound, row, mapped, current)
            return _Decision(fate, identity)
        if row.change == "updated" and not bound.spec.keep_if:
            return _Decision(Fate.DROP)
        new_id = self._free_id(bound, old_id)
        self._ids[bound.name][row.before.get(bound.id)] = new_id
        for pointer in bound.spec.through:
            if pointer.target is None and pointer.table in self._came_back:
                self._came_back[pointer.table][row.before.get(pointer.column)] += 1
        return _Decision(Fate.INSERT, new_id=new_id)

    def _fate_of_present(self, bound: Bound, row: SavedRow, mapped: Row, current: Row) -> Fate:
        if row.change == "updated":
            return Fate.REVERT
        content = {c: v for c, v in mapped.items() if c not in (bound.id, ROWID)}
        if all(current.get(column) == value for column, value in content.items()):
            return Fate.PRESENT
        return Fate.MERGE

    def _mapped(self, bound: Bound, row: Row) -> dict[str, Value]:
        """The row with every column that points at another row pointing at where it is now."""
        mapped = dict(row)
        for pointer in bound.pointers:
            if pointer.column in mapped and pointer.table in self._ids:
                value = mapped[pointer.column]
                mapped[pointer.column] = self._ids[pointer.table].get(value, value)
        return mapped

    def _numbers(self, bound: Bound) -> dict[int, int | None]:
        """Where it helps: the numbers of the rows that have the keys of the saved ones."""
        key = bound.spec.key
        own = {pointer.column for pointer in bound.pointers if pointer.table == bound.name}
        if not own.isdisjoint(key):
            return {}  # what they will point at is not decided yet
        mapped = ((at, self._mapped(bound, row.before)) for at, row in enumerate(self._rows(bound)))
        keys = ((at, [row[c] for c in key]) for at, row in mapped if row.keys() >= {*key})
        return numbers_of(self._connection, bound, key, keys)

    def _find(self, bound: Bound, row: Row, at: int) -> tuple[tuple[Value, ...], Row] | None:
        """The row that has the key of the saved row ``at`` that place."""
        values: list[Value]
        if at in self._there:
            if self._there[at] is None:
                return None
            where, values = f"t.{bound.table.number} = ?", [self._there[at]]
        else:
            key = [column for column in bound.spec.key if column in row]
            if not key:
                return None
            where = " AND ".join(f"t.{quote(column)} IS {slot(row[column])}" for column in key)
            values = [bindable(row[column]) for column in key]
        listed = (*bound.table.identity, *map(quote, bound.table.columns))
        columns = ", ".join(f"t.{column}" for column in listed)
        found = self._connection.execute(
            f"SELECT {columns} FROM {bound.table.sql} t WHERE {where} LIMIT 1",
            values,
        ).fetchone()
        if found is None:
            return None
        width = len(bound.table.identity)
        return found[:width], dict(zip(bound.table.columns, found[width:], strict=True))

    def _free_id(self, bound: Bound, wanted: Value) -> Value:
        """The saved id if nobody took it since; otherwise one that nobody has."""
        is_number = bound.id == bound.table.integer_id or bound.spec.shared_id
        if not is_number or bound.id in {p.column for p in bound.pointers}:
            return wanted
        if bound.spec.shared_id and wanted in self._ids[bound.name]:
            return self._ids[bound.name][wanted]
        column = quote(bound.id)
        taken = self._connection.execute(
            f"SELECT 1 FROM {bound.table.sql} WHERE {column} = ?", (wanted,)
        ).fetchone()
        if not taken:
            return wanted
        if bound.name not in self._next_id:
            ids = [row.before.get(bound.id) for row in self._saved.rows(bound.name)]
            sql = f"SELECT coalesce(max({column}), 0) FROM {bound.table.sql}"
            (highest,) = self._connection.execute(sql).fetchone()
            self._next_id[bound.name] = max(highest, *(i for i in ids if isinstance(i, int)))
        self._next_id[bound.name] += 1
        return self._next_id[bound.name]

    # Writing

    def _apply(self, bound: Bound, row: SavedRow, decision: _Decision) -> None:
        outcome = self.outcome
        match decision.fate:
            case Fate.DROP:
                return
            case Fate.PRESENT:
                outcome.unchanged += 1
                return
            case Fate.INSERT:
                self._insert(bound, row, decision.new_id)
                return
            case Fate.MERGE:
                new = self._merged(bound, row, self._current(bound, decision))
                self._drop_parts(bound, decision)
            case Fate.REVERT:
                new = self._reverted(bound, row, self._current(bound, decision))
        if self._update(bound, decision, new):
            outcome.merged += 1
        else:
            outcome.unchanged += 1

    def _insert(self, bound: Bound, row: SavedRow, new_id: Value) -> None:
        values = {**self._evaluated(bound.spec.newer), **self._mapped(bound, row.before)}
        if bound.id in values:
            values[bound.id] = new_id
        rowid = values.pop(ROWID, None) if bound.table.has_rowid else None
        columns = {quote(column): slot(value) for column, value in values.items()}
        bound_values = [bindable(value) for value in values.values()]
        if rowid is not None and not self._rowid_taken(bound, rowid):
            columns[bound.table.identity[0]] = "?"
            bound_values.append(rowid)
        try:
            self._connection.execute(
                f"INSERT INTO {bound.table.sql} ({', '.join(columns)})"
                f" VALUES ({', '.join(columns.values())})",
                bound_values,
            )
        except sqlite3.IntegrityError as error:
            self._refused.append((row, new_id, str(error)))
            return
        self.outcome.changes.added[bound.name] += 1
        self.outcome.restored += 1
        if row.change == "updated" and bound.spec.inserted:
            assign = ", ".join(f"{quote(c)} = {sql}" for c, sql in bound.spec.inserted.items())
            self._connection.execute(
                f"UPDATE {bound.table.sql} SET {assign} WHERE {quote(bound.id)} = ?", (new_id,)
            )

    def _drop_parts(self, bound: Bound, decision: _Decision) -> None:
        """Make room for the saved parts of a row that is overwritten."""
        if not self._overwrite:
            return
        own = self._current(bound, decision).get(bound.id)
        for part in self._binding.values():
            for pointer in part.spec.through:
                if bound.name == part.spec.part_of == pointer.table:
                    gone = self._connection.execute(
                        f"DELETE FROM {part.table.sql} WHERE {quote(pointer.column)} = ?", (own,)
                    )
                    self.outcome.changes.gone[part.name] += gone.rowcount

    def _rowid_taken(self, bound: Bound, rowid: Value) -> bool:
        sql = f"SELECT 1 FROM {bound.table.sql} WHERE {bound.table.identity[0]} = ?"
        return self._connection.execute(sql, (rowid,)).fetchone() is not None

    def _merged(self, bound: Bound, row: SavedRow, current: Row) -> dict[str, Value]:
        saved = self._mapped(bound, row.before)
        if self._overwrite:
            return {c: v for c, v in saved.items() if c not in (bound.id, ROWID)}
        if not bound.spec.merge:
            if bound.spec.item:
                self.outcome.kept_newer.append(_label(bound, current))
            return {}
        if not self._came_back[bound.name][row.before.get(bound.id)]:
            return {}
        new = {
            column: _combine(rule, current.get(column), saved.get(column), None)
            for column, rule in bound.spec.merge.items()
        }
        return {**new, **self._evaluated(bound.spec.recalc)}

    def _reverted(self, bound: Bound, row: SavedRow, current: Row) -> dict[str, Value]:
        before, after = self._mapped(bound, row.before), self._mapped(bound, row.after or {})
        changed = [column for column in after if after[column] != before.get(column)]
        untouched = all(current.get(c) == v for c, v in after.items() if c != ROWID)
        if untouched or self._overwrite:
            return {column: before[column] for column in changed}
        came_back = self._came_back[bound.name][row.before.get(bound.id)]
        new: dict[str, Value] = {}
        for column in changed:
            rule = bound.spec.merge.get(column)
            if rule and came_back:
                new[column] = _combine(rule, current.get(column), before[column], after[column])
            elif not rule and current.get(column) == after[column]:
                new[column] = before[column]
        return {**new, **self._evaluated(bound.spec.recalc)} if came_back else new

    def _evaluated(self, expressions: Mapping[str, str]) -> dict[str, Value]:
        return {
            column: self._connection.execute(f"SELECT {sql}").fetchone()[0]
            for column, sql in expressions.items()
        }

    def _current(self, bound: Bound, decision: _Decision) -> Row:
        where = " AND ".join(f"{column} = ?" for column in bound.table.identity)
        columns = ", ".join(map(quote, bound.table.columns))
        values = self._connection.execute(
            f"SELECT {columns} FROM {bound.table.sql} WHERE {where}", decision.identity
        ).fetchone()
        return dict(zip(bound.table.columns, values, strict=True))

    def _update(self, bound: Bound, decision: _Decision, new: Row) -> bool:
        current = self._current(bound, decision)
        new = {column: value for column, value in new.items() if current.get(column) != value}
        if not new:
            return False
        assign = ", ".join(f"{quote(column)} = {slot(value)}" for column, value in new.items())
        where = " AND ".join(f"{column} = ?" for column in bound.table.identity)
        self._connection.execute(
            f"UPDATE {bound.table.sql} SET {assign} WHERE {where}",
            (*map(bindable, new.values()), *decision.identity),
        )
        if (bound.name, decision.identity) not in self._touched:
            self._touched.add((bound.name, decision.identity))
            self.outcome.changes.changed[bound.name] += 1
        return True


def _combine(rule: str, current: Value, saved: Value, since: Value) -> Value:
    """Combine a column of the row as it is, as it was saved, and as clearing left it."""
    if not isinstance(saved, int | float):
        return current
    if not isinstance(current, int | float):
        return saved
    if rule == "sum":
        return current + saved - (since if isinstance(since, int | float) else 0)
    return max(current, saved) if rule == "max" else min(current, saved)


def _label(bound: Bound, row: Row) -> str:
    key = (str(row[column]) for column in bound.spec.key if row.get(column) not in (None, ""))
    return f"{bound.name}: {', '.join(key)}"
