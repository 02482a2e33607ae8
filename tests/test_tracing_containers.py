"""What raw bytes would hide is found, and hostile data neither ends nor fills anything."""

import gzip
import os
import random
import resource
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import cramjam
import pytest

from loginfix.browsers.model import Engine
from loginfix.formats import cache2, simple_cache
from loginfix.formats.leveldb.log import build_log
from loginfix.formats.leveldb.model import Version
from loginfix.formats.leveldb.table import build_table
from loginfix.tracing.model import Verdict
from loginfix.tracing.readers import compressed
from traced import Made, hits, verdicts

TEXT = b"x" * 40 + b"https://www.amazon.co.jp/gp/buy" + b"y" * 40
NOISE = random.Random(7).randbytes(5000)  # noqa: S311  no secret


def snappy_frames(data: bytes) -> bytes:
    return bytes(cramjam.snappy.compress(data))


def moz_lz4(data: bytes) -> bytes:
    block = bytes(cramjam.lz4.compress_block(data, store_size=False))
    return b"mozLz40\0" + len(data).to_bytes(4, "little") + block


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "zstd": lambda data: bytes(cramjam.zstd.compress(data)),
    "lz4": lambda data: bytes(cramjam.lz4.compress(data)),
    "snappy": snappy_frames,
    "mozlz4": moz_lz4,
}


@pytest.mark.parametrize("kind", PACKED)
def test_a_packed_file_is_searched_unpacked(kind: str, tmp_path: Path) -> None:
    # Repeated text is where a packer leaves nothing readable behind.
    text = b"https://www.amazon.c azon.co.jp/gp " * 50 + TEXT
    made = Made(tmp_path)
    made.put("Some/file", PACKED[kind](text))
    assert "www.amazon.co.jp" in {hit.host for hit in hits(made.trace()) if hit.inside}


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd"])
def test_a_packed_body_in_the_web_cache_is_searched_unpacked(coding: str, tmp_path: Path) -> None:
    pack: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "br": lambda data: bytes(cramjam.brotli.compress(data)),
        "deflate": lambda data: zlib.compress(data)[2:-4],
        "zstd": lambda data: bytes(cramjam.zstd.compress(data)),
    }
    key = b"1/0/_dk_https://example.com https://example.com https://www.example.com/"
    body = pack[coding](b"<p>" + TEXT * 30)
    head = bytes.fromhex("305c72a71b6dfbfc05000000") + len(key).to_bytes(4, "little") + bytes(8)
    made = Made(tmp_path)
    headers = b"HTTP/1.1 200\0Content-Encoding: " + coding.encode() + b"\0\0"
    made.put("Cache/Cache_Data/0123456789abcdef_0", head + key + body + bytes(24) + headers)
    trace = made.trace()
    assert trace.leftovers == ()
    assert coding in {hit.inside for hit in hits(trace, Verdict.MENTION)}


LONG = bytes(100_000)  # certificates, or what else may follow headers


@pytest.mark.parametrize("behind", [b"", LONG])
def test_a_packed_body_is_unpacked_wherever_its_headers_are(behind: bytes, tmp_path: Path) -> None:
    made = Made(tmp_path)
    headers = b"HTTP/1.1 200\0content-encoding: br\0\0" + behind
    body = bytes(cramjam.brotli.compress(b"<p>" + TEXT * 30))
    entry = simple_cache.build_entry(b"1/0/https://www.example.com/", headers, body)
    path = made.put("Cache/Cache_Data/0123456789abcdef_0", entry)
    assert "br" in {hit.inside for hit in hits(made.trace(), Verdict.MENTION)}
    cut = path.read_bytes()[: -len(behind) - 20]
    path.write_bytes(cut)  # an end that was never written
    assert "br" in {hit.inside for hit in hits(made.trace(), Verdict.MENTION)}


def test_a_packed_body_in_firefoxs_cache_is_unpacked_wherever_its_headers_are(
    tmp_path: Path,
) -> None:
    made = Made(tmp_path, Engine.FIREFOX)
    key = b":https://www.example.com/"
    headers = {"response-head": b"HTTP/2 200\r\ncontent-encoding: br\r\n", "more": b"m" * 60_000}
    body = bytes(cramjam.brotli.compress(b"<p>" + TEXT * 30))
    made.put(f"cache2/entries/{cache2.entry_name(key)}", cache2.build_entry(key, body, headers))
    assert "br" in {hit.inside for hit in hits(made.trace(), Verdict.MENTION)}


def test_a_value_that_overflows_is_searched_whole(tmp_path: Path) -> None:
    made = Made(tmp_path)
    path = made.database("Other", "CREATE TABLE t (v TEXT)", page_size=512)
    text = "ab " * 66 + "www.amazon.co.jp" + " cd" * 2000
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany("INSERT INTO t VALUES (?)", [(text + "-" * n,) for n in range(512)])
    raw = path.read_bytes()
    cut = 512 - raw.count(b"www.amazon.co.jp")
    assert cut > 10
    trace = made.trace()
    assert trace.count(Verdict.LEFTOVER) == 512
    for hit in hits(trace):
        assert hit.offset is not None
        assert raw[hit.offset : hit.offset + 3] == b"www"[: len(raw[hit.offset : hit.offset + 3])]


def test_a_deleted_row_that_is_still_in_the_file_is_a_leftover(tmp_path: Path) -> None:
    made = Made(tmp_path)
    path = made.database(
        "Other",
        "CREATE TABLE t (v TEXT)",
        "INSERT INTO t VALUES ('https://www.example.org/')",
        "INSERT INTO t VALUES ('https://www.amazon.co.jp/')",
        "DELETE FROM t WHERE v LIKE '%amazon%'",
    )
    offset = path.read_bytes().index(b"www.amazon.co.jp")
    assert [hit.offset for hit in hits(made.trace())] == [offset]


def test_fields_side_by_side_do_not_hide_a_name_or_make_one(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.database(
        "Other",
        "CREATE TABLE t (before TEXT, host TEXT, behind TEXT)",
        "INSERT INTO t VALUES ('x', 'amazon.com', '.evil.example')",
        "INSERT INTO t VALUES ('not', 'amazon.com', 'x')",
        "INSERT INTO t VALUES ('x', 'notamazon.com', 'x')",
        "INSERT INTO t VALUES ('amazon', '.com', 'x')",
    )
    assert made.trace().count(Verdict.LEFTOVER) == 2


def test_the_log_of_a_database_is_searched(tmp_path: Path) -> None:
    made = Made(tmp_path)
    path = made.database("Other", "PRAGMA journal_mode = WAL", "CREATE TABLE t (v TEXT)")
    with closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO t VALUES ('https://www.amazon.co.jp/')")
        database.commit()
        before = path.read_bytes()
        trace = made.trace()
        assert path.read_bytes() == before
    assert verdicts(trace) == {"Other-wal": {Verdict.LEFTOVER}}


def table(pairs: list[tuple[bytes, bytes]]) -> bytes:
    made = [Version(key, number, value) for number, (key, value) in enumerate(sorted(pairs), 1)]
    return build_table(made).data


def test_a_key_that_shares_its_beginning_is_found_in_a_table(tmp_path: Path) -> None:
    made = Made(tmp_path)
    pairs = [(b"_https://www.amazon.co.jp\0%04d" % n, NOISE[n : n + 99]) for n in range(300)]
    data = table([*pairs, (b"_https://www.example.com\0k", b"www.amazon.com")])
    made.put("Local Storage/leveldb/000005.ldb", data)
    assert data.count(b"amazon") < 100
    trace = made.trace()
    assert trace.count(Verdict.LEFTOVER) >= 300
    assert trace.count(Verdict.MENTION) == 1


def test_a_record_that_is_cut_between_blocks_is_found_in_a_log(tmp_path: Path) -> None:
    made = Made(tmp_path)
    key, name = b"_https://www.example.com\0k", b"www.amazon.co.jp"
    value = b"-" * (32768 - 7 - 12 - 1 - 1 - len(key) - 3 - 5) + name + b"-" * 100
    batch = bytes(8) + b"\1\0\0\0" + b"\1" + bytes([len(key)]) + key + varint(len(value)) + value
    log = build_log([batch])
    assert name not in log
    made.put("Local Storage/leveldb/000003.log", log)
    (hit,) = hits(made.trace(), Verdict.MENTION)
    assert hit.offset is not None
    assert log[hit.offset : hit.offset + 3] == b"www"


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def test_a_deletion_in_a_log_still_names_the_site(tmp_path: Path) -> None:
    made = Made(tmp_path)
    key = b"_https://www.amazon.co.jp\0k"
    made.put(
        "Local Storage/leveldb/000003.log",
        build_log([bytes(8) + b"\1\0\0\0" + b"\0" + bytes([len(key)]) + key]),
    )
    assert len(hits(made.trace())) == 1


@pytest.mark.parametrize("kind", ["", "WITHOUT ROWID"])
def test_a_value_that_firefox_packed_is_searched(kind: str, tmp_path: Path) -> None:
    made = Made(tmp_path, Engine.FIREFOX)
    path = made.database(
        "storage/default/https+++www.example.com/idb/1x.sqlite",
        f"CREATE TABLE object_data (data BLOB PRIMARY KEY) {kind}",
    )
    packed = bytes(cramjam.snappy.compress_raw(b"www.amazon.co.j zon.co.jp " * 20 + TEXT))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO object_data VALUES (?)", (packed,))
    trace = made.trace()
    assert "snappy block" in {hit.inside for hit in hits(trace, Verdict.MENTION)}
    assert trace.leftovers == ()


BOMBS = {
    "gzip": lambda: gzip.compress(bytes(300 << 20)),
    "zlib": lambda: zlib.compress(bytes(300 << 20)),
    "zstd": lambda: bytes(cramjam.zstd.compress(bytes(300 << 20))),
    "br": lambda: bytes(cramjam.brotli.compress(bytes(200 << 20), level=1)),
    "mozlz4": lambda: b"mozLz40\0\xff\xff\xff\xff" + bytes(100),
    "snappy block": lambda: b"\xff\xff\xff\xff\x0f" + bytes(100),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_expanded_only_so_far(kind: str) -> None:
    bomb = BOMBS[kind]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    data = bomb[8:] if kind == "mozlz4" else bomb
    if kind in ("mozlz4", "snappy block"):
        with pytest.raises(ValueError, match="bytes"):
            compressed.expand(kind, data)
    else:
        expanded, is_all = compressed.expand(kind, data, 1 << 20)
        assert len(expanded) == 1 << 20
        assert not is_all
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 << 10  # KiB


def test_what_is_searched_only_in_part_is_named(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.put("Some/bomb", gzip.compress(TEXT + bytes(compressed.MOST_EXPANDED)))
    trace = made.trace()
    assert [hit.inside for hit in hits(trace)] == ["gzip"]
    (problem,) = trace.problems
    assert problem.code == "searched-partly"


@pytest.mark.parametrize("seed", range(6))
def test_damaged_containers_are_still_searched(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311
    made = Made(tmp_path)
    database = made.database(
        "first",
        "CREATE TABLE t (v TEXT PRIMARY KEY)",
        *(f"INSERT INTO t VALUES ('https://www.amazon.co.jp/{n}')" for n in range(200)),
        page_size=512,
    ).read_bytes()
    sound = {
        "database": database,
        "table.ldb": table([(b"_https://www.amazon.co.jp\0%d" % n, TEXT) for n in range(200)]),
        "x.log": build_log([bytes(8) + b"\1\0\0\0\1\3abc\x7f" + TEXT.ljust(127)] * 20),
        "session.jsonlz4": moz_lz4(b'{"url":"https://www.amazon.co.jp/"}' * 40),
        "session": b"SNSS\3\0\0\0" + (b"\x20\0\6" + TEXT[40:71]) * 20,
        "state.json": b'{"a":[{"url":"https://www.amazon.co.jp/"}]}' * 30,
    }
    for name, data in sound.items():
        for number in range(8):
            damaged = bytearray(data)
            for _ in range(chance.randint(1, 30)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            made.put(f"{number}/{name}", bytes(damaged[: chance.randint(1, len(damaged))]))
    trace = made.trace()
    assert trace.searched == 49
    assert trace.leftovers


def test_pointers_in_circles_end(tmp_path: Path) -> None:
    made = Made(tmp_path)
    path = made.database(
        "circle",
        "CREATE TABLE t (v TEXT)",
        *(f"INSERT INTO t VALUES ('{'x' * 3000} https://www.amazon.co.jp/{n}')" for n in range(40)),
        page_size=512,
    )
    data = bytearray(path.read_bytes())
    for start in range(512, len(data), 512):
        data[start : start + 4] = (2).to_bytes(4, "big")  # every overflow page leads to page 2
    path.write_bytes(data)
    made.put("Cache/Cache_Data/index", bytes.fromhex("c3ca03c1") + bytes(364) + b"\0\0\0\xa0" * 9)
    made.put("Cache/Cache_Data/data_0", bytes(9000))
    made.put("Cache/Cache_Data/data_1", bytes(8192) + b"\0\0\0\xa0" * 64)
    assert made.trace().searched == 4


def test_deep_json_and_deep_folders_end(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.put("deep.json", b"[" * 200_000 + b'"https://www.amazon.co.jp/"')
    folder = made.profile.path
    folder.mkdir(parents=True, exist_ok=True)
    before = Path.cwd()
    os.chdir(folder)
    try:
        for _ in range(300):
            Path("d" * 40).mkdir()
            os.chdir("d" * 40)
        Path("amazon.com").write_bytes(b"")
    finally:
        os.chdir(before)
    trace = made.trace()
    assert trace.count(Verdict.LEFTOVER) == 1
    assert [problem.code for problem in trace.problems] == ["unsafe-path"]
    assert "too many folders" in trace.problems[0].message
