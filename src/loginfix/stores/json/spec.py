"""The declaration of a JSON store: where its members are and how each names its site.

The words are explained in ``profiles/stores/README.md``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from loginfix.sites.forms import FORMS
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.json.hashes import HASHES

_SEGMENT = re.compile(r"(?P<names>[^\[\]]*)(?:\[(?P<fields>[^\[\]]*)\])?")
KEY = "key"
VALUE = "value"


@dataclass(frozen=True, slots=True)
class Members:
    """The members of an object with one of these names, or with any other where ``but``."""

    names: tuple[str, ...]
    but: bool

    def match(self, name: str) -> bool:
        """Whether a member is meant."""
        return any(fnmatchcase(name, pattern) for pattern in self.names) is not self.but


@dataclass(frozen=True, slots=True)
class Elements:
    """The elements of a list; ``fields`` tell one from another, or the whole element does."""

    fields: tuple[str, ...]


Segment = Members | Elements

Alternative = tuple[tuple[str, str], ...]
"""Places in a member with the form in which each names a site; together they name one site."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What goes: the values at ``path`` that are the site's by one of the alternatives.

    Where ``mentions``, those in whose text one of the site's hosts is.
    """

    path: tuple[Segment, ...]
    site: tuple[Alternative, ...] = ()
    mentions: bool = False
    item: bool = True


@dataclass(frozen=True, slots=True)
class Version:
    """Where a document says of which version it is, and the versions that are understood."""

    at: tuple[str, ...]
    known: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class JsonSpec:
    """A document's rules; ``hosts_from`` are files that may name hosts that it holds hashed."""

    rules: tuple[Rule, ...]
    version: Version | None = None
    hosts_from: tuple[str, ...] = ()

    @property
    def is_hashed(self) -> bool:
        """Whether some form recognises hosts by their hashes."""
        return any(form in HASHES for rule in self.rules for form in _forms(rule))


def parse_spec(data: Mapping[str, Any]) -> JsonSpec:
    """Read what a declaration says beyond the keys that all stores have.

    Raises:
        KeyError, TypeError, ValueError: The declaration is wrong; the text says how.
    """
    refuse_unknown(data, ("drop", "version", "hosts_from"))
    version = None
    if "version" in data:
        refuse_unknown(data["version"], ("at", "known"))
        known = tuple(map(int, data["version"]["known"]))
        version = Version(tuple(data["version"]["at"].split(".")), known)
    spec = JsonSpec(tuple(map(_rule, data["drop"])), version, tuple(data.get("hosts_from", ())))
    if spec.hosts_from and not spec.is_hashed:
        raise ValueError("'hosts_from' is for forms of hashed hosts")
    return spec


def _rule(data: Mapping[str, Any]) -> Rule:
    refuse_unknown(data, ("path", "site", "mentions", "item"))
    site = tuple(tuple(alternative.items()) for alternative in data.get("site", ()))
    rule = Rule(
        parse_path(data["path"]), site, bool(data.get("mentions")), bool(data.get("item", True))
    )
    if not site and not rule.mentions:
        raise ValueError(f"{data['path']!r} needs 'site' or 'mentions'")
    for place, form in (pair for alternative in site for pair in alternative):
        if place not in (KEY, VALUE) and not place.startswith("."):
            raise ValueError(f"{place!r} is not 'key', 'value' or a field such as '.url'")
        if form not in FORMS and form not in HASHES:
            raise ValueError(f"unknown form {form!r}")
    return rule


def _forms(rule: Rule) -> set[str]:
    return {form for alternative in rule.site for _, form in alternative}


def parse_path(path: str) -> tuple[Segment, ...]:
    """Read ``a.b|c.!d|e.*.list[field,field]``.

    Raises:
        ValueError: It is something else.
    """
    segments: list[Segment] = []
    for part in path.split("."):
        match = _SEGMENT.fullmatch(part)
        if match is None or not part:
            raise ValueError(f"{path!r} is not a path")
        if names := match["names"]:
            segments.append(Members(tuple(names.removeprefix("!").split("|")), names[0] == "!"))
        if match["fields"] is not None:
            segments.append(Elements(tuple(filter(None, match["fields"].split(",")))))
    return tuple(segments)
