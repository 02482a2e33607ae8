"""A site file of ``profiles/sites/``: read strictly, or not at all."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from loginfix.errors import ConfigurationError
from loginfix.files.plain import read_plain
from loginfix.sites.hosts import is_ip_address, is_public_suffix, normalise_host
from loginfix.sites.login import Help, Login
from loginfix.sites.site import Entry, Rules
from loginfix.words import either, say

_NAME = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Group:
    """Domains and hosts that a person takes or leaves together.

    ``domains`` stand for everything under them, ``hosts`` for themselves only.
    ``public_suffixes`` are domains whose whole suffix is the site's although the Public Suffix
    List has them, such as a company's own top-level domain.
    """

    key: str
    title: str
    title_ja: str
    default: bool
    domains: tuple[str, ...]
    hosts: tuple[str, ...]
    public_suffixes: tuple[str, ...]

    @property
    def called(self) -> str:
        """Its name for a person."""
        return either(self.title, self.title_ja)


@dataclass(frozen=True)
class KnownSite:
    """One site of the catalogue. ``never_by_suffix`` are shared hosting domains."""

    name: str
    title: str
    title_ja: str
    groups: tuple[Group, ...]
    never_by_suffix: tuple[str, ...]
    path: Path
    login: Login = field(default_factory=Login)

    @property
    def called(self) -> str:
        """Its name for a person."""
        return either(self.title, self.title_ja)

    @cached_property
    def rules(self) -> Rules:
        """Every entry, with the groups selected that are on by default."""
        return Rules(
            frozenset(entry for group in self.groups for entry in _entries(group)),
            frozenset(group.key for group in self.groups if group.default),
        )

    @property
    def default_domains(self) -> tuple[str, ...]:
        """The domains that are cleared unless something else is asked for."""
        return tuple(name for group in self.groups if group.default for name in group.domains)

    @property
    def group_keys(self) -> tuple[str, ...]:
        """The groups' names on the command line, in the file's order."""
        return tuple(group.key for group in self.groups)


def read_known_site(path: Path) -> KnownSite:
    """Read one site file; the site is called what the file is called.

    Raises:
        ConfigurationError: the file cannot be read or anything in it is not understood.
    """
    if not _NAME.fullmatch(path.stem):
        _refuse(
            path,
            say("the file name {name!r} cannot be the name of a site", name=path.name),
            say("Rename the file: lower-case letters, digits, hyphens and dots, then .toml."),
        )
    try:
        content = tomllib.loads(read_plain(path).decode("utf-8"))
    except OSError as error:
        _refuse(
            path,
            say("the file cannot be read ({reason})", reason=error.strerror),
            say("Make the file readable."),
        )
    except ValueError as error:  # bad TOML or bad UTF-8
        _refuse(
            path,
            say("the file is not valid TOML ({error})", error=error),
            say("Correct that place in the file."),
        )
    table = _Table(path, "", content)
    title = table.text("title")
    site = KnownSite(
        name=path.stem,
        title=title,
        title_ja=table.text("title_ja", title),
        groups=tuple(_read_group(group) for group in table.tables("groups")),
        never_by_suffix=table.names("never_by_suffix"),
        path=path,
        login=_read_login(table),
    )
    table.refuse_the_rest()
    _refuse_duplicates(site)
    return site


def _read_login(table: "_Table") -> Login:
    if not table.has("login"):
        return Login()
    (login,) = table.tables("login", alone=True)
    found = Login(
        cookies=login.texts("cookies"),
        pairs=tuple(_pair(login, text) for text in login.texts("pairs")),
        help=tuple(
            _read_help(page) for page in (login.tables("help") if login.has("help") else ())
        ),
    )
    login.refuse_the_rest()
    return found


def _read_help(table: "_Table") -> Help:
    page = Help(table.key, table.text("url"), table.text("language", "en"))
    table.refuse_the_rest()
    return page


def _pair(table: "_Table", text: str) -> tuple[str, str]:
    one, plus, other = text.partition(" + ")
    if not plus or one.count("*") > 1 or one.count("*") != other.count("*"):
        table.refuse("pairs", say("has {text!r}", text=text), say('Write a pair as "at-* + x-*".'))
    return one, other


def _read_group(table: "_Table") -> Group:
    title = table.text("title")
    group = Group(
        key=table.key,
        title=title,
        title_ja=table.text("title_ja", title),
        default=table.flag("default"),
        domains=table.names("domains"),
        hosts=table.names("hosts"),
        public_suffixes=table.names("public_suffixes"),
    )
    table.refuse_the_rest()
    if not _NAME.fullmatch(group.key):
        table.refuse(
            "",
            say("is not a usable group name"),
            say("Use lower-case letters, digits and hyphens."),
        )
    for domain in group.domains:
        if is_ip_address(domain):
            table.refuse(
                "domains",
                say("has the IP address {domain}", domain=domain),
                say("Move it to hosts."),
            )
        if is_public_suffix(domain):
            table.refuse(
                "domains",
                say(
                    "has {domain}, a public suffix under which anybody can have a site",
                    domain=domain,
                ),
                say(
                    "Name the site's own domains. If the whole suffix really is the site's, "
                    "move it to public_suffixes."
                ),
            )
    if not (group.domains or group.hosts or group.public_suffixes):
        table.refuse("", say("names no domain"), say("Give it domains or hosts, or remove it."))
    return group


def _entries(group: Group) -> Iterator[Entry]:
    for name in (*group.domains, *group.public_suffixes):
        yield Entry(name, group.key)
    for name in group.hosts:
        yield Entry(name, group.key, exact=True)


def _refuse_duplicates(site: KnownSite) -> None:
    seen: dict[str, str] = {}
    for group in site.groups:
        for entry in _entries(group):
            other = seen.setdefault(entry.name, group.key)
            if other != group.key:
                _refuse(
                    site.path,
                    say(
                        "{name} is in two groups, {other} and {group}",
                        name=entry.name,
                        other=other,
                        group=group.key,
                    ),
                    say("Leave it in one of them."),
                )


class _Table:
    """One TOML table whose keys are taken one by one; what is left over is not understood."""

    def __init__(self, path: Path, where: str, content: dict[str, object]) -> None:
        self._path = path
        self._where = where
        self._left = dict(content)

    @property
    def key(self) -> str:
        return self._where.partition(".")[2]

    def text(self, key: str, default: str | None = None) -> str:
        value = self._left.pop(key, default)
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, say("must be text"), say('Write {key} = "…".', key=key))
        return value

    def flag(self, key: str) -> bool:
        value = self._left.pop(key, True)
        if not isinstance(value, bool):
            self.refuse(
                key,
                say("must be true or false"),
                say("Write {key} = true or {key} = false.", key=key),
            )
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """A list of host names, normalised, in the file's order."""
        value = self._left.pop(key, [])
        if not isinstance(value, list):
            self.refuse(key, say("must be a list"), say('Write {key} = ["example.com"].', key=key))
        return tuple(self._name(key, item) for item in value)

    def has(self, key: str) -> bool:
        return key in self._left

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._left.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse(key, say("must be a list of texts"), say('Write {key} = ["…"].', key=key))
        return tuple(value)

    def tables(self, key: str, *, alone: bool = False) -> "Iterator[_Table]":
        """The tables below a key or, if it stands ``alone``, that table itself."""
        value = self._left.pop(key, {})
        if alone and isinstance(value, dict):
            yield _Table(self._path, key, value)
            return
        if not isinstance(value, dict) or not value:
            self.refuse(key, say("has no groups"), say("Give the site at least one [groups.NAME]."))
        for name, content in value.items():
            where = f"{key}.{name}"
            if not isinstance(content, dict):
                self.refuse(
                    where, say("must be a table"), say("Write it as [{where}].", where=where)
                )
            yield _Table(self._path, where, content)

    def refuse_the_rest(self) -> None:
        for key in self._left:
            self.refuse(key, say("is not known"), say("Check its spelling, or remove it."))

    def refuse(self, key: str, problem: str, remedy: str) -> NoReturn:
        where = ".".join(part for part in (self._where, key) if part)
        _refuse(self._path, say("{where} {problem}", where=where, problem=problem), remedy)

    def _name(self, key: str, item: object) -> str:
        name = normalise_host(item) if isinstance(item, str) else None
        if name is None:
            self.refuse(
                key,
                say("has {item!r}, which is not a host name", item=item),
                say(
                    'Write names such as "example.com": no https://, no path, no port, no wildcard.'
                ),
            )
        return name


def _refuse(path: Path, problem: str, remedy: str) -> NoReturn:
    raise ConfigurationError(
        say("{path}: {problem}.", path=path, problem=problem), next_step=remedy, path=path
    )
