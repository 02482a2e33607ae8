"""A text file some of whose lines are a site's."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from loginfix.errors import NotUnderstoodError
from loginfix.sites.forms import FORMS
from loginfix.sites.site import Site
from loginfix.stores.content import digest, read_content, stage_content
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.model import (
    BackupSink,
    Category,
    Finding,
    Identity,
    Place,
    Restored,
    Row,
    SavedStore,
    State,
    Wish,
    Workspace,
)
from loginfix.words import say

_TABLE = "lines"
_BEFORE = "sha256_before"
_AFTER = "sha256_after"
_MAX_SIZE = 32 << 20


@dataclass(frozen=True, slots=True)
class LinesStore:
    """Lines of fields that ``separator`` divides.

    ``site`` are fields, counted from 0, with the form in which each names a site: the first says
    whose the line is, others name the site as well. ``key`` are the fields that tell lines apart.
    What begins with ``#`` is a comment.
    """

    id: str
    title: str
    category: Category
    separator: bytes
    site: tuple[tuple[int, str], ...]
    key: tuple[int, ...]

    @classmethod
    def declared(cls, identity: Identity, data: Mapping[str, Any]) -> Self:
        """Make the store that a declaration describes.

        Raises:
            KeyError, TypeError, ValueError: The declaration is wrong; the text says how.
        """
        refuse_unknown(data, ("separator", "site", "key"))
        site = tuple((int(field), form) for field, form in data["site"].items())
        for _, form in site:
            if form not in FORMS:
                raise ValueError(f"unknown form {form!r}")
        return cls(*identity, data["separator"].encode("ascii"), site, tuple(data["key"]))

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say what the file holds of the site; see ``Store.find``."""
        return self._describe(place, self._owned(_lines(place), wish.site))

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the file without the site's lines; see ``Store.clear``."""
        before = _lines(place, work)
        owned = self._owned(before, wish.site)
        finding = self._describe(place, owned)
        if not owned:
            return finding
        after = b"".join(line for number, line in enumerate(before) if number not in owned)
        backup.note(_BEFORE, digest(b"".join(before)))
        backup.note(_AFTER, digest(after))
        for number, (line, _) in owned.items():
            previous = before[number - 1] if number else None
            row: Row = {"number": number, "line": line, "after": previous}
            backup.row(_TABLE, "deleted", row)
        stage_content(place, work, after)
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the file with the saved lines in it; see ``Store.restore``."""
        present = _lines(place, work)
        rows = [row.before for row in saved.rows(_TABLE)]
        if digest(b"".join(present)) == saved.notes.get(_AFTER):
            lines = list(present)
            for row in rows:
                lines.insert(_number(row["number"]), _bytes(row["line"]))
            if digest(b"".join(lines)) == saved.notes.get(_BEFORE):
                stage_content(place, work, b"".join(lines))
                return Restored(restored=len(rows))
        lines = list(map(_ended, present))
        restored = unchanged = 0
        kept_newer = []
        for row in rows:
            line = _ended(_bytes(row["line"]))
            key = self._key(line)
            at = next((i for i, each in enumerate(lines) if self._key(each) == key), None)
            if at is None:
                after = row["after"]
                lines.insert(lines.index(after) + 1 if after in lines else len(lines), line)
                restored += 1
            elif lines[at] == line:
                unchanged += 1
            elif overwrite:
                lines[at] = line
                restored += 1
            else:
                kept_newer.append(b" ".join(key).decode("utf-8", "replace"))
        if restored:
            stage_content(place, work, b"".join(lines))
        return Restored(restored=restored, unchanged=unchanged, kept_newer=tuple(kept_newer))

    def _owned(self, lines: Sequence[bytes], site: Site) -> dict[int, tuple[bytes, str]]:
        """The site's lines by their number, and the host by which each is."""
        owners = {number: (line, self._owner(line, site)) for number, line in enumerate(lines)}
        return {
            number: (line, owner) for number, (line, owner) in owners.items() if owner is not None
        }

    def _owner(self, line: bytes, site: Site) -> str | None:
        if line.startswith(b"#"):
            return None
        fields = self._fields(line)
        for field, form in self.site:
            if field < len(fields):
                names = FORMS[form](fields[field].decode("utf-8", "replace"))
                if site.excludes(names.host):
                    return None
                if site.owns(names):
                    return names.host or names.partition or ""
        return None

    def _fields(self, line: bytes) -> list[bytes]:
        return line.rstrip(b"\r\n").split(self.separator)

    def _key(self, line: bytes) -> tuple[bytes, ...]:
        fields = self._fields(line)
        return tuple(fields[field] for field in self.key if field < len(fields))

    def _describe(self, place: Place, owned: Mapping[int, tuple[bytes, str]]) -> Finding:
        return Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=State.FOUND if owned else State.CLEAN,
            items=len(owned),
            size=sum(len(line) for line, _ in owned.values()),
            hosts=dict(sorted(Counter(host for _, host in owned.values()).items())),
            details={"lines": len(owned)} if owned else {},
        )


def _lines(place: Place, work: Workspace | None = None) -> list[bytes]:
    content = read_content(place, work, limit=_MAX_SIZE)
    if b"\0" in content:
        raise NotUnderstoodError(
            say("{path} was left alone: it is not text.", path=place.path),
            next_step=say("Update loginfix, or report this with the browser's version."),
            path=place.path,
        )
    # At line feeds only: a lone return before a line that goes would join the next one's end.
    return [line for line in re.split(rb"(?<=\n)", content) if line]


def _ended(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + b"\n"


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a saved line has no number")
    return value


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("a saved line is not bytes")
    return value
