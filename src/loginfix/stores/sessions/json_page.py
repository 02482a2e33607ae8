"""One page in a tab's history, as Firefox's session files hold it.

Source: ``toolkit/modules/sessionstore/SessionHistory.sys.mjs``. Principals say on whose behalf
something is loaded (``caps/BasePrincipal.cpp``, ``ToJSON``): JSON, in older versions in base64,
that maps a kind to its fields: 0 an opaque origin, 1 a site, 2 several, 3 the browser itself.
"""

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from loginfix.sites.site import Site
from loginfix.stores.sessions.pages import mentioned, page_host

Json = dict[str, Any]

EMPTY_PAGES = ("about:blank", "about:home", "about:newtab", "about:privatebrowsing")

_OPAQUE = "0"
# Serialised objects: a referrer with its policy, and the rules of the page that led here.
_OBJECTS = ("referrerInfo", "policyContainer", "csp")
# The page's own: what its address and title say, and what it keeps for itself.
_OWN = frozenset(("url", "title", "structuredCloneState", "srcdocData"))


def owner(page: Any, site: Site) -> str | None:
    """The site's host that a page (or anything with an address) is of."""
    url = page.get("url") if isinstance(page, dict) else None
    return page_host(url, site) if isinstance(url, str) else None


def scrub_page(page: Json, site: Site) -> int:
    """Take out of another site's page what says that the site led to it or was shown in it.

    A frame of the site leaves an empty place: Firefox passes over frames without an address, and
    goes by the order of the others.

    Returns:
        How many values went or changed.
    """
    return _scrub_frames(page, site) + _scrub_values(page, site)


def _scrub_frames(page: Json, site: Site) -> int:
    frames = page.get("children")
    if not isinstance(frames, list):
        return 0
    changes = 0
    for at, frame in enumerate(frames):
        if owner(frame, site) is not None:
            frames[at] = {}
            changes += 1
        elif isinstance(frame, dict):
            changes += scrub_page(frame, site)
    return changes


def _scrub_values(page: Json, site: Site) -> int:
    before = dict(page)
    for key, value in before.items():
        if key in _OWN or not isinstance(value, str):
            continue
        if key.endswith("_base64"):
            page[key] = principal_without(value, site)
        elif key in _OBJECTS:
            if mentioned(_decoded(value), site):
                del page[key]
        elif page_host(value, site) is not None:
            if key == "resultPrincipalURI":
                page[key] = None  # left out, it would be taken to be the page's address
            else:
                del page[key]
    return sum(before[key] != page.get(key) for key in before)


def principal_without(text: str, site: Site) -> str:
    """A principal that does not name the site: the same, or one of an opaque origin."""
    plain = text.startswith("{")
    content = text.encode() if plain else _decoded(text)
    if not any(mentioned(each, site) for each in _layers(content)):
        return text
    spec = f"moz-nullprincipal:{{{uuid4()}}}"
    try:
        fields = json.loads(content)[_OPAQUE]
        spec = fields["0"].partition("?")[0]  # behind it is who had it made
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    left = json.dumps({_OPAQUE: {"0": spec}}, separators=(",", ":"))
    return left if plain else base64.b64encode(left.encode()).decode()


def _layers(content: bytes) -> Iterator[bytes]:
    """A principal and, if it is one of several, those in it, which are in base64."""
    yield content
    for part in content.split(b'"'):
        for each in part.split(b","):
            yield _decoded(each.decode("utf-8", "replace"))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode("utf-8", "replace")
