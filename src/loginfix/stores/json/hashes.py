"""Hosts that a document holds as hashes: nobody can read them, but one can try the hosts known."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from loginfix.sites.forms import Form, Names


def _transport_security(host: str) -> str:
    """The Base64 of the SHA-256 of the name as in DNS: each label after its length.

    net/http/transport_security_state.cc, ``HashHost`` and ``CanonicalizeHost``.
    """
    labels = [label.encode("ascii", "replace") for label in host.split(".")]
    wire = b"".join(bytes([min(len(label), 255)]) + label for label in (*labels, b""))
    return base64.b64encode(hashlib.sha256(wire).digest()).decode("ascii")


def _start_page(host: str) -> str:
    """The MD5 of the address of a host's start page.

    components/history/core/browser/top_sites_impl.cc, ``GetURLHash``.
    """
    return hashlib.md5(f"https://{host}/".encode(), usedforsecurity=False).hexdigest()


HASHES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"start_page_md5": _start_page, "transport_security_host": _transport_security}
)
"""What makes the hash of a normalised host, by the name of the form."""


def hashed_forms(hosts: Iterable[str]) -> dict[str, Form]:
    """Forms that recognise the hashes of these hosts."""
    known = list(hosts)
    return {name: _recogniser(make, known) for name, make in HASHES.items()}


def _recogniser(make: Callable[[str], str], hosts: list[str]) -> Form:
    names = {make(host): host for host in hosts}
    return lambda text: Names(names.get(text), None)
