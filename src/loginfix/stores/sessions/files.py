"""One session file of Chromium: found, read, decrypted, written anew."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from loginfix.files.reading import read_up_to
from loginfix.files.tree import Tree
from loginfix.formats import os_crypt
from loginfix.formats.os_crypt import Cipher, OSCryptError
from loginfix.formats.snss import (
    CURRENT,
    ENCRYPTED,
    MARKER,
    Command,
    Log,
    SnssError,
    build_log,
    command,
    read_log,
)
from loginfix.sites.site import Site
from loginfix.stores.sessions.closed_tabs import edit_closed_tabs
from loginfix.stores.sessions.edits import Edit
from loginfix.stores.sessions.keys import ciphers
from loginfix.stores.sessions.open_tabs import edit_open_tabs
from loginfix.stores.sessions.pages import mentioned
from loginfix.words import say

# components/sessions/core/session_constants.cc. The old names are those before Chromium 85.
CLEAR, SEALED = "Sessions", "Sessions_Encrypted"
_OLD_NAMES = ("Current Session", "Last Session", "Current Tabs", "Last Tabs")
_NAME = re.compile(r"(?P<kind>Session|Tabs|Apps)_(?P<time>[0-9]{1,19})")
_CLOSED_TABS = ("Tabs", "Current Tabs", "Last Tabs")
_MAX_FILE = 256 << 20


class LockedError(ValueError):
    """A file that is encrypted with a key that cannot be had."""


@dataclass(frozen=True, slots=True)
class Name:
    """Where a session file is: ``kind`` is the beginning of its name, ``time`` its age."""

    rel: str
    folder: str
    kind: str
    time: int

    @property
    def is_closed_tabs(self) -> bool:
        """Whether it holds recently closed tabs rather than open ones."""
        return self.kind in _CLOSED_TABS


def session_files(tree: Tree) -> Iterator[Name]:
    """The session files of a profile, the oldest of each folder first."""
    for folder in (CLEAR, SEALED):
        if tree.exists(folder):
            names = [
                Name(entry.path, folder, match["kind"], int(match["time"]))
                for entry in tree.list(folder)
                if (match := _NAME.fullmatch(entry.name))
            ]
            yield from sorted(names, key=lambda name: (name.time, name.kind))
    for name in _OLD_NAMES:
        if tree.exists(name):
            yield Name(name, "", name, 0)


def read_bytes(tree: Tree, rel: str) -> bytes:
    """The content of a file.

    Raises:
        SnssError: It is too large to be held in memory.
    """
    with tree.open(rel) as file:
        data = read_up_to(file, _MAX_FILE + 1)
    if len(data) > _MAX_FILE:
        raise SnssError(say("it is too large"))
    return data


@dataclass(frozen=True, slots=True)
class SessionFile:
    """A file that was read: its records, the commands that they are, and the key, if any."""

    name: Name
    log: Log
    commands: list[Command]
    cipher: Cipher | None
    size: int

    def edit(self, site: Site) -> Edit:
        """Work out the file without the site.

        Raises:
            UnknownCommandError: Something that is not understood names the site.
        """
        work_out = edit_closed_tabs if self.name.is_closed_tabs else edit_open_tabs
        return work_out(self.commands, site)

    def tail_names(self, site: Site) -> bool:
        """Whether the site is named in what a crash left at the end."""
        return self.cipher is None and mentioned(self.log.tail, site)

    def without(self, edit: Edit) -> bytes:
        """The file after an edit; records that stay are the same bytes."""
        records = [
            self.log.records[position] if new is None else self._record(new)
            for position, new in edit.result()
        ]
        return build_log(self.log.version, records)

    def with_more(self, commands: list[Command]) -> bytes:
        """The file with commands appended."""
        more = [self._record(each) for each in commands]
        return build_log(self.log.version, [*self.log.records, *more])

    def emptied(self) -> "SessionFile":
        """A file of the same kind that holds nothing but the browser's sign that it is whole."""
        marker = Command(MARKER, b"")
        log = Log(self.log.version, [self._record(marker)], b"")
        return replace(self, log=log, commands=[marker])

    def _record(self, new: Command) -> bytes:
        content = new.to_bytes()
        return self.cipher.encrypt(content) if self.cipher else content


def empty_file(name: Name) -> SessionFile:
    """A file for a folder that has none to go by."""
    return SessionFile(name, Log(CURRENT, [], b""), [], None, 0).emptied()


def read_file(name: Name, data: bytes, profile: Path) -> SessionFile:
    """Read a session file of the profile in this directory.

    Raises:
        SnssError: It is not one, or damaged.
        LockedError: Its key cannot be had.
    """
    log = read_log(data)
    if log.version != ENCRYPTED:
        commands = [command(record) for record in log.records]
        return SessionFile(name, log, commands, None, len(data))
    prefix = log.records[0][: os_crypt.PREFIX_SIZE] if log.records else b""
    for cipher in ciphers(prefix, profile):
        try:
            commands = [command(cipher.decrypt(record)) for record in log.records]
            return SessionFile(name, log, commands, cipher, len(data))
        except (OSCryptError, SnssError):
            continue
    if not log.records:
        return SessionFile(name, log, [], None, len(data))
    raise LockedError(say("it is encrypted with a key that cannot be had"))


def are_twins(clear: Log, sealed: Log) -> bool:
    """Whether an encrypted file says the same as a clear one, as far as that can be told.

    Chromium writes each command to both. Both ciphers tell the length of what they hide, AES-CBC
    rounded up.
    """
    return len(clear.records) == len(sealed.records) and all(
        len(secret) in (os_crypt.cbc_size(len(record)), len(record) + os_crypt.GCM_OVERHEAD)
        for record, secret in zip(clear.records, sealed.records, strict=True)
    )
