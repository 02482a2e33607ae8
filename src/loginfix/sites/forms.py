"""The ways in which browsers write a site into their stores.

Each form is a function from the stored text to the hosts it names. Text that is not of the
form names nothing; no form ever raises.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote

from loginfix.sites.hosts import LONGEST_KEPT, normalise_host


class Names(NamedTuple):
    """The hosts that one stored key names, normalised.

    ``host`` is whose data it is. ``partition`` is the top-level site it was stored under, where
    the store keeps them apart. ``frame`` is the site of the frame that asked, which only
    Chromium's HTTP cache writes down: an entry fetched by a frame of the site still names it.
    """

    host: str | None
    partition: str | None
    frame: str | None = None


Form = Callable[[str], Names]

_NOTHING = Names(None, None)

_PLAIN_WEB_URL = re.compile(r"https?://([a-z0-9.-]+)(?::[0-9]*)?(?:[/?#]|\Z)")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# Schemes whose authority names no web site: pages of the browser, extensions, local files.
_INTERNAL_SCHEMES = frozenset(
    (
        *("about", "data", "file", "javascript", "mailto"),
        *("chrome", "chrome-devtools", "chrome-error", "chrome-extension", "chrome-native"),
        *("chrome-search", "chrome-untrusted", "devtools"),
        *("brave", "edge", "extension", "opera", "vivaldi"),
        *("moz-extension", "moz-icon", "place", "resource"),
    )
)
# The URL Standard lets these be written with any number of slashes in either direction.
_SPECIAL_SCHEMES = frozenset(("ftp", "http", "https", "ws", "wss"))
# Prefixes in front of a whole URL. Those about icons are Firefox's: toolkit/components/places.
_WRAPPERS = re.compile(
    r"(?:view-source|blob|filesystem|moz-anno:favicon|page-icon|cached-favicon|fake-favicon-uri):",
    re.IGNORECASE,
)
_C0_AND_SPACE = "".join(map(chr, range(0x21)))
_TAB_AND_NEWLINES = str.maketrans("", "", "\t\n\r")
_PORT = re.compile(r":[0-9]*\Z")


def url(text: str) -> Names:
    """Any URL, read as browsers read it (URL Standard § 4.4)."""
    if plain := _PLAIN_WEB_URL.match(text):
        return Names(normalise_host(plain[1]), None)
    text = text.strip(_C0_AND_SPACE).translate(_TAB_AND_NEWLINES)
    while wrapper := _WRAPPERS.match(text):
        text = text[wrapper.end() :]
    scheme_match = _SCHEME.match(text)
    if scheme_match is None:
        return _NOTHING
    scheme = scheme_match[1].lower()
    rest = text[scheme_match.end() :]
    if scheme in _SPECIAL_SCHEMES:
        authority = re.split(r"[/\\?#]", rest.lstrip("/\\"), maxsplit=1)[0]
    elif scheme not in _INTERNAL_SCHEMES and rest.startswith("//"):
        authority = re.split(r"[/?#]", rest[2:], maxsplit=1)[0]
    else:
        return _NOTHING
    return host(authority.rpartition("@")[2])


def host(text: str) -> Names:
    """A host with or without a port, as in Firefox's ``moz_origins.host``."""
    if text.startswith("[") or text.count(":") == 1:
        text = _PORT.sub("", text)
    return Names(normalise_host(text), None)


def cookie_domain(text: str) -> Names:
    """A cookie's domain: ``.a.com`` for a domain cookie, ``a.com`` for a host-only one."""
    return Names(normalise_host(text.removeprefix(".")), None)


def host_pattern(text: str) -> Names:
    """A host or URL in which a leading dot means this host only, as in URL lists of policies.

    components/url_matcher/url_util.cc: ``[scheme://][.]host[:port][/path]``.
    """
    authority = (text.partition("://")[2] or text).partition("/")[0]
    return host(authority.removeprefix("."))


def rev_host(text: str) -> Names:
    """Places' ``rev_host``: the host backwards and a dot; a lone dot where there is no host."""
    return cookie_domain(text[::-1])


def partition_site(text: str) -> Names:
    """A schemeful site that is the partition, as in Chromium's ``cookies.top_frame_site_key``."""
    return Names(None, url(text).host)


def frame_origin(text: str) -> Names:
    """The origin of the frame that asked, as in Chromium's ``dictionaries.frame_origin``."""
    return Names(None, None, url(text).host)


def origin(text: str) -> Names:
    """``scheme://host[:port]``, with Firefox's origin attributes behind it or not."""
    base, caret, suffix = text.rpartition("^")
    if not caret:
        return url(text)
    return Names(url(base).host, origin_attributes(suffix).partition)


def origin_attributes(text: str) -> Names:
    """Firefox's origin attributes, ``^key=value&…`` (caps/OriginAttributes.cpp).

    The top-level site is in ``partitionKey``, or in ``firstPartyDomain`` where first-party
    isolation is on. Either is ``(scheme,site)`` with an optional port and an optional ``f`` for
    "has a foreign ancestor", or the bare site.
    """
    pairs = (pair.partition("=") for pair in text.removeprefix("^").split("&"))
    attributes = {key: value for key, _, value in pairs}
    value = attributes.get("partitionKey") or attributes.get("firstPartyDomain") or ""
    # Colons, illegal in Windows file names, are written as plus signs: (http,[++1]).
    site = unquote(value).replace("+", ":")
    if site.startswith("(") and site.endswith(")"):
        site = (*site[1:-1].split(","), "")[1]
    return Names(None, normalise_host(site))


def storage_key(text: str) -> Names:
    """Chromium's serialised storage key (third_party/blink/common/storage_key/storage_key.cc).

    The origin, then attributes, each ``^``, a digit and a value: 0 is the top-level site, 6 the
    site from which an opaque top-level site came; the others (nonces, ancestor bit) name none.
    """
    base, *attributes = text.split("^")
    sites = (attribute[1:] for attribute in attributes if attribute[:1] in ("0", "6"))
    return Names(url(base).host, url(next(sites, "")).host)


_ORIGIN_IDENTIFIER = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)_(.+)_[0-9]+", re.DOTALL)


def origin_identifier(text: str) -> Names:
    """Chromium's origin as part of a file name (storage/common/database/database_identifier.cc).

    ``<scheme>_<host>_<port>``; the port is 0 where it is the scheme's own, and the colons of an
    IPv6 address are underscores.
    """
    match = _ORIGIN_IDENTIFIER.fullmatch(text)
    if match is None or match[1].lower() in _INTERNAL_SCHEMES:
        return _NOTHING
    name = match[2].replace("_", ":") if match[2].startswith("[") else match[2]
    return Names(normalise_host(name), None)


def host_and_path(text: str) -> Names:
    """A URL, or one without its scheme, as in the keys of Chromium's loading predictor."""
    if _SCHEME.match(text):
        return url(text)
    return host(text.partition("/")[0])


def origin_pair(text: str) -> Names:
    """Two origins with a space between them: whose it is, and in whose pages.

    An issuer of Chromium's trust tokens and the page that used it
    (services/network/trust_tokens/sqlite_trust_token_persister.cc).
    """
    own, _, top = text.partition(" ")
    return Names(url(own).host, url(top).host)


# The credentials flag and the upload id; the oldest keys have neither.
_CACHE_KEY_NUMBERS = re.compile(r"(?:[0-9]+/)*")
_CACHE_KEY_SITES = re.compile(r"(?:[0-9]+/)*_dk_(?:[a-z]+_)*(?P<top>\S+)(?: (?P<frame>\S+))?")


def chromium_cache_key(text: str) -> Names:
    """A key of Chromium's HTTP cache (net/http/http_cache.cc, ``GenerateCacheKey``).

    ``<credentials>/<upload id>/[_dk_[s_][cn_]<top site> <frame site> ]<URL>``.
    """
    prefix, space, address = text.rpartition(" ")
    if not space:
        numbers = _CACHE_KEY_NUMBERS.match(text)
        return url(text[numbers.end() :] if numbers else text)
    sites = _CACHE_KEY_SITES.match(prefix)
    if sites is None:
        return url(address)
    top, frame = _site_host(sites["top"]), _site_host(sites["frame"] or "")
    return Names(url(address).host, top, frame)


def _site_host(text: str) -> str | None:
    """The host of a site that is a partition: few sites have all the entries of a cache."""
    return _known_host(text) if len(text) <= LONGEST_KEPT else url(text).host


@lru_cache(maxsize=1 << 12)
def _known_host(text: str) -> str | None:
    return url(text).host


_CHILD_KEY = re.compile(r"Range_(.*):[0-9a-f]+:[0-9a-f]+", re.DOTALL)


def block_cache_key(text: str) -> Names:
    """A key of Chromium's block-file cache: an HTTP cache's key or that of a part of its entry.

    What was asked for by range is in entries of their own, named ``Range_<key>:<number>:<number>``
    (net/disk_cache/blockfile/sparse_control.cc).
    """
    child = _CHILD_KEY.fullmatch(text)
    return chromium_cache_key(child[1] if child else text)


def code_cache_key(text: str) -> Names:
    """A key of Chromium's code cache (content/browser/code_cache/generated_code_cache.cc).

    ``_key<URL>``, the site of the process and, where the cache is split, the top site and that of
    the frame, with a space and a line feed between. The process's site is that of the frame that
    runs the script. Other keys are hashes.
    """
    if not text.startswith("_key"):
        return _NOTHING
    address, *around = text.removeprefix("_key").split(" \n")
    lock, isolation = (*around, "", "")[:2]
    top, _, frame = isolation.partition(" ")
    return Names(url(address).host, url(top).host or url(lock).host, url(frame or lock).host)


_CACHE2_TAG = re.compile(r"(?P<tag>[ -9;-~])(?P<value>(?:[^,]|,,)*),")


def cache2_key(text: str) -> Names:
    """A key of Firefox's HTTP cache (netwerk/cache2/CacheFileUtils.cpp).

    Tags, each a letter, a value with its commas doubled, and a comma; then a colon and the URL.
    Tag ``O`` holds the origin attributes. Compression dictionaries are kept under
    ``dict:<origin>``.
    """
    partition = None
    position = 0
    while not text.startswith((":", "dict:"), position):
        tag = _CACHE2_TAG.match(text, position)
        if tag is None:
            return _NOTHING
        if tag["tag"] == "O":
            partition = origin_attributes(tag["value"].replace(",,", ",")).partition
        position = tag.end()
    address = text[position:].removeprefix(":").removeprefix("dict:")
    return Names(url(address).host, partition)


# A scheme, the host, its port. Of other schemes (about, chrome, file, indexeddb, moz-extension,
# resource, uuid) nothing is a web site's. The oldest names begin with two further attributes.
_QUOTA_NAME = re.compile(
    r"(?:[0-9]+\+[ft]\+)?https?\+\+\+(?P<host>\[[^\]]*\]|[^+]*)(?:\+[0-9]+)?", re.DOTALL
)


def quota_directory(text: str) -> Names:
    """A directory of Firefox's quota storage: an origin that became a file name.

    ``https+++www.a.com+8443^userContextId=2``: what is illegal in a file name is a plus sign, and
    the origin attributes follow (dom/quota/OriginParser.cpp).
    """
    base, caret, suffix = text.partition("^")
    match = _QUOTA_NAME.fullmatch(base)
    if match is None:
        return _NOTHING
    own = normalise_host(match["host"].replace("+", ":"))
    return Names(own, origin_attributes(suffix).partition if caret else None)


_ORIGIN_KEY = re.compile(r"(?P<host>.+)\.:[a-z][a-z0-9+.-]*(?::[0-9]+)?(?P<rest>\^.*)?", re.DOTALL)


def origin_key(text: str) -> Names:
    """Firefox's origin key: the host backwards and a dot, then scheme and port.

    ``moc.a.www.:https:443``, with origin attributes behind it or not
    (dom/storage/StorageUtils.cpp, ``GenerateOriginKey``).
    """
    match = _ORIGIN_KEY.fullmatch(text)
    if match is None:
        return _NOTHING
    return Names(
        normalise_host(match["host"][::-1]), origin_attributes(match["rest"] or "").partition
    )


def mls_file(text: str) -> Names:
    """A file of Firefox's messaging keys: the Base64 of an origin key, and endings.

    dom/mls/MLSTransactionParent.cpp, ``ConstructDatabaseFullPath``; in a file name, a hyphen
    stands for the slash.
    """
    try:
        name = base64.b64decode(text.partition(".")[0], altchars=b"+-", validate=True)
    except ValueError:
        return _NOTHING
    return origin_key(name.decode("utf-8", "replace"))


def permission_type(text: str) -> Names:
    """The type of a permission that names whom it was given to.

    ``3rdPartyStorage^https://a.com``, ``3rdPartyFrameStorage^https://a.com``
    (toolkit/components/antitracking/AntiTrackingUtils.cpp).
    """
    _, caret, grantee = text.partition("^")
    return origin(grantee) if caret else _NOTHING


# An array of two strings (0x30 + 0x50), whose characters below 0x7F are one higher and which end
# in a zero, the last of all left out (dom/indexedDB/Key.cpp). Only the first byte is not ASCII.
_PUSH_KEY = re.compile("[^\x00-\x7f]([\x01-\x7f]+)\x000([\x01-\x7f]*)")


def push_identifiers(text: str) -> Names:
    """An index key of Firefox's push subscriptions: ``[scope, origin attributes]``."""
    match = _PUSH_KEY.fullmatch(text)
    if match is None:
        return _NOTHING
    scope, suffix = ("".join(chr(ord(each) - 1) for each in part) for part in match.groups())
    return Names(url(scope).host, origin_attributes(suffix).partition)


_PATTERN_SCHEME = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*|\*)://")
_PATTERN_PORT = re.compile(r":(?:[0-9]+|\*)\Z")


def content_setting(text: str) -> Names:
    """The key of a content setting in Chromium: two patterns, ``primary,secondary``.

    A pattern is ``[scheme://][[*.]]host[:port]``, or ``*`` for all
    (components/content_settings/core/common/content_settings_pattern_parser.cc). The first says
    whom the setting is for, the second inside whose pages.
    """
    primary, _, secondary = text.partition(",")
    return Names(_pattern_host(primary), _pattern_host(secondary))


def _pattern_host(pattern: str) -> str | None:
    scheme = _PATTERN_SCHEME.match(pattern)
    authority = (pattern[scheme.end() :] if scheme else pattern).partition("/")[0]
    name = _PATTERN_PORT.sub("", authority).removeprefix("[*.]")
    return None if name == "*" else normalise_host(name)


def network_key(text: str) -> Names:
    """Chromium's network anonymization or isolation key, as JSON.

    A list whose texts are serialised sites, the top-level one first and then the frame's
    (net/base/network_anonymization_key.cc, ``ToValue``). A site is the Base64 of a pickle: the
    length of what follows, the length of the text, the text, all in 32 bits, little endian
    (url/origin.cc, ``SerializeWithNonce``).
    """
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        return _NOTHING
    if not isinstance(parts, list):
        return _NOTHING
    sites = [_pickled_site(part) for part in parts if isinstance(part, str)]
    top, frame = (*sites, None, None)[:2]
    return Names(None, top, frame)


def _pickled_site(text: str) -> str | None:
    try:
        pickle = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    length = int.from_bytes(pickle[4:8], "little")
    return url(pickle[8 : 8 + length].decode("utf-8", "replace")).host


_DATA_STORAGE_KIND = re.compile(r":(?:HSTS|HPKP)\Z")


def host_attributes(text: str) -> Names:
    """A host with or without a port, with Firefox's origin attributes behind it or not.

    As in HSTS (nsSiteSecurityService.cpp; older keys end in ``:HSTS``) and ``cert_override.txt``
    (nsCertOverrideService.cpp).
    """
    base, caret, suffix = _DATA_STORAGE_KIND.sub("", text).partition("^")
    partition = origin_attributes(suffix).partition if caret else None
    return Names(host(base.rstrip(":")).host, partition)


# A scheme, the host, its port, whether it is private, origin attributes, and the protocol.
_ALT_SVC_KEY = re.compile(
    r"[a-z]+:(?P<host>.*):-?[0-9]+:[P.]:(?P<attributes>[^:]*)(?::[.0-9]*)?", re.DOTALL
)
# A scheme, the host, its port, the other host, its port; the rest names none.
_ALT_SVC_VALUE = re.compile(r"[a-z]+:.*?:-?[0-9]+:(?P<host>.*?):-?[0-9]+:", re.DOTALL)


def alt_svc_key(text: str) -> Names:
    """A key of Firefox's alternative services (AlternateServices.cpp, ``MakeHashKey``)."""
    match = _ALT_SVC_KEY.fullmatch(text)
    if match is None:
        return _NOTHING
    return Names(host(match["host"]).host, origin_attributes(match["attributes"]).partition)


def alt_svc_value(text: str) -> Names:
    """The other host of an alternative service (AlternateServices.cpp, ``Serialize``)."""
    match = _ALT_SVC_VALUE.match(text)
    return Names(normalise_host(match["host"]), None) if match else _NOTHING


def client_auth_key(text: str) -> Names:
    """A remembered client certificate: host, fingerprint, origin attributes.

    Separated by commas, the attributes percent-encoded (ClientAuthRememberService.cpp).
    """
    name, _, rest = text.partition(",")
    attributes = rest.partition(",")[2]
    return Names(host(name).host, origin_attributes(unquote(attributes)).partition)


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "alt_svc_key": alt_svc_key,
        "alt_svc_value": alt_svc_value,
        "block_cache_key": block_cache_key,
        "cache2_key": cache2_key,
        "chromium_cache_key": chromium_cache_key,
        "client_auth_key": client_auth_key,
        "code_cache_key": code_cache_key,
        "content_setting": content_setting,
        "cookie_domain": cookie_domain,
        "frame_origin": frame_origin,
        "host": host,
        "host_attributes": host_attributes,
        "host_pattern": host_pattern,
        "mls_file": mls_file,
        "network_key": network_key,
        "host_and_path": host_and_path,
        "origin": origin,
        "origin_attributes": origin_attributes,
        "origin_identifier": origin_identifier,
        "origin_key": origin_key,
        "origin_pair": origin_pair,
        "partition_site": partition_site,
        "permission_type": permission_type,
        "push_identifiers": push_identifiers,
        "quota_directory": quota_directory,
        "rev_host": rev_host,
        "schemeful_site": url,
        "storage_key": storage_key,
        "url": url,
    }
)
