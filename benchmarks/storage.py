"""What pages keep, in large: local storage, IndexedDB, and Firefox's quota storage."""

import shutil
import struct
from pathlib import Path

import synthetic
from benchmarks.content import Content
from loginfix.formats.leveldb import build
from recorder.recordings import unpack

_RECORDS_AN_ORIGIN = 50
_MEAN_VALUE = 1_500
_FILES_AN_ORIGIN = 3
_MEAN_FILE = 8_000


def local_storage(home: Path, records: int) -> Path:
    """Chromium with so many items in local storage, 2 kB each; gives the profile."""
    content = Content()
    profile = synthetic.chromium(home).path
    pairs = {b"VERSION": b"1"}
    for origin in range(records // _RECORDS_AN_ORIGIN):
        key = f"https://{content.host(origin)}:{1024 + origin}".encode()
        pairs[b"META:" + key] = b"\x08\x80\x80\x80\x80\x80\x80\x80\x17\x10\x20"
        for number in range(_RECORDS_AN_ORIGIN):
            item = f"{content.token(8)}-{number}".encode()
            pairs[b"_" + key + b"\0\x01" + item] = b"\x01" + content.body(_MEAN_VALUE)
    directory = profile / "Local Storage/leveldb"
    directory.mkdir(parents=True)
    for name, data in build(sorted(pairs.items()), last_sequence=0, next_file_number=1):
        directory.joinpath(name).write_bytes(data)
    return profile


def indexed_databases(home: Path, origins: int) -> Path:
    """Chromium with a database of each of so many origins; gives the profile."""
    content = Content()
    profile = synthetic.chromium(home).path
    pairs = [(b"\0\0\0\0" + content.token(8).encode(), content.body(_MEAN_FILE)) for _ in range(4)]
    files = list(build(sorted(pairs), last_sequence=0, next_file_number=1))
    for origin in range(origins):
        name = f"https_{content.host(origin)}_{1024 + origin}.indexeddb.leveldb"
        directory = profile / "IndexedDB" / name
        directory.mkdir(parents=True)
        for file_name, data in files:
            directory.joinpath(file_name).write_bytes(data)
    return profile


def quota(home: Path, origins: int) -> Path:
    """Firefox with a directory of each of so many origins; gives the profile."""
    content = Content()
    recorded = unpack("firefox-esr-153", home.parent / f"{home.name}-recorded").profile
    profile = synthetic.firefox(home).path
    shutil.copy2(recorded / "storage.sqlite", profile)
    for origin in range(origins):
        host, port = content.host(origin), 1024 + origin
        directory = profile / f"storage/default/https+++{host}+{port}"
        (directory / "ls").mkdir(parents=True)
        directory.joinpath(".metadata-v2").write_bytes(_metadata(f"https://{host}:{port}"))
        for number in range(_FILES_AN_ORIGIN):
            directory.joinpath(f"ls/{number}.bin").write_bytes(content.body(_MEAN_FILE))
    return profile


def _metadata(origin: str) -> bytes:
    texts = ("", origin, origin)
    head = struct.pack(">QBII", 1_795_494_844_800_407, 0, 0, 0)
    return head + b"".join(struct.pack(">I", len(text)) + text.encode() for text in texts)
