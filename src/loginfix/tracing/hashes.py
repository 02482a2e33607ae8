"""Names that browsers keep as hashes only: those of candidate hosts and addresses, looked up.

A hash cannot be turned back. Candidates are the site's domains and every host and address of it
that the search has seen; a host that is named nowhere else in the profile is not found this way.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

_MD5_NAME = re.compile(r"([0-9a-f]{32})(?:\..*)?")
_SHA1_NAME = re.compile(r"([0-9a-f]{40})")
_SHA256_NAME = re.compile(r"([0-9a-f]{64})(?:\..*)?")
_BASE64_SHA256 = re.compile(rb"[A-Za-z0-9+/]{43}=")
_MD5_TEXT = re.compile(rb"[0-9a-f]{32}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _dns_sha256(host: str) -> str:
    """Base64 of SHA-256 of the DNS wire format (net/http/transport_security_state.cc)."""
    labels = (label.encode("ascii", "replace") for label in host.split("."))
    wire = b"".join(bytes([min(len(label), 63)]) + label for label in labels) + b"\0"
    return base64.b64encode(hashlib.sha256(wire).digest()).decode("ascii")


def _addresses(hosts: Iterable[str], urls: Iterable[str]) -> Iterator[tuple[str, str]]:
    for host in hosts:
        for scheme in ("https", "http"):
            yield f"{scheme}://{host}/", host
    for url in urls:
        yield url, url.partition("://")[2].partition("/")[0]


def _origin_identifiers(hosts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """As the directories of the Cache Storage are named (content/browser/cache_storage)."""
    for host in hosts:
        for scheme in ("https", "http"):
            for suffix in ("", "-1"):
                yield f"{scheme}_{host}_0{suffix}", host


class Hashes:
    """The hashes of one set of candidates, each kind worked out when it is first needed."""

    def __init__(self, hosts: Iterable[str], urls: Iterable[str]) -> None:
        self._hosts = sorted(set(hosts))
        self._urls = sorted(set(urls))
        self._known: dict[str, Mapping[str, str]] = {}

    def in_bytes(self, kind: str, data: bytes) -> Iterator[tuple[int, int, str]]:
        """Start, end and host of every known hash in some bytes."""
        pattern = {"sha256-dns": _BASE64_SHA256, "md5-host": _MD5_TEXT}.get(kind)
        if pattern is None:
            return
        for found in pattern.finditer(data):
            if host := self._table(kind).get(found[0].decode("ascii")):
                yield found.start(), found.end(), host

    def in_name(self, kind: str, name: str) -> str | None:
        """The host whose hash a file or directory is named."""
        pattern = {
            "sha1-origin": _SHA1_NAME,
            "md5-url": _MD5_NAME,
            "sha256-url": _SHA256_NAME,
        }.get(kind)
        found = pattern.fullmatch(name) if pattern else None
        return self._table(kind).get(found[1]) if found else None

    def _table(self, kind: str) -> Mapping[str, str]:
        if kind not in self._known:
            self._known[kind] = dict(self._work_out(kind))
        return self._known[kind]

    def _work_out(self, kind: str) -> Iterator[tuple[str, str]]:
        hashed: Callable[[str], str]
        texts: Iterable[tuple[str, str]]
        match kind:
            case "sha256-dns":
                hashed, texts = _dns_sha256, ((host, host) for host in self._hosts)
            case "md5-host":
                hashed, texts = _md5, ((host, host) for host in self._hosts)
            case "sha1-origin":
                hashed, texts = _sha1, _origin_identifiers(self._hosts)
            case "md5-url":
                hashed, texts = _md5, _addresses(self._hosts, self._urls)
            case _:
                hashed, texts = _sha256_hex, _addresses(self._hosts, self._urls)
        for text, host in texts:
            yield hashed(text), host


def _sha256_hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
