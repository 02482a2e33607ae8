"""A declaration brought together with a real database, whatever its version.

Tables and columns that an older or newer version lacks are left out of the declaration; a database
in which the site's rows could no longer be told is refused.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from loginfix.errors import NotUnderstoodError
from loginfix.stores.sqlite.schema import Table
from loginfix.stores.sqlite.spec import Pointer, TableSpec, Used
from loginfix.words import say


@dataclass(frozen=True, slots=True)
class Bound:
    """A declared table that the database has, reduced to what is really there."""

    spec: TableSpec
    table: Table

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def id(self) -> str:
        """The column that other tables point at; a rowid where none is declared."""
        return self.spec.id or self.table.integer_id or self.table.identity[0]

    @property
    def pointers(self) -> tuple[Pointer, ...]:
        """The columns that hold the id of a row of another table."""
        direct = [pointer for pointer in self.spec.through if pointer.target is None]
        return (*direct, *self.spec.refs)


Binding = Mapping[str, Bound]


def bind(declared: Sequence[TableSpec], schema: Mapping[str, Table], *, what: str) -> Binding:
    """Reduce the declaration to the database's tables and columns, in the declared order.

    ``what`` names the file in errors.

    Raises:
        NotUnderstoodError: A required table is missing, or a table is there without the columns
            that tell which of its rows are the site's.
    """
    bound = {}
    for spec in declared:
        if spec.name not in schema:
            if spec.required:
                raise _not_understood(what, say("it has no table {name!r}", name=spec.name))
            continue
        bound[spec.name] = Bound(_reduce(spec, schema, what), schema[spec.name])
    return bound


def _reduce(spec: TableSpec, schema: Mapping[str, Table], what: str) -> TableSpec:
    columns = set(schema[spec.name].columns)

    def there(table: str, column: str | None = None) -> bool:
        return table in schema and (column is None or column in schema[table].columns)

    site = tuple(
        known
        for alternative in spec.site
        if (known := tuple((column, form) for column, form in alternative if column in columns))
        # The first column names the host; without it the others say too little.
        and known[0] == alternative[0]
    )
    through = tuple(p for p in spec.through if p.column in columns and there(p.table))
    orphan_of = tuple(r for r in spec.orphan_of if there(r.table, r.column))
    if not (site or through or orphan_of) or not schema[spec.name].identity:
        raise _not_understood(
            what, say("its table {name!r} has other columns than known", name=spec.name)
        )
    return replace(
        spec,
        site=site,
        through=through,
        refs=tuple(p for p in spec.refs if p.column in columns and there(p.table)),
        orphan_of=orphan_of,
        kept={c: sql for c, sql in spec.kept.items() if c in columns},
        scrub=tuple(s for s in spec.scrub if s.column in columns),
        inside=tuple(i for i in spec.inside if i.column in columns),
        convert=tuple(c for c in spec.convert if c.column in columns),
        key=tuple(c for c in spec.key if c in columns),
        merge={c: rule for c, rule in spec.merge.items() if c in columns},
        recalc={c: sql for c, sql in spec.recalc.items() if c in columns},
        inserted={c: sql for c, sql in spec.inserted.items() if c in columns},
        newer={c: sql for c, sql in spec.newer.items() if c in columns},
        shown=spec.shown if spec.shown in columns else None,
        used=_known(spec.used, columns),
    )


def _known(used: Used | None, columns: Collection[str]) -> Used | None:
    there = tuple(column for column in used.columns if column in columns) if used else ()
    return replace(used, columns=there) if used and there else None


def parents_first(binding: Binding) -> list[Bound]:
    """Order tables so that what is pointed at comes before what points at it."""
    ordered: dict[str, Bound] = {}

    def visit(bound: Bound, above: tuple[str, ...]) -> None:
        if bound.name in ordered or bound.name in above:
            return
        for pointer in bound.pointers:
            if pointer.table in binding:
                visit(binding[pointer.table], (*above, bound.name))
        ordered[bound.name] = bound

    for bound in binding.values():
        visit(bound, ())
    return list(ordered.values())


def _not_understood(what: str, why: str) -> NotUnderstoodError:
    return NotUnderstoodError(
        say("{what} was left alone: {why}.", what=what, why=why),
        next_step=say(
            "This version of the browser is not known yet. Update loginfix; until then clear"
            " this part in the browser's own settings."
        ),
    )
