"""One spelling for every host name, and what lies under what.

A host has one normalised spelling here: lower case, no trailing dot, Punycode for non-ASCII
labels, the canonical text of an IP address, IPv6 without brackets. Two spellings of one host
normalise to the same text, so that everybody else may compare with ``==``.
"""

import re
from collections import defaultdict
from functools import cache, lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# What nearly every stored host looks like: it needs no further work.
_PLAIN = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z][a-z0-9_-]*")
# The URL Standard's forbidden domain code points (§ 3.1), and no empty label: such a name
# cannot be looked up, so nothing was ever stored under it.
_LABEL = r"[^\x00- #/:<>?@\[\\\]^|%\x7f.]+"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# The URL Standard reads a name whose last label is a number as an IPv4 address or as nothing.
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_SUFFIX_RULE = re.compile(r"^(?!//)\S+", re.MULTILINE)
# DNS allows 253 characters. Far longer text is no host, and Punycode takes quadratic time on it.
_LONGEST = 2048
LONGEST_KEPT = 255
"""Characters of a text of which is remembered what it names: what a site sends fills no memory."""


def normalise_host(text: str) -> str | None:
    """The one spelling of a host, or None if the text is not one.

    Takes what browsers take in the host part of a URL (URL Standard § 3.5, "host parsing"):
    any case, one trailing dot, percent escapes, IDN as Unicode or Punycode, names with
    underscores, dotted IPv4, IPv6 with or without brackets. A port is not part of a host.
    """
    if len(text) > _LONGEST:
        return None
    return _normalised(text) if len(text) <= LONGEST_KEPT else _normalise(text)


def _normalise(text: str) -> str | None:
    if _PLAIN.fullmatch(text):
        return text
    host = unquote(text) if "%" in text else text
    if ":" in host:
        return _ipv6(host)
    ascii_host = host.lower() if host.isascii() else _to_ascii(host)
    ascii_host = ascii_host.removesuffix(".")
    if not _DOMAIN.fullmatch(ascii_host):
        return None
    return _ipv4(ascii_host) if _ENDS_IN_NUMBER.fullmatch(ascii_host) else ascii_host


_normalised = lru_cache(maxsize=1 << 16)(_normalise)


def is_ip_address(host: str) -> bool:
    """Whether a normalised host is an IP address rather than a name."""
    return ":" in host or _ENDS_IN_NUMBER.fullmatch(host) is not None


def is_under(host: str, domain: str) -> bool:
    """Whether a normalised host is the domain itself or one of its subdomains.

    The boundary is a label: ``notamazon.com`` is not under ``amazon.com``, neither is
    ``amazon.com.evil.example``.
    """
    return host == domain or host.endswith(f".{domain}")


@lru_cache(maxsize=1 << 16)
def registrable_domain(host: str) -> str | None:
    """The part of a normalised host that one owner registered: ``example.co.jp``.

    By the Public Suffix List with its private section, as browsers do. IP addresses and single
    labels (``localhost``) stand for themselves. None for a public suffix.
    """
    if is_public_suffix(host):
        return None
    if "." not in host or is_ip_address(host):
        return host
    return _public_suffixes(host).privatesuffix(host)


@lru_cache(maxsize=1 << 12)
def is_public_suffix(host: str) -> bool:
    """Whether anybody may register names directly below a normalised host.

    True for ``com``, ``co.jp``, ``github.io``; False for a top-level label that the Public
    Suffix List does not know, such as ``localhost``.
    """
    if is_ip_address(host) or not _may_be_public(host):
        return False
    return _public_suffixes(host).is_public(host, accept_unknown=False)


def has_known_suffix(host: str) -> bool:
    """Whether a normalised host ends in a suffix that really exists (``.com``, not ``.con``)."""
    return not is_ip_address(host) and is_public_suffix(host.rpartition(".")[2])


def _may_be_public(host: str) -> bool:
    """Whether a rule is about the host itself, or about whatever is directly below its parent."""
    rules = _suffix_rules()
    parent = host.partition(".")[2]
    # The list spells some in Unicode; the library takes a parent of starred names for one, too.
    return "xn--" in host or not rules.isdisjoint((host, f"*.{host}", f"*.{parent}"))


def _public_suffixes(host: str) -> "PublicSuffixList":
    """The part of the Public Suffix List that speaks of a host.

    Parsing the whole list takes ten times as long as a command otherwise needs to start. Its rules
    are names as they are, with a star as their first label, or with an exclamation mark before.
    """
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - loaded on first use

    if "xn--" in host:  # the list spells such names in Unicode
        return _suffixes_below(host.rpartition(".")[2])
    suffixes, rest = [], host
    while rest:
        suffixes += [rest, f"*.{rest}", f"!{rest}"]
        rest = rest.partition(".")[2]
    known = _suffix_rules()
    return PublicSuffixList([s for s in suffixes if s in known], accept_encoded_idn=False)


@cache
def _suffixes_below(label: str) -> "PublicSuffixList":
    """The part of the Public Suffix List that speaks of hosts with this last label."""
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - loaded on first use

    by_label: dict[str, list[str]] = defaultdict(list)
    for rule in _suffix_rules():
        by_label[rule.rpartition(".")[2]].append(rule)
    if label.startswith("xn--"):
        spelled = (each for each in by_label if not each.isascii())
        label = next((each for each in spelled if _in_punycode(each) == label), label)
    rules = by_label[label]
    return PublicSuffixList(rules, accept_encoded_idn=not all(map(str.isascii, rules)))


@cache
def _suffix_rules() -> frozenset[str]:
    """The rules of the list, as it spells them: a line each, before the first space."""
    from publicsuffixlist import PSLFILE  # noqa: PLC0415 - loaded on first use

    return frozenset(_SUFFIX_RULE.findall(Path(PSLFILE).read_bytes().decode("utf-8")))


def _to_ascii(host: str) -> str:
    """Non-transitional UTS #46 processing without the checks that browsers also leave out.

    IDNA 2008 proper would refuse names that browsers open, such as emoji domains. Returns the
    empty string for what UTS #46 disallows.
    """
    import idna  # noqa: PLC0415 - its tables are only needed for the few non-ASCII names

    try:
        mapped = idna.uts46_remap(host, std3_rules=False)
        return ".".join(map(_in_punycode, mapped.split(".")))
    except UnicodeError:
        return ""


def _in_punycode(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"


def _ipv4(host: str) -> str | None:
    try:
        return str(IPv4Address(host))
    except AddressValueError:
        return None


def _ipv6(host: str) -> str | None:
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    try:
        address = IPv6Address(host)
    except AddressValueError:
        return None
    if address.scope_id is not None:
        return None
    if (mapped := address.ipv4_mapped) is not None:
        # Browsers write the hexadecimal form; Python's own choice changed with 3.13.
        return f"::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}"
    return str(address)
