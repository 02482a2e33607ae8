"""Rows as JSON text, exact for everything that a column of SQLite can hold.

Numbers, ``null`` and proper text stand for themselves. What JSON has no words for is an object
with one key: ``{"blob": hex}``, ``{"real": "inf" | "-inf" | "nan"}`` and, for text that is not
valid Unicode, ``{"text": hex}``.
"""

import hashlib
import json
import math

from loginfix.stores.model import Row, Value
from loginfix.vault.errors import ContentError
from loginfix.words import say

# ASCII only: reading a backup in a terminal must not let a web site's text control it.
_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))
_INT64 = range(-(2**63), 2**63)
_NOT_FINITE = ("inf", "-inf", "nan")


def to_json(value: object) -> str:
    """The one JSON text of a value: ASCII, no spaces, keys in their order."""
    return _ENCODER.encode(value)


def from_json(text: str) -> object:
    """Read what ``to_json`` wrote.

    Raises:
        ContentError: It is something else.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ContentError(say("a row is not JSON ({error})", error=error)) from error


def encode_row(row: Row) -> str:
    """Write a row as a JSON object of its columns, in their order."""
    return to_json({column: _encode(value) for column, value in row.items()})


def decode_row(text: str) -> dict[str, Value]:
    """Read what ``encode_row`` wrote.

    Raises:
        ContentError: It is something else.
    """
    row = from_json(text)
    if not isinstance(row, dict):
        raise ContentError(say("a row is not an object of columns"))
    return {column: _decode(value) for column, value in row.items()}


def row_sha256(table: str, change: str, before: str, after: str | None) -> str:
    """The checksum of a row's record: of the JSON array of these four, in hexadecimal."""
    record = f"[{to_json(table)},{to_json(change)},{before},{after or 'null'}]"
    return hashlib.sha256(record.encode("utf-8", "surrogatepass")).hexdigest()


def _encode(value: Value) -> object:
    if isinstance(value, bytes):
        return {"blob": value.hex()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"real": repr(value)}
    if isinstance(value, str) and not _is_unicode(value):
        return {"text": value.encode("utf-8", "surrogatepass").hex()}
    return value


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _decode(value: object) -> Value:
    match value:
        case None | str() | float():
            return value
        case int() if value in _INT64:
            return value
        case {"blob": str(digits), **rest} if not rest:
            return _from_hex(digits)
        case {"real": str(name), **rest} if not rest and name in _NOT_FINITE:
            return float(name)
        case {"text": str(digits), **rest} if not rest:
            try:
                return _from_hex(digits).decode("utf-8", "surrogatepass")
            except UnicodeDecodeError as error:
                raise ContentError(
                    say("a row holds no text where it says so ({error})", error=error)
                ) from error
    raise ContentError(say("a row holds a value that no database has"))


def _from_hex(digits: str) -> bytes:
    try:
        return bytes.fromhex(digits)
    except ValueError as error:
        raise ContentError(
            say("a row holds no bytes where it says so ({error})", error=error)
        ) from error
