"""The codecs of ``formats``."""

import functools
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, TypeVar

from block_caches import Files, addresses
from cache_fuzzing import small_block_cache
from fuzzing.model import Target
from fuzzing.recorded import contents
from leveldbs import opener
from loginfix.browsers.model import Engine
from loginfix.formats import (
    cache2,
    data_storage,
    json_text,
    mozlz4,
    os_crypt,
    page_state,
    protobuf,
    quota_metadata,
    service_workers,
    simple_cache,
    simple_cache_index,
    snss,
    ssl_tokens,
)
from loginfix.formats.block_cache.addresses import BlockCacheError
from loginfix.formats.block_cache.edit import finish, remove
from loginfix.formats.block_cache.unused import zero_unused
from loginfix.formats.chromium_pickle import PickleError, PickleReader, PickleWriter
from loginfix.formats.leveldb import read_database
from loginfix.formats.leveldb.batches import read_batch
from loginfix.formats.leveldb.compression import decompress
from loginfix.formats.leveldb.log import build_log, read_log
from loginfix.formats.leveldb.manifest import build_manifest, read_manifest
from loginfix.formats.leveldb.model import LevelDBError, parse_internal_key
from loginfix.formats.leveldb.table import read_table
from loginfix.tracing.layout import layout_of
from loginfix.tracing.readers.leveldb import table as search_table
from loginfix.tracing.source import Source
from test_formats_leveldb import GOLDEN, files_in

Read = TypeVar("Read")

CHROMIUM, FIREFOX = "chromium-156", "firefox-esr-153"
_KEY = bytes(range(16))


def targets() -> Iterator[Target]:
    """One for each kind of file, and for what is inside others."""
    yield from _caches()
    yield from _documents()
    yield from _leveldb()
    yield from _sessions()
    yield from _small()


def _caches() -> Iterator[Target]:
    def entry(read: Callable[[BinaryIO], object]) -> Callable[[bytes], object]:
        return lambda data: read(io.BytesIO(data))

    entries: dict[str, Callable[[BinaryIO], object]] = {
        "key": cache2.read_key,
        "metadata": cache2.read_metadata,
    }
    for part, read in entries.items():
        yield Target(
            f"cache2-{part}",
            entry(read),
            (cache2.Cache2Error,),
            lambda: contents(FIREFOX, "**/cache2/entries/*"),
        )
    refusals = (simple_cache.SimpleCacheError,)
    entries = {"key": simple_cache.read_key, "entry": simple_cache.parse_entry}
    for part, read in entries.items():
        yield Target(
            f"simple-cache-{part}",
            entry(read),
            refusals,
            lambda: contents(CHROMIUM, "**/Cache_Data/*_[0s]"),
        )
    yield Target(
        "simple-cache-index",
        lambda data: _same(
            simple_cache_index.parse_index,
            lambda index: simple_cache_index.parse_index(simple_cache_index.build_index(index)),
            data,
        ),
        refusals,
        lambda: contents(CHROMIUM, "**/index-dir/the-real-index"),
    )
    for name in ("index", "data_0", "data_1"):
        yield Target(
            f"block-cache-{name}",
            lambda data, name=name: _block_cache(name, data),  # type: ignore[misc]
            (BlockCacheError,),
            lambda name=name: [bytes(_block_files().contents[name])],  # type: ignore[misc]
        )


def _documents() -> Iterator[Target]:
    yield Target(
        "json-text",
        _json,
        (json_text.JsonError,),
        lambda: [
            b'{"a": [1, 2.0, "x", {"b": null}], "c\\u0041": "\\ud83d\\ude00" , "d":{}}',
            *contents(CHROMIUM, "**/Default/Preferences"),
            *contents(FIREFOX, "**/containers.json"),
        ],
    )
    yield Target(
        "service-workers",
        lambda data: _equal(service_workers.build(service_workers.parse(data)), data),
        (ValueError,),
        lambda: contents(FIREFOX, "**/serviceworker.txt"),
    )
    yield Target(
        "quota-metadata",
        quota_metadata.parse,
        (ValueError,),
        lambda: contents(FIREFOX, "**/.metadata-v2"),
    )
    for size in (2, 24):
        yield Target(
            f"data-storage-{size}",
            lambda data, size=size: list(data_storage.slots(data, size)),  # type: ignore[misc]
            (data_storage.DataStorageError,),
            lambda size=size: [  # type: ignore[misc]
                *contents(FIREFOX, "**/SiteSecurityServiceState.bin"),
                data_storage.build_slot(b"example.com", b"1" * size, value_size=size) * 3,
            ],
        )


def _leveldb() -> Iterator[Target]:
    refusals = (LevelDBError,)
    yield Target("leveldb-log", read_log, refusals, _logs)
    yield Target(
        "leveldb-batch",
        read_batch,
        refusals,
        lambda: [each for log in _logs() for each in read_log(log).records][:50],
    )
    yield Target(
        "leveldb-table",
        lambda data: [
            *read_table(io.BytesIO(data), bytewise=True),
            *read_table(io.BytesIO(data), bytewise=False),
        ],
        refusals,
        lambda: [next(data for name, data in _database().items() if name.endswith(".ldb"))],
    )
    yield Target(
        "leveldb-manifest",
        lambda data: build_manifest(read_manifest(data)),
        refusals,
        lambda: contents(CHROMIUM, "**/leveldb/MANIFEST-*"),
    )
    # Checksums keep most damage from what is inside: it gets its own turn.
    yield Target(
        "leveldb-edit",
        lambda data: read_manifest(build_log([data])),
        refusals,
        lambda: [
            each
            for manifest in contents(CHROMIUM, "**/leveldb/MANIFEST-*")
            for each in read_log(manifest).records
        ],
    )
    yield Target(
        "leveldb-table-searched",
        _search_table,
        (),
        lambda: [data for name, data in _database().items() if name.endswith(".ldb")],
    )
    yield Target("leveldb-key", parse_internal_key, refusals, lambda: [b"key" + bytes(8)])
    yield Target(
        "leveldb-block",
        lambda data: decompress(data[0] if data else 0, data[1:]),
        refusals,
        lambda: [b"\x01\x0a\x24abcdefghij", b"\x00abc"],
    )
    for name in ("CURRENT", "MANIFEST", ".ldb"):
        yield Target(
            f"leveldb-database-{name.strip('.').lower()}",
            lambda data, name=name: _with_file(name, data),  # type: ignore[misc]
            refusals,
            lambda name=name: [  # type: ignore[misc]
                data for file, data in _database().items() if name in file
            ],
        )


def _sessions() -> Iterator[Target]:
    yield Target(
        "snss",
        _snss,
        (snss.SnssError,),
        lambda: contents(CHROMIUM, "**/Sessions/*"),
    )
    yield Target(
        "pickle",
        _pickle,
        (PickleError,),
        lambda: [_pickled()],
    )
    yield Target(
        "page-state",
        _page_state,
        (),
        lambda: [
            b"\x18\0\0\0\x10\0\0\0https://a.example/?u=http://b.example/" + bytes(9),
            "\0https://a.example/ http://b.example:1/x".encode("utf-16-le"),
        ],
    )


def _small() -> Iterator[Target]:
    yield Target(
        "mozlz4",
        lambda data: _same(mozlz4.decode, lambda it: mozlz4.decode(mozlz4.encode(it)), data),
        (mozlz4.MozLz4Error,),
        lambda: [mozlz4.encode(b'{"a": 1}' * 50), *contents(FIREFOX, "**/*.jsonlz4")],
    )
    yield Target(
        "protobuf",
        _protobuf,
        (protobuf.ProtobufError,),
        lambda: [b"\x0a\x0bexample.com\x12\x06\x0a\x04a.co\x18\x96\x01\x25abcd\x29abcdefgh"],
    )
    yield Target(
        "ssl-tokens",
        ssl_tokens.decode,
        (ssl_tokens.SslTokensError,),
        lambda: contents(FIREFOX, "**/ssl_tokens_cache.bin") or [bytes(16)],
    )
    cbc = os_crypt.CbcCipher(b"v10", _KEY)
    gcm = os_crypt.GcmCipher(b"v10", _KEY * 2)
    yield Target("os-crypt-cbc", cbc.decrypt, (os_crypt.OSCryptError,), lambda: [cbc.encrypt(_KEY)])
    yield Target("os-crypt-gcm", gcm.decrypt, (os_crypt.OSCryptError,), lambda: [gcm.encrypt(_KEY)])


def _equal(found: object, expected: object) -> None:
    assert found == expected, "what was written again is something else"


def _same(read: Callable[[bytes], Read], again: Callable[[Read], Read], data: bytes) -> None:
    found = read(data)
    _equal(again(found), found)


def _json(data: bytes) -> None:
    text = json_text.read(data)
    json_text.parse(text)
    start = json_text.root(text)
    if text[start] not in "{[":
        return
    siblings = [*json_text.children(text, start)]
    gone = frozenset(each.start for each in siblings[len(text) % 2 :: 2])
    cuts = [*json_text.cuts(text, siblings, gone)]
    left = json_text.without(text, cuts)
    json_text.parse(left)
    _equal(json_text.put_back(left, cuts), text)


def _snss(data: bytes) -> None:
    log = snss.read_log(data)
    _equal(snss.build_log(log.version, log.records) + log.tail, data)
    for record in log.records:
        _equal(snss.command(record).to_bytes(), record)


def _pickle(data: bytes) -> None:
    reader = PickleReader(data)
    reader.int32()
    reader.int64()
    reader.string()
    reader.string16()
    reader.rest()


def _pickled() -> bytes:
    writer = PickleWriter()
    writer.int32(-1)
    writer.int64(1 << 40)
    writer.string(b"https://www.example.com/")
    writer.string16("title".encode("utf-16-le"))
    writer.raw(b"rest")
    return writer.to_bytes()


def _page_state(data: bytes) -> None:
    found = [each for each in page_state.urls(data) if page_state.is_whole_string(data, each)]
    blanked = page_state.blank(data, found)
    assert len(blanked) == len(data), "the state has another length"


def _protobuf(data: bytes) -> None:
    fields = protobuf.fields(data)
    assert all(0 <= each.start <= each.end <= len(data) for each in fields)
    total = sum(map(len, protobuf.strings(data)))
    # Each byte can be part of one string at each depth, and no more.
    assert total <= len(data) * 100
    _equal(protobuf.without(data, lambda _: False, drop="field"), data)
    protobuf.without(data, lambda text: b"a" in text, drop="message")


_FILES: list[Files] = []


def _block_files() -> Files:
    if not _FILES:
        _FILES.append(small_block_cache())
    return _FILES[0]


def _block_cache(name: str, data: bytes) -> None:
    files = Files({**_block_files().contents, name: bytearray(data)})
    cache = files.opened().cache
    remove(cache, addresses(cache)[::2])
    zero_unused(cache)
    finish(cache)


def _search_table(data: bytes) -> None:
    path = "Local Storage/leveldb/000005.ldb"
    source = Source(data, len(data), path, layout_of(Engine.CHROMIUM).rule(path))
    for piece in search_table(source):
        for position in range(0, len(piece.data), 100):
            piece.place(position)
            if piece.bounds:
                piece.bounds(position)


def _logs() -> list[bytes]:
    return contents(CHROMIUM, "**/leveldb/*.log", "**/*.leveldb/*.log")


@functools.cache
def _database() -> dict[str, bytes]:
    """A database with a table, a log and a manifest."""
    return files_in(GOLDEN)


def _with_file(part: str, data: bytes) -> None:
    files = _database()
    name = next(each for each in files if part in each)
    read_database(files, opener({**files, name: data})).check()
