"""What a site's file says about logging in: its cookies, and where its own help is."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Help:
    """The site's own help page for a domain, in a language such as ``en``."""

    domain: str
    url: str
    language: str


@dataclass(frozen=True, slots=True)
class Login:
    """``cookies`` are name patterns of those that a login needs, with ``*`` for anything.

    In ``pairs`` either cookie is worth nothing without the other; what ``*`` stands for must be
    the same in both.
    """

    cookies: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    help: tuple[Help, ...] = ()

    def is_login_cookie(self, name: str) -> bool:
        """Whether a cookie of this name is one of those."""
        return any(fnmatchcase(name, pattern) for pattern in self.cookies)

    def partners(self, name: str) -> tuple[str, ...]:
        """The cookies without which one of this name is worth nothing."""
        found = []
        for one, other in self.pairs:
            for mine, theirs in ((one, other), (other, one)):
                before, star, after = mine.partition("*")
                if name == mine or (
                    star
                    and name.startswith(before)
                    and name.endswith(after)
                    and len(name) > len(before) + len(after)
                ):
                    middle = name[len(before) : len(name) - len(after)] if star else ""
                    found.append(theirs.replace("*", middle))
        return tuple(found)

    def help_for(self, hosts: Iterable[str], language: str) -> str | None:
        """The help page for one of some hosts, else one in the language, else the first."""
        known = set(hosts)
        pages = sorted(
            self.help, key=lambda page: (page.domain not in known, page.language != language)
        )
        return pages[0].url if pages else None
