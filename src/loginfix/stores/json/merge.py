"""Putting a site's members back into a document that may have changed since."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from loginfix.formats.json_text import Child, children, parse, root
from loginfix.stores.json.edit import Removed
from loginfix.stores.json.selection import Step, identity_of

_SHOWN = 120


@dataclass(slots=True)
class Merged:
    """The document as it became, and what became of each member.

    ``homeless`` counts those whose surroundings are not there any more.
    """

    text: str
    restored: int = 0
    unchanged: int = 0
    homeless: int = 0
    kept_newer: list[str] = field(default_factory=list)


def merge(text: str, removed: Sequence[Removed], *, overwrite: bool) -> Merged:
    """Put members back where they belong, each behind the sibling that was before it.

    Where one of the same key or identity is there, it stays unless ``overwrite``. Objects on the
    way to a member are made where they are missing.
    """
    top = _Wanted()
    for each in removed:
        wanted = top
        for step in each.path:
            wanted = wanted.inside.setdefault(step, _Wanted())
        wanted.members.append(each)
    merger = _Merger(text, overwrite=overwrite)
    merger.visit(top, root(text))
    return merger.finish()


@dataclass(slots=True)
class _Wanted:
    """What is to be put into one container, and into those inside of it."""

    members: list[Removed] = field(default_factory=list)
    inside: dict[Step, "_Wanted"] = field(default_factory=dict)

    def count(self) -> int:
        return len(self.members) + sum(each.count() for each in self.inside.values())


@dataclass(frozen=True, slots=True)
class _New:
    """A member to be inserted, with the separators that it had."""

    text: str
    identity: str
    lead: str = ""
    trail: str = ""


class _Merger:
    """One walk over a document, collecting what changes where."""

    def __init__(self, text: str, *, overwrite: bool) -> None:
        self._text = text
        self._overwrite = overwrite
        self._edits: list[tuple[int, int, str]] = []
        self._merged = Merged(text)

    def visit(self, wanted: _Wanted, start: int) -> None:
        """Work out what changes in the container at ``start``."""
        present = list(children(self._text, start))
        new: dict[str | None, list[_New]] = {}
        last = self._identity(present[-1], wanted) if present else None
        self._descend(wanted, start, present, new.setdefault(last, []))
        if wanted.members:
            self._add_members(wanted, start, present, new)
        self._insert(start, [(self._identity(child, wanted), child) for child in present], new)

    def finish(self) -> Merged:
        """The document with all changes in it."""
        pieces, position = [], 0
        for start, end, text in sorted(self._edits):
            if start >= position:  # else it is inside of something that was replaced
                pieces += [self._text[position:start], text]
                position = end
        self._merged.text = "".join((*pieces, self._text[position:]))
        return self._merged

    def _identity(self, child: Child, wanted: _Wanted) -> str:
        fields = wanted.members[0].fields if wanted.members else ()
        return identity_of(self._text, child, fields)

    def _descend(
        self, wanted: _Wanted, start: int, present: Sequence[Child], at_end: list[_New]
    ) -> None:
        """Visit what is inside; make the objects that are missing."""
        inside = _by_step(self._text, present, wanted.inside)
        for step, inner in wanted.inside.items():
            if (child := inside.get(step)) is not None:
                if self._text[child.value] in "{[":
                    self.visit(inner, child.value)
                else:
                    self._merged.homeless += inner.count()
            elif isinstance(step, str) and self._text[start] == "{":
                if made := self._made(inner):
                    at_end.append(_New(f"{json.dumps(step)}:{made}", step))
            else:
                self._merged.homeless += inner.count()

    def _made(self, wanted: _Wanted) -> str:
        """A new container with all that is wanted in it; empty where that is nothing."""
        is_list = bool(wanted.members) and wanted.members[0].name is None
        parts = [each.cut.text for each in wanted.members]
        self._merged.restored += len(parts)
        for step, inner in wanted.inside.items():
            if is_list or not isinstance(step, str):
                self._merged.homeless += inner.count()
            elif made := self._made(inner):
                parts.append(f"{json.dumps(step)}:{made}")
        if not parts:
            return ""
        opening, closing = "[]" if is_list else "{}"
        return opening + ",".join(parts) + closing

    def _add_members(
        self,
        wanted: _Wanted,
        start: int,
        present: Sequence[Child],
        new: dict[str | None, list[_New]],
    ) -> None:
        if self._text[start] != ("[" if wanted.members[0].name is None else "{"):
            self._merged.homeless += len(wanted.members)
            return
        by_identity = {self._identity(child, wanted): child for child in reversed(present)}
        for each in wanted.members:
            child = by_identity.get(each.identity)
            if child is None:
                cut = each.cut
                made = _New(cut.text, each.identity, cut.lead, cut.trail)
                new.setdefault(each.after, []).append(made)
                self._merged.restored += 1
            elif parse(self._text[child.value : child.end]) == parse(each.value):
                self._merged.unchanged += 1
            elif self._overwrite:
                self._edits.append((child.value, child.end, each.value))
                self._merged.restored += 1
            else:
                self._merged.kept_newer.append(each.identity[:_SHOWN])

    def _insert(
        self,
        start: int,
        present: Sequence[tuple[str, Child]],
        new: dict[str | None, list[_New]],
    ) -> None:
        """Put new members between those that are there."""
        before: Child | None = None
        waiting: list[_New] = []
        for member in _in_order(present, new):
            if isinstance(member, _New):
                waiting.append(member)
                continue
            if waiting:
                begin, end = (before.end, member.start) if before else (member.start, member.start)
                self._edits.append((begin, end, _joined(before, waiting, member)))
                waiting = []
            before = member
        if waiting:
            place = before.end if before else start + 1
            self._edits.append((place, place, _joined(before, waiting, None)))


def _by_step(
    text: str, present: Sequence[Child], steps: Mapping[Step, object]
) -> dict[Step, Child]:
    """The members that steps mean, by these."""
    found: dict[Step, Child] = {}
    for fields in {step[:-1] for step in steps if not isinstance(step, str)}:
        for child in present:
            if isinstance(child.name, int):
                found.setdefault((*fields, identity_of(text, child, fields)), child)
    found.update({child.name: child for child in present if isinstance(child.name, str)})
    return found


def _in_order(
    present: Sequence[tuple[str, Child]], new: dict[str | None, list[_New]]
) -> Iterator[Child | _New]:
    """Each new member behind the sibling it names; at the end, if that is not there."""

    def following(identity: str | None) -> Iterator[_New]:
        waiting = [identity]
        while waiting:
            for each in new.pop(waiting.pop(), ()):
                yield each
                waiting.append(each.identity)

    yield from following(None)
    for identity, child in present:
        yield child
        yield from following(identity)
    while new:
        yield from following(next(iter(new)))


def _joined(before: Child | None, new: Sequence[_New], behind: Child | None) -> str:
    """New members with what separates them, as it was written wherever it was."""
    pieces = [(new[0].lead or ",") if before else "", new[0].text]
    for one, other in pairwise(new):
        pieces += [other.lead or one.trail or ",", other.text]
    if behind:
        pieces.append(new[-1].trail or ",")
    return "".join(pieces)
