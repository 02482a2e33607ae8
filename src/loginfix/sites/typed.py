"""What a person may type as a site that has no file, and what to say to everything else.

Clearing is precise only if the site is: a range, a public suffix or a slip of the finger is
refused, with what was probably meant.
"""

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from ipaddress import ip_network

from loginfix.errors import UnknownSiteError
from loginfix.sites.forms import host as read_host
from loginfix.sites.forms import url as read_url
from loginfix.sites.hosts import (
    has_known_suffix,
    is_ip_address,
    is_public_suffix,
    is_under,
    normalise_host,
    registrable_domain,
)
from loginfix.sites.known_site import KnownSite
from loginfix.words import say

_ADDRESS_PATTERN = re.compile(r"[0-9.]+-[0-9.]+|[0-9]+(?:\.(?:[0-9]+|\*))*\.\*")
# Ratios of difflib, tried on slips of "amazon" (amazom 0.83, amzon 0.91, amazon.con 0.9).
_CLOSE_WORD = 0.8
_CLOSE_HOST = 0.9
# Shorter names are one letter away from too many honest ones.
_SHORTEST_NAME_WITH_SLIPS = 5


def typed_site(text: str, known: Sequence[KnownSite]) -> str:
    """The registrable domain, IP address or ``localhost`` that was typed, normalised.

    Raises:
        UnknownSiteError: anything else; the next step says what was probably meant.
    """
    if _is_address_range(text):
        raise UnknownSiteError(
            say("{text} is a range of IP addresses.", text=text),
            next_step=say("Name one IP address, or the domain of the site."),
        )
    host = _host_within(text)
    words = _words(known)
    if host is None or host in words:
        raise _unknown(text, words)
    _refuse_shared(host, known)
    domain = host if stands_alone(host) else registrable_domain(host)
    if domain is None or ("." not in domain and not stands_alone(domain)):
        raise _unknown(text, words)
    if (meant := _slip_of(host, domain, known)) is not None:
        raise UnknownSiteError(
            say("{text} looks like a slip for {meant}.", text=text, meant=meant),
            next_step=say(
                "Use {how_to_name}. If {domain} really is meant, "
                "describe it in a site file of its own.",
                how_to_name=_how_to_name(meant, known),
                domain=domain,
            ),
        )
    if host != domain:
        raise UnknownSiteError(
            say(
                "{host} is only a part of {domain}{membership}.",
                host=host,
                domain=domain,
                membership=_membership(host, known),
            ),
            next_step=say("Use {how_to_name}.", how_to_name=_how_to_name(host, known)),
        )
    if normalise_host(text) != domain:
        raise UnknownSiteError(
            say("{text} is not just the name of a site.", text=text),
            next_step=say("Use {how_to_name}.", how_to_name=_how_to_name(host, known)),
        )
    return domain


def stands_alone(host: str) -> bool:
    """Whether a normalised host is a site of exactly that host: an IP address, ``localhost``."""
    return host == "localhost" or is_ip_address(host)


def _is_address_range(text: str) -> bool:
    if _ADDRESS_PATTERN.fullmatch(text):
        return True
    if "/" not in text:
        return False
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _host_within(text: str) -> str | None:
    """The host in a URL, with or without scheme, with a port, or behind a wildcard."""
    if "://" in text:
        return read_url(text).host
    start = re.split(r"[/\\?#]", text.rpartition("@")[2], maxsplit=1)[0]
    return read_host(start.removeprefix("*").removeprefix(".")).host


def _refuse_shared(host: str, known: Sequence[KnownSite]) -> None:
    for shared in (name for site in known for name in site.never_by_suffix):
        if host == shared or (is_under(host, shared) and registrable_domain(host) == shared):
            raise UnknownSiteError(
                say("{shared} is shared hosting: it carries sites of many owners.", shared=shared),
                next_step=say("Name the site that you reach through it instead."),
            )
    if is_public_suffix(host):
        raise UnknownSiteError(
            say("{host} is a public suffix: anybody can have a site under it.", host=host),
            next_step=say("Name one site, such as example.{host}.", host=host),
        )


def _slip_of(host: str, domain: str, known: Sequence[KnownSite]) -> str | None:
    """The known site or domain that was probably meant; None if the host may be honest."""
    if stands_alone(host):
        return None
    if host != domain or not has_known_suffix(host):
        likely = [name for site in known for name in site.default_domains]
        close = get_close_matches(host, likely, 1, _CLOSE_HOST)
        if close and not _membership(host, known):
            return close[0]
    word = domain.partition(".")[0]
    for name in (site.name for site in known):
        # A longer word is a name of its own (amazonia, amazone); a slip is as long or shorter.
        if (
            _SHORTEST_NAME_WITH_SLIPS <= len(word) <= len(name)
            and word != name
            and SequenceMatcher(None, word, name).ratio() >= _CLOSE_WORD
        ):
            return name
    return None


def _membership(host: str, known: Sequence[KnownSite]) -> str:
    for site in known:
        if (group := site.rules.group_of(host)) is not None:
            return say(
                ", and belongs to the site {name} (group {group})", name=site.name, group=group
            )
    return ""


def _how_to_name(meant: str, known: Sequence[KnownSite]) -> str:
    """The options that name a known site, a host of one, or any other host's domain."""
    domain = registrable_domain(meant)
    for site in known:
        if meant == site.name:
            return f"--site {site.name}"
        if (group := site.rules.group_of(meant)) is not None:
            if group in site.rules.selected:
                return say(
                    "--site {name}, or --site {domain} for that domain alone",
                    name=site.name,
                    domain=domain,
                )
            return f"--site {site.name} --group {group}"
    return f"--site {domain}"


def _words(known: Sequence[KnownSite]) -> dict[str, str]:
    """Names of sites and groups, with the options that name them."""
    words = {}
    for site in known:
        for group in site.groups:
            words[group.key] = f"--site {site.name}" + (
                "" if group.default else f" --group {group.key}"
            )
    return words | {site.name: f"--site {site.name}" for site in known}


def _unknown(text: str, words: Mapping[str, str]) -> UnknownSiteError:
    """No host at all, or a single word: perhaps the name of a site or of a group."""
    close = get_close_matches(text.lower(), words, 1)
    return UnknownSiteError(
        say("There is no site {text!r}.", text=text),
        next_step=say(
            "Did you mean {meant}? If not, name a domain such as example.co.jp. `loginfix sites`"
            " lists known sites.",
            meant=words[close[0]],
        )
        if close
        else say("Name a domain such as example.co.jp. `loginfix sites` lists known sites."),
    )
