"""What a record of a LevelDB database is, as ``profiles/stores/`` declares it.

The words are explained in ``profiles/stores/README.md``.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from loginfix.formats.protobuf import ProtobufError, fields, strings, with_number
from loginfix.sites.candidates import candidate_hosts
from loginfix.sites.forms import FORMS, Names
from loginfix.sites.site import Site
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.model import Wish

_KNOWN = {
    *("key", "value", "fields", "site", "hash", "urls_in", "item"),
    *("through", "same", "counter", "folder", "cache_entry"),
}
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:")
_HASHES = ("md5",)
_LONGEST_SITE = 1 << 10  # bytes; that of a storage key, with its partition, is shorter
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")

Link = tuple[str, bytes]
"""A number by which records hang together: the name of its group, and its digits."""


@dataclass(frozen=True, slots=True)
class Counter:
    """``group`` is counted here; the value is the ``last`` number given, or the next to give."""

    group: str
    last: bool


@dataclass(frozen=True, slots=True)
class RecordSpec:
    """One kind of record: keys that match ``key``, what they and their values say.

    ``value`` is a pattern for the value; ``fields`` gives names to fields of a value that is a
    protocol buffer. ``form`` is how the group ``site`` names the site, or ``hash`` of which hash of
    the host it is the hex; ``in_value`` says that URLs in the value do. ``through`` is the group by
    which the record hangs on others, ``same`` are the groups that make two records the same thing
    for a person. ``folder`` and ``cache_entry`` are templates of what lies beside the database and
    belongs to the record.
    """

    key: re.Pattern[bytes]
    value: re.Pattern[bytes] | None = None
    fields: Mapping[str, int] | None = None
    form: str | None = None
    hash: str | None = None
    in_value: bool = False
    item: bool = False
    through: str | None = None
    same: tuple[str, ...] = ()
    counter: Counter | None = None
    folder: str | None = None
    cache_entry: str | None = None

    @property
    def groups(self) -> set[str]:
        """The names of everything that a record can say."""
        in_value = self.value.groupindex if self.value else ()
        return {*self.key.groupindex, *in_value, *(self.fields or ())}

    @property
    def links(self) -> set[str]:
        """The groups that are numbers which other things go by."""
        counted = {self.counter.group} if self.counter else set[str]()
        templates = _PLACEHOLDER.findall(f"{self.folder} {self.cache_entry}")
        return {*counted, *templates, *({self.through} if self.through else ())}


@dataclass(frozen=True, slots=True)
class Record:
    """A state of a key, read as its declaration says; of a deletion, only the key speaks."""

    spec: RecordSpec
    key: bytes
    value: bytes | None
    groups: Mapping[str, bytes]

    @property
    def identity(self) -> tuple[object, ...]:
        """What it has in common with a record that is the same thing for a person."""
        if not self.spec.same:
            return (self.spec.key.pattern, self.key)
        return (self.spec.key.pattern, *(self.groups.get(name) for name in self.spec.same))

    def renumbered(self, new: Mapping[Link, bytes]) -> tuple[bytes, bytes]:
        """Key and value with other numbers in them."""
        key = _spliced(self.spec.key, self.key, new)
        value = self.value or b""
        if self.spec.value:
            value = _spliced(self.spec.value, value, new)
        for name, number in (self.spec.fields or {}).items():
            if (name, self.groups.get(name, b"")) in new:
                value = with_number(value, number, int(new[name, self.groups[name]]))
        return key, value


class Reader:
    """Reads the records of a database for one wish; ``links`` are the groups that things go by."""

    def __init__(self, specs: tuple[RecordSpec, ...], wish: Wish, links: frozenset[str]) -> None:
        self._specs = specs
        self._wish = wish
        # Where the key of a record says everything, and nothing goes by it: how it names the site.
        self._forms = [
            None
            if spec.value or spec.fields or spec.hash or spec.in_value or spec.groups & links
            else spec.form
            for spec in specs
        ]
        self._known_owner = lru_cache(maxsize=1 << 12)(self._find_owner)

    def read(self, key: bytes, value: bytes | None) -> tuple[Record, str | None] | None:
        """A state of a key, and the host by which it is the site's by itself.

        None where no declaration speaks of it, or all that it says is that it is not the site's.

        Raises:
            ValueError: The value is not as declared, or should name a site and cannot be read.
        """
        for spec, form in zip(self._specs, self._forms, strict=True):
            match = spec.key.fullmatch(key)
            if match is None:
                continue
            if form is not None:
                host = self._owner(form, match["site"])
                if host is None:
                    return None
                return Record(spec, key, value, _groups(match)), host
            record = _read(spec, match, value)
            return record, self._host(record)
        return None

    def _host(self, record: Record) -> str | None:
        spec, site = record.spec, record.groups.get("site")
        host = None
        if spec.hash:
            names = _hashed(spec.hash, self._wish.site, self._wish.hosts)
            host = self._owned(Names(names.get(record.groups["site"]), None))
        if host is None and spec.form:
            host = self._owner(spec.form, site)
        if host is None and spec.in_value and record.value is not None:
            urls = (text for text in _strings(record.value) if _SCHEME.match(text))
            hosts = (self._owned(_named("url", text)) for text in urls)
            host = next((each for each in hosts if each is not None), None)
        return host

    def _owner(self, form: str, site: bytes | None) -> str | None:
        """Thousands of records are of one site; what is far longer than one is not remembered."""
        is_long = site is not None and len(site) > _LONGEST_SITE
        return (self._find_owner if is_long else self._known_owner)(form, site)

    def _find_owner(self, form: str, site: bytes | None) -> str | None:
        return None if site is None else self._owned(_named(form, site))

    def _owned(self, names: Names) -> str | None:
        return names.host or names.partition or "" if self._wish.site.owns(names) else None


def _named(form: str, text: bytes) -> Names:
    return FORMS[form](text.decode("utf-8", "replace"))


@lru_cache(maxsize=8)
def _hashed(name: str, site: Site, seen: frozenset[str]) -> Mapping[bytes, str]:
    """The hosts that the site may have, by the hex of their hash."""
    return {
        hashlib.new(name, host.encode(), usedforsecurity=False).hexdigest().encode(): host
        for host in candidate_hosts(site, seen)
    }


def read_record(specs: tuple[RecordSpec, ...], key: bytes, value: bytes | None) -> Record | None:
    """Read a state of a key; None where no declaration speaks of it.

    Raises:
        ValueError: The value is not as declared.
    """
    for spec in specs:
        if match := spec.key.fullmatch(key):
            return _read(spec, match, value)
    return None


def _read(spec: RecordSpec, match: re.Match[bytes], value: bytes | None) -> Record:
    groups = _groups(match)
    for name, text in _said_by_value(spec, value).items():
        if groups.setdefault(name, text) != text:
            raise ValueError(f"a record says two things of its {name}")
    return Record(spec, match.string, value, groups)


def _groups(match: re.Match[bytes]) -> dict[str, bytes]:
    return {name: text for name, text in match.groupdict().items() if text is not None}


def parse_record(data: Mapping[str, Any]) -> RecordSpec:
    """Read one ``[[store.record]]``.

    Raises:
        ValueError, TypeError: A key is unknown or a value has the wrong shape; the text says which.
    """
    refuse_unknown(data, _KNOWN)
    if not isinstance(data.get("key"), str):
        raise TypeError("a record needs a 'key'")
    if data.get("urls_in", "value") != "value":
        raise ValueError("the only place for 'urls_in' is \"value\"")
    counter = data.get("counter")
    spec = RecordSpec(
        key=_pattern("key", data["key"]),
        value=_pattern("value", data["value"]) if "value" in data else None,
        fields=data.get("fields"),
        form=data.get("site"),
        hash=data.get("hash"),
        in_value="urls_in" in data,
        item=bool(data.get("item")),
        through=data.get("through"),
        same=tuple(data.get("same", ())),
        counter=Counter(counter["of"], counter["holds"] == "last") if counter else None,
        folder=data.get("folder"),
        cache_entry=data.get("cache_entry"),
    )
    if spec.form is not None and (spec.form not in FORMS or "site" not in spec.groups):
        raise ValueError(f"'site' wants a form and a group of that name, not {spec.form!r}")
    if spec.hash and (spec.hash not in _HASHES or spec.form or "site" not in spec.key.groupindex):
        raise ValueError(f"'hash' wants {_HASHES[0]} and a group 'site' in 'key', and no 'site'")
    if not (spec.form or spec.hash or spec.in_value or spec.through or spec.counter):
        raise ValueError("a record needs 'site', 'hash', 'urls_in', 'through' or 'counter'")
    counted = {spec.counter.group} if spec.counter else set[str]()
    if unknown := {*spec.links, *spec.same}.difference(spec.groups | counted):
        raise ValueError(f"no group of the record is called {min(unknown)!r}")
    return spec


def _pattern(word: str, text: str) -> re.Pattern[bytes]:
    try:
        return re.compile(text.encode("ascii"), re.DOTALL)
    except (re.error, UnicodeEncodeError) as error:
        raise ValueError(f"{word!r} is not a pattern ({error})") from error


def _said_by_value(spec: RecordSpec, value: bytes | None) -> dict[str, bytes]:
    if value is None:
        return {}
    said: dict[str, bytes] = {}
    if spec.value:
        match = spec.value.fullmatch(value)
        if match is None:
            raise ValueError("a record cannot be read: its value is not of the known kind")
        said |= match.groupdict()
    if spec.fields:
        names = {number: name for name, number in spec.fields.items()}
        try:
            for field in fields(value):
                if name := names.get(field.number):
                    number = field.value
                    said[name] = number if isinstance(number, bytes) else b"%d" % number
        except ProtobufError as error:
            raise ValueError(f"a record cannot be read: {error}") from error
        if missing := spec.fields.keys() - said.keys():
            raise ValueError(f"a record cannot be read: it has no {min(missing)}")
    return said


def _strings(value: bytes) -> Iterator[bytes]:
    try:
        yield from strings(value)
    except ProtobufError as error:
        raise ValueError(f"a record cannot be read: {error}") from error


def _spliced(pattern: re.Pattern[bytes], text: bytes, new: Mapping[Link, bytes]) -> bytes:
    """The text with other numbers where the pattern has groups for them."""
    match = pattern.fullmatch(text)
    if match is None:
        return text
    places = sorted(
        (match.span(name), new[name, match[name]])
        for name in pattern.groupindex
        if match[name] is not None and (name, match[name]) in new
    )
    for (start, end), number in reversed(places):
        text = text[:start] + number + text[end:]
    return text
