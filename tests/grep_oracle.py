"""Which files name the target, told by a search that shares nothing with ``loginfix trace``.

It knows nothing of stores or records: every file is read whole, turned into every text it may
stand for, and searched with one regular expression each.
"""

import base64
import binascii
import io
import os
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote_to_bytes

import cramjam

from databases import copy_database
from loginfix.formats.leveldb.table import read_table
from oracle import DOMAINS
from recorder.recordings import Recording

_NAMES = b"|".join(re.escape(each.encode()) for each in DOMAINS)
_FORWARD = re.compile(rb"(?<![a-z0-9-])(?:%s)(?![a-z0-9.-]*[a-z0-9])" % _NAMES, re.IGNORECASE)
_BACKWARD_NAMES = b"|".join(re.escape(each[::-1].encode()) for each in DOMAINS)
_BACKWARD = re.compile(rb"(?<![a-z0-9.-])(?:%s)(?![a-z0-9-])" % _BACKWARD_NAMES, re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){10,}")


def files_naming_the_target(recording: Recording) -> set[Path]:
    """Files, and directories by their names, below the profile, its cache and what is shared."""
    user_data = recording.home / str(recording.manifest.user_data)
    roots = {recording.profile, recording.cache}
    roots |= {user_data / name for name in ("segmentation_platform", "Snapshots")}
    found = set()
    for root in roots:
        for path in root.rglob("*"):
            if _names(os.fsencode(path.name)) or (path.is_file() and _file_names(path)):
                found.add(path)
    return found


def _file_names(path: Path) -> bool:
    return any(_names(text) for text in _texts(path))


def _names(text: bytes) -> bool:
    return any(_found(each) for each in _readings(text))


def _found(text: bytes) -> bool:
    return _FORWARD.search(text) is not None or _BACKWARD.search(text) is not None


def _readings(text: bytes) -> Iterator[bytes]:
    yield text
    yield re.sub(rb"([\x20-\x7e])\x00", rb"\1", text)
    yield re.sub(rb"\x00([\x20-\x7e])", rb"\1", text)
    if b"%" in text:
        yield unquote_to_bytes(text)
        yield unquote_to_bytes(unquote_to_bytes(text))
    for run in _BASE64.findall(text):
        standard = run.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
        for start in range(4):
            part = standard[start:]
            with suppress(binascii.Error):
                yield base64.b64decode(part[: len(part) // 4 * 4])
    for run in _HEX.findall(text):
        yield bytes.fromhex(run.decode())


def _texts(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    yield data
    if data.startswith(b"mozLz40\0"):
        with suppress(cramjam.DecompressionError):
            yield bytes(cramjam.lz4.decompress_block(data[8:]))
    for decode in (zlib.decompress, cramjam.snappy.decompress, cramjam.zstd.decompress):
        with suppress(cramjam.DecompressionError, zlib.error, OSError):
            yield bytes(decode(data))
    if data.startswith(b"SQLite format 3\0"):
        yield from _values(path)
    if path.suffix == ".ldb":
        for version in read_table(io.BytesIO(data), bytewise=False):
            yield version.key
            yield version.value or b""


def _values(path: Path) -> Iterator[bytes]:
    with TemporaryDirectory() as scratch:
        copy = copy_database(path, Path(scratch) / "copy")
        with closing(sqlite3.connect(copy)) as database:
            database.text_factory = bytes
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (name,) in names.fetchall():
                for row in database.execute(f'SELECT * FROM "{name.decode()}"'):
                    for value in row:
                        if isinstance(value, bytes):
                            yield value
                            with suppress(cramjam.DecompressionError):
                                yield bytes(cramjam.snappy.decompress_raw(value))
