"""The members of a document that are a site's."""

import base64
import json
import re
import sys
from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO

from loginfix.formats.json_text import Child, JsonError, Number, children, parse, root
from loginfix.sites.forms import FORMS, Form, Names
from loginfix.sites.mentions import mentioned_hosts
from loginfix.sites.site import Site
from loginfix.stores.json.spec import (
    KEY,
    VALUE,
    Alternative,
    Elements,
    JsonSpec,
    Members,
    Rule,
    Segment,
)
from loginfix.words import say

_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")

Step = str | tuple[str, ...]
"""A member's key; or an element of a list by its identity, behind the fields that make it."""


@dataclass(slots=True)
class Container:
    """An object or list with members that go: ``gone`` maps where they start to their owners.

    ``fields`` are what tells the elements of a list apart. ``path`` leads here from the root, as
    it can be followed later; ``spot`` does so in this document, by keys and indexes.
    """

    path: tuple[Step, ...]
    spot: tuple[str | int, ...]
    start: int
    siblings: list[Child]
    fields: tuple[str, ...] = ()
    gone: dict[int, "Owner"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Owner:
    """By which host a member is the site's, and whether a person would count it."""

    host: str
    item: bool


@dataclass(frozen=True, slots=True)
class Judge:
    """Says whose a member is; ``hashed`` are the forms that a run's known hosts make."""

    site: Site
    hashed: Mapping[str, Form]

    def owner(self, text: str, child: Child, rule: Rule) -> Owner | None:
        """The owner of a member, if that is the site."""
        if rule.mentions and (host := self._mentioned(text, child)):
            return Owner(host, rule.item)
        for alternative in rule.site:
            names = self._names(text, child, alternative)
            if self.site.owns(names):
                return Owner(names.host or names.partition or names.frame or "", rule.item)
        return None

    def _mentioned(self, text: str, child: Child) -> str | None:
        # What counts is what is meant: characters may be escaped, protocol buffers are in Base64.
        value = json.loads(text[child.value : child.end])
        meant = f"{child.name} {json.dumps(value, ensure_ascii=False)}"
        raw = b" ".join((meant.encode("utf-8", "replace"), *_decoded(meant)))
        return min(mentioned_hosts(BytesIO(raw), self.site), default=None)

    def _names(self, text: str, child: Child, alternative: Alternative) -> Names:
        host = partition = frame = None
        for place, form in alternative:
            found = _text_at(text, child, place)
            if found is not None:
                names = (self.hashed.get(form) or FORMS[form])(found)
                host = host or names.host
                partition = partition or names.partition
                frame = frame or names.frame
        return Names(host, partition, frame)


def select(text: str, spec: JsonSpec, judge: Judge) -> list[Container]:
    """Find what goes, outermost first, in the order of the document.

    Raises:
        JsonError: The document is of a version that is not understood.
    """
    containers: dict[int, Container] = {}
    seen = False
    for rule in spec.rules:
        for container, child in _walk(text, rule):
            seen = True
            owner = judge.owner(text, child, rule)
            if owner is not None:
                known = containers.setdefault(container.start, container)
                known.gone.setdefault(child.start, owner)
    if seen and spec.version and _version(text, spec.version.at) not in spec.version.known:
        raise JsonError(say("it is of a version that is not understood"))
    return list(_outermost(sorted(containers.values(), key=lambda each: each.start)))


def identity_of(text: str, child: Child, fields: tuple[str, ...]) -> str:
    """What tells a member from its siblings: its key or, in a list, some fields or all of it."""
    if isinstance(child.name, str):
        return child.name
    value = json.loads(text[child.value : child.end])
    if fields and isinstance(value, dict):
        value = [value.get(name) for name in fields]
    return json.dumps(value, sort_keys=True)


def _outermost(containers: list[Container]) -> Iterator[Container]:
    """Those that are not inside of something that goes."""
    going: list[tuple[int, int]] = []
    for container in containers:
        before = bisect_right(going, (container.start, sys.maxsize))
        if before and container.start < going[before - 1][1]:
            continue
        yield container
        for child in container.siblings:
            if child.start in container.gone:
                insort(going, (child.start, child.end))


def _walk(text: str, rule: Rule) -> Iterator[tuple[Container, Child]]:
    yield from _descend(text, rule.path, Container((), (), root(text), []))


def _descend(
    text: str, path: tuple[Segment, ...], at: Container
) -> Iterator[tuple[Container, Child]]:
    segment, *rest = path
    start = at.start
    if text[start] != ("{" if isinstance(segment, Members) else "["):
        return
    fields = segment.fields if isinstance(segment, Elements) else ()
    siblings = list(children(text, start))
    container = Container(at.path, at.spot, start, siblings, fields)
    for child in siblings:
        if isinstance(segment, Members) and not segment.match(str(child.name)):
            continue
        if not rest:
            yield container, child
        elif text[child.value] in "{[":
            path_to = (*at.path, _step_to(text, child, fields))
            inner = Container(path_to, (*at.spot, child.name), child.value, [])
            yield from _descend(text, tuple(rest), inner)


def _step_to(text: str, child: Child, fields: tuple[str, ...]) -> Step:
    if isinstance(child.name, str):
        return child.name
    return (*fields, identity_of(text, child, fields))


def _text_at(text: str, child: Child, place: str) -> str | None:
    """The text at a place of a member; what is not a text itself, as JSON."""
    if place == KEY:
        return str(child.name)
    start, end = child.value, child.end
    if place != VALUE:
        for name in place[1:].split("."):
            inner = next((each for each in children(text, start) if each.name == name), None)
            if inner is None:
                return None
            start, end = inner.value, inner.end
    raw = text[start:end]
    return str(parse(raw)) if raw.startswith('"') else raw


def _decoded(text: str) -> Iterator[bytes]:
    for match in _BASE64.finditer(text):
        with suppress(ValueError):
            yield base64.b64decode(match[0], validate=True)


def _version(text: str, at: tuple[str, ...]) -> int | None:
    value = parse(text)
    for name in at:
        value = value.get(name) if isinstance(value, dict) else None
    return int(value.text) if isinstance(value, Number) and value.text.isdecimal() else None
