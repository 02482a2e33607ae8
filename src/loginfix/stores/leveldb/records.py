"""Whose a record of a LevelDB database is, as ``profiles/stores/`` declares it.

The words are explained in ``profiles/stores/README.md``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loginfix.formats.protobuf import ProtobufError, strings
from loginfix.sites.forms import FORMS, Names
from loginfix.sites.site import Site
from loginfix.stores.declared import refuse_unknown

_KNOWN = {"key", "site", "urls_in", "item"}
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class RecordSpec:
    """One kind of record: keys that match ``key``, and where they name their site.

    ``form`` is how the group ``site`` of the key names it; ``in_value`` says that URLs in the
    value do, which is a protocol buffer.
    """

    key: re.Pattern[bytes]
    form: str | None
    in_value: bool
    item: bool


def parse_record(data: Mapping[str, Any]) -> RecordSpec:
    """Read one ``[[store.record]]``.

    Raises:
        ValueError, TypeError: A key is unknown or a value has the wrong shape; the text says which.
    """
    refuse_unknown(data, _KNOWN)
    if not isinstance(data.get("key"), str):
        raise TypeError("a record needs a 'key'")
    try:
        key = re.compile(data["key"].encode("ascii"), re.DOTALL)
    except (re.error, UnicodeEncodeError) as error:
        raise ValueError(f"'key' is not a pattern ({error})") from error
    form = data.get("site")
    if form is not None and (form not in FORMS or "site" not in key.groupindex):
        raise ValueError(f"'site' wants a form and a group of that name in 'key', not {form!r}")
    if data.get("urls_in", "value") != "value" or not (form or "urls_in" in data):
        raise ValueError("a record needs 'site' or 'urls_in = \"value\"'")
    return RecordSpec(key, form, "urls_in" in data, bool(data.get("item")))


def owner(specs: tuple[RecordSpec, ...], key: bytes, value: bytes | None, site: Site) -> str | None:
    """The host by which a record is the site's; None where it is not.

    Raises:
        ValueError: A value that should name a site cannot be read.
    """
    spec = kind_of(specs, key)
    if spec is None:
        return None
    for names in _names(spec, key, value):
        if site.owns(names):
            return names.host or names.partition or ""
    return None


def kind_of(specs: tuple[RecordSpec, ...], key: bytes) -> RecordSpec | None:
    """The declaration that a key meets."""
    return next((spec for spec in specs if spec.key.fullmatch(key)), None)


def _names(spec: RecordSpec, key: bytes, value: bytes | None) -> Iterator[Names]:
    if spec.form and (match := spec.key.fullmatch(key)):
        yield FORMS[spec.form](match["site"].decode("utf-8", "replace"))
    if spec.in_value and value is not None:
        try:
            texts = list(strings(value))
        except ProtobufError as error:
            raise ValueError(f"a record cannot be read: {error}") from error
        for text in texts:
            if _SCHEME.match(text):
                yield FORMS["url"](text.decode("utf-8", "replace"))
