"""Whether a host, or what a store wrote down, belongs to a site."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from loginfix.sites.forms import Names
from loginfix.sites.hosts import LONGEST_KEPT, normalise_host

_MOST_ANSWERS = 1 << 16


class Entry(NamedTuple):
    """One name of a site: a domain with everything under it, or one exact host."""

    name: str
    group: str
    exact: bool = False


class _Answer(Enum):
    OWNED = "owned"
    EXCLUDED = "excluded"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Rules:
    """Entries, and the groups of entries that were selected.

    One mechanism decides: the most specific entry that matches a host wins, and the host is the
    site's if and only if that entry's group is selected. What is left out by default, such as
    AWS, is a group like any other that is not selected.
    """

    entries: frozenset[Entry]
    selected: frozenset[str]

    @cached_property
    def _domains(self) -> dict[str, str]:
        return {entry.name: entry.group for entry in self.entries if not entry.exact}

    @cached_property
    def _hosts(self) -> dict[str, str]:
        return {entry.name: entry.group for entry in self.entries if entry.exact}

    def group_of(self, host: str) -> str | None:
        """The group of the most specific entry that matches a normalised host."""
        if (group := self._hosts.get(host)) is not None:
            return group
        domain = host
        while domain:
            if (group := self._domains.get(domain)) is not None:
                return group
            domain = domain.partition(".")[2]
        return None

    def answer(self, host: str) -> _Answer:
        """Whether a normalised host is the site's, explicitly not, or not spoken of."""
        group = self.group_of(host)
        if group is None:
            return _Answer.ELSEWHERE
        return _Answer.OWNED if group in self.selected else _Answer.EXCLUDED


@dataclass(frozen=True)
class Site:
    """What one run takes out: one site's rules, or those of several together.

    Hosts may be given in any spelling. Answers are remembered, since stores ask for the same
    hosts hundreds of thousands of times.
    """

    name: str
    title: str
    rules: tuple[Rules, ...]
    _answers: dict[str, _Answer] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, name: str, title: str, entries: Iterable[Entry], selected: Iterable[str]) -> "Site":
        """A site with one set of rules."""
        return cls(name, title, (Rules(frozenset(entries), frozenset(selected)),))

    def owns_host(self, host: str | None) -> bool:
        """Whether a host is the site's own."""
        return self._answer(host) is _Answer.OWNED

    def excludes(self, host: str | None) -> bool:
        """Whether a host is in a group of the site that was not selected."""
        return self._answer(host) is _Answer.EXCLUDED

    def owns(self, names: Names) -> bool:
        """Whether something stored under these names belongs to the site.

        It does if its host is the site's, or if it was stored inside the site's pages. What is
        excluded by its host stays wherever it was stored: AWS pages are partitioned by
        ``amazon.com`` like the shop, and must not go with it.
        """
        answer = self._answer(names.host)
        if answer is _Answer.ELSEWHERE:
            return self.owns_host(names.partition) or self.owns_host(names.frame)
        return answer is _Answer.OWNED

    def group_of(self, host: str) -> str | None:
        """The group of the most specific entry that matches a host, selected or not."""
        normal = normalise_host(host)
        if normal is None:
            return None
        groups = [(rules, group) for rules in self.rules if (group := rules.group_of(normal))]
        # Of several sites, the one that owns the host is the one that has something to say.
        groups.sort(key=lambda pair: pair[1] not in pair[0].selected)
        return groups[0][1] if groups else None

    @property
    def domains(self) -> tuple[str, ...]:
        """The selected domains: whatever is under one and not excluded is the site's."""
        return self._selected_names(exact=False)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The selected exact hosts: only these, not what is under them."""
        return self._selected_names(exact=True)

    @property
    def selected_groups(self) -> tuple[str, ...]:
        """The groups that are taken out."""
        return tuple(sorted({group for rules in self.rules for group in rules.selected}))

    @property
    def excluded_groups(self) -> tuple[str, ...]:
        """The groups that are left alone."""
        known = {entry.group for rules in self.rules for entry in rules.entries}
        return tuple(sorted(known.difference(self.selected_groups)))

    def _selected_names(self, *, exact: bool) -> tuple[str, ...]:
        names = {
            entry.name
            for rules in self.rules
            for entry in rules.entries
            if entry.exact is exact and entry.group in rules.selected
        }
        return tuple(sorted(names))

    def _answer(self, host: str | None) -> _Answer:
        if host is None:
            return _Answer.ELSEWHERE
        answer = self._answers.get(host)
        if answer is None:
            answer = self._decide(normalise_host(host))
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()
            if len(host) <= LONGEST_KEPT:
                self._answers[host] = answer
        return answer

    def _decide(self, host: str | None) -> _Answer:
        if host is None:
            return _Answer.ELSEWHERE
        answers = {rules.answer(host) for rules in self.rules}
        for answer in (_Answer.OWNED, _Answer.EXCLUDED):
            if answer in answers:
                return answer
        return _Answer.ELSEWHERE


def combine(sites: Sequence[Site]) -> Site:
    """Several sites as one: a host is owned if any of them owns it.

    A host that one of them excludes and none owns is excluded.
    """
    return Site(
        name=",".join(site.name for site in sites),
        title=", ".join(site.title for site in sites),
        rules=tuple(rules for site in sites for rules in site.rules),
    )
