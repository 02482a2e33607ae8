"""Putting a site's members back into a document that may have changed since."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loginfix.formats.json_text import Child, children, end_of, parse, root
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

    Where one of the same key or identity is there, it stays unless ``overwrite``.
    """
    merged = Merged(text)
    groups: dict[tuple[Step, ...], list[Removed]] = {}
    for each in removed:
        groups.setdefault(each.path, []).append(each)
    for path, group in groups.items():
        start = _container(merged, path, is_list=group[0].name is None)
        if start is None:
            merged.homeless += len(group)
        else:
            _merge_into(merged, start, group, overwrite=overwrite)
    return merged


def _container(merged: Merged, path: tuple[Step, ...], *, is_list: bool) -> int | None:
    """Where the container begins; objects on the way to it are made where they are missing."""
    text = merged.text
    start = root(text)
    opening, closing = "[]" if is_list else "{}"
    for i, step in enumerate(path):
        child = _find(text, start, step)
        if child is None:
            missing = [each for each in path[i:] if isinstance(each, str)]
            if text[start] != "{" or len(missing) < len(path) - i:
                return None
            way = ":{".join(map(json.dumps, missing)) + ":"
            end = end_of(text, start) - 1
            comma = "," if next(children(text, start), None) else ""
            rest = opening + closing + "}" * (len(missing) - 1) + text[end:]
            merged.text = text[:end] + comma + way + rest
            return end + len(comma) + len(way)
        start = child.value
    return start if text[start] == opening else None


def _find(text: str, start: int, step: Step) -> Child | None:
    """The member that a step of a path means."""
    if isinstance(step, str):
        return next((child for child in children(text, start) if child.name == step), None)
    *fields, wanted = step
    for child in children(text, start):
        if isinstance(child.name, int) and identity_of(text, child, tuple(fields)) == wanted:
            return child
    return None


def _merge_into(merged: Merged, start: int, group: Sequence[Removed], *, overwrite: bool) -> None:
    text = merged.text
    present = [(identity_of(text, c, group[0].fields), c) for c in children(text, start)]
    by_identity = dict(reversed(present))
    replaced: dict[int, str] = {}
    new: dict[str | None, list[Removed]] = {}
    for each in group:
        child = by_identity.get(each.identity)
        if child is None:
            new.setdefault(each.after, []).append(each)
            merged.restored += 1
        elif parse(text[child.value : child.end]) == parse(each.value):
            merged.unchanged += 1
        elif overwrite:
            replaced[child.start] = text[child.start : child.value] + each.value
            merged.restored += 1
        else:
            merged.kept_newer.append(each.identity[:_SHOWN])
    pieces: list[str] = []
    before: Child | Removed | None = None
    for member in _in_order(present, new):
        pieces.append(_between(text, start, before, member))
        if isinstance(member, Removed):
            pieces.append(member.cut.text)
        else:
            pieces.append(replaced.get(member.start, text[member.start : member.end]))
        before = member
    last = present[-1][1].end if present else start + 1
    merged.text = text[: start + 1] + "".join(pieces) + text[last:]


def _in_order(
    present: Sequence[tuple[str, Child]], new: dict[str | None, list[Removed]]
) -> Iterator[Child | Removed]:
    """Each new member behind the sibling it names; at the end, if that is not there."""

    def following(identity: str | None) -> Iterator[Removed]:
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


def _between(text: str, start: int, before: Child | Removed | None, member: Child | Removed) -> str:
    """What separates two members, as it was written wherever it was."""
    if before is None:
        return text[start + 1 : member.start] if isinstance(member, Child) else ""
    if isinstance(before, Child) and isinstance(member, Child):
        return text[before.end : member.start]
    if isinstance(member, Removed) and member.cut.lead:
        return member.cut.lead
    if isinstance(before, Removed) and before.cut.trail:
        return before.cut.trail
    return ","
