"""One session file of Firefox: found, read, written anew."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loginfix.files.reading import read_up_to
from loginfix.files.tree import Tree
from loginfix.formats import mozlz4
from loginfix.stores.sessions.json_page import Json
from loginfix.words import say

_NAMES = ("sessionstore.jsonlz4", "sessionstore.js", "sessionstore.bak", "zen-sessions.jsonlz4")
_FOLDERS = ("sessionstore-backups", "zen-sessions-backup")
# SessionFile.sys.mjs; what is made at an upgrade has the build's number behind it.
_IN_FOLDER = re.compile(r".+\.(?:jsonlz4|baklz4|js|bak)(?:-[0-9A-Za-z.-]+)?")
# What Firefox reads when it starts, the first that is there.
READ_FIRST = (
    "sessionstore.jsonlz4",
    "sessionstore-backups/recovery.jsonlz4",
    "sessionstore-backups/recovery.baklz4",
    "sessionstore.js",
    "sessionstore-backups/recovery.js",
    "sessionstore-backups/recovery.bak",
)


@dataclass(frozen=True, slots=True)
class StateFile:
    """A file that was read, and whether it is compressed."""

    rel: str
    state: Json
    is_compressed: bool

    def content(self, state: Json) -> bytes:
        """The file with another state."""
        try:
            text = json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can hold
            text = json.dumps(state, separators=(",", ":")).encode()
        return mozlz4.encode(text) if self.is_compressed else text


def state_files(tree: Tree) -> Iterator[str]:
    """The session files of a profile."""
    yield from (name for name in _NAMES if tree.exists(name))
    for folder in _FOLDERS:
        if tree.exists(folder):
            for entry in tree.list(folder):
                if not entry.is_dir() and _IN_FOLDER.fullmatch(entry.name):
                    yield entry.path


def read_state(rel: str, data: bytes) -> StateFile:
    """Read a session file.

    Raises:
        ValueError: It is damaged, or not what such a file holds.
    """
    is_compressed = data.startswith(mozlz4.MAGIC)
    content = mozlz4.decode(data) if is_compressed else data
    try:
        state: Any = json.loads(content)
    except RecursionError as error:
        raise ValueError(say("it is nested too deeply")) from error
    if not isinstance(state, dict):
        raise ValueError(say("it does not hold a session"))  # noqa: TRY004  of the file, not of a caller
    return StateFile(rel, state, is_compressed)


def read_bytes(tree: Tree, rel: str) -> bytes:
    """The content of a file.

    Raises:
        ValueError: It is too large to be held in memory.
    """
    with tree.open(rel) as file:
        data = read_up_to(file, mozlz4.MAX_CONTENT + 1)
    if len(data) > mozlz4.MAX_CONTENT:
        raise ValueError(say("it is too large"))
    return data
