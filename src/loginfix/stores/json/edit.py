"""Cutting a site's members out of a document's text, and proving that nothing else went."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import Any

from loginfix.formats.json_text import SPACE, Cut, cuts, parse, put_back, without
from loginfix.stores.json.selection import Container, Step, identity_of
from loginfix.stores.model import Row


@dataclass(frozen=True, slots=True)
class Removed:
    """A member that was cut out, and all that is needed to put it back.

    ``path`` leads to its container. ``name`` is its key as it was written, None in a list.
    ``identity`` tells it from its siblings, ``after`` is that of the sibling before it.
    """

    cut: Cut
    path: tuple[Step, ...]
    name: str | None
    fields: tuple[str, ...]
    identity: str
    after: str | None

    @property
    def value(self) -> str:
        """Its value as it was written."""
        if self.name is None:
            return self.cut.text
        return self.cut.text[len(self.name) :].lstrip(SPACE)[1:].lstrip(SPACE)

    def as_row(self) -> Row:
        """The record of it that a backup keeps."""
        return {
            "path": json.dumps(self.path),
            "name": self.name,
            "fields": json.dumps(self.fields),
            "identity": self.identity,
            "after": self.after,
            "at": self.cut.at,
            "lead": self.cut.lead,
            "text": self.cut.text,
            "trail": self.cut.trail,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Removed":
        """Read what ``as_row`` wrote."""
        path = tuple(tuple(s) if isinstance(s, list) else s for s in json.loads(row["path"]))
        return cls(
            Cut(row["at"], row["lead"], row["text"], row["trail"]),
            path,
            row["name"],
            tuple(json.loads(row["fields"])),
            row["identity"],
            row["after"],
        )


def take_out(text: str, containers: Sequence[Container]) -> tuple[str, list[Removed]]:
    """The document without the members that go, and these in the order of the document."""
    removed = [each for container in containers for each in _removed(text, container)]
    removed.sort(key=lambda each: each.cut.at)
    return without(text, [each.cut for each in removed]), removed


def is_proven(
    before: str, after: str, containers: Sequence[Container], gone: list[Removed]
) -> bool:
    """Whether ``after`` is ``before`` minus exactly these members, by its text and its content."""
    if put_back(after, [each.cut for each in gone]) != before:
        return False
    expected = parse(before)
    # Found before anything is deleted: indexes of lists change.
    spots = [(reduce(getitem, each.spot, expected), each) for each in containers]
    for value, container in spots:
        for child in reversed(container.siblings):
            if child.start in container.gone:
                del value[child.name]
    found = parse(after)
    # Equal in content and, which `==` does not see, in the order of keys.
    return bool(found == expected) and json.dumps(found) == json.dumps(expected)


def _removed(text: str, container: Container) -> Iterator[Removed]:
    gone = frozenset(container.gone)
    places = {
        child.start: (child, container.siblings[i - 1] if i else None)
        for i, child in enumerate(container.siblings)
        if child.start in gone
    }
    pairs = [places[start] for start in sorted(places)]
    for cut, (child, before) in zip(cuts(text, container.siblings, gone), pairs, strict=True):
        name = None
        if isinstance(child.name, str):
            name = text[child.start : child.value].rstrip(SPACE).removesuffix(":").rstrip(SPACE)
        yield Removed(
            cut,
            container.path,
            name,
            container.fields,
            identity_of(text, child, container.fields),
            None if before is None else identity_of(text, before, container.fields),
        )
