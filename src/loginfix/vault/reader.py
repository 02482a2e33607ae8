"""Reading a backup, of which not a byte changes."""

import sqlite3
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from loginfix.errors import Problem
from loginfix.progress import Progress, silent
from loginfix.stores.model import Root
from loginfix.vault import database
from loginfix.vault.checksum import checksum_line, checksum_path
from loginfix.vault.cover import KEY_CHECK, Decrypting, Locked, PlainReading, Reading
from loginfix.vault.errors import (
    BackupTooNewError,
    ContentError,
    WrongIdentityError,
    damaged,
    reading,
    unreadable,
)
from loginfix.vault.model import Manifest, ProfileRecord, StoreRecord, StoreSummary
from loginfix.vault.paths import check_relative
from loginfix.vault.saved import SavedPart
from loginfix.vault.verify import check_content
from loginfix.words import say

# The line with its checksum of 64 digits and a file name of at most 255 characters.
_LONGEST_CHECKSUM_LINE = 1024


class Backup:
    """An open backup; a context manager, made by ``open``."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._cover: Reading = PlainReading()

    @classmethod
    def open(cls, path: Path, keys: Decrypting | None = None) -> Self:
        """Open a sealed backup and read its manifest; its content is not checked yet.

        Without its secret key among ``keys``, the content of an encrypted backup cannot be read:
        asking for it is a ``BackupEncryptedError``.

        Raises:
            WrongIdentityError: It is encrypted, and ``keys`` do not open it.
            BackupUnreadableError: The file cannot be opened.
            BackupTooNewError: A newer loginfix wrote it.
            BackupDamagedError: It is not a sealed backup of ours.
        """
        try:
            # Opening anything but a plain file could wait for ever.
            if not path.is_file():
                path.stat()
                raise damaged(path, say("it is not a file"))
            path.open("rb").close()
        except OSError as error:
            raise unreadable(path, error) from error
        with reading(path):
            backup = cls(path, database.open_unchanged(path))
        try:
            backup._check_kind()
            backup._uncover(keys)
        except BaseException:
            backup.close()
            raise
        return backup

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return self.path.stat().st_size

    @cached_property
    def manifest(self) -> Manifest:
        """What the backup says of itself."""
        with reading(self.path):
            return Manifest.from_entries(self._entries)

    @cached_property
    def profiles(self) -> Mapping[int, ProfileRecord]:
        """The profiles, by their numbers within the backup.

        Raises:
            BackupDamagedError: They cannot be read.
        """
        with reading(self.path):
            found = self._connection.execute(
                "SELECT id, brand, brand_name, engine, directory, name, path, cache_path,"
                " user_data FROM profiles ORDER BY id"
            ).fetchall()
            return {key: ProfileRecord(*map(_text, fields)) for key, *fields in found}

    @cached_property
    def stores(self) -> tuple[StoreSummary, ...]:
        """What is held of each store, in the order they were handed in.

        Raises:
            BackupDamagedError: It cannot be read, or a path leads out of the profile.
        """
        with reading(self.path):
            found = self._connection.execute(
                "SELECT id, profile, store, title, category, root, rel FROM stores ORDER BY id"
            ).fetchall()
            rows = self._count_rows()
            files = self._count_files()
            return tuple(
                StoreSummary(
                    key,
                    profile,
                    _store_record(*map(_text, fields)),
                    rows.get(key, {}),
                    *files.get(key, (0, 0)),
                )
                for key, profile, *fields in found
            )

    def saved(self, key: int) -> SavedPart:
        """What is held of the store with this ``key`` in ``stores``, as a ``SavedStore``."""
        return SavedPart(self._connection, self.path, key, self._cover)

    def require_keys(self) -> None:
        """Make sure that the content can be read.

        Raises:
            BackupEncryptedError: It is encrypted, and the backup was opened without keys.
        """
        if isinstance(self._cover, Locked):
            raise self._cover.refusal()

    def check(self, progress: Progress = silent) -> None:
        """Check every record and every byte of every file, but not the checksum file.

        Of an encrypted backup that was opened without its key, all of it as it is stored.

        Raises:
            BackupDamagedError: Something is missing, has changed, or was added.
        """
        with reading(self.path):
            check_content(self._connection, self._cover, self._entries, progress)
        # Reading these checks the paths in them.
        _ = self.stores, self.profiles

    def verify(self, progress: Progress = silent) -> tuple[Problem, ...]:
        """Check every byte; give a warning if the checksum file is missing.

        Without it, damage to bytes that hold nothing of the backup goes unnoticed.

        Raises:
            BackupDamagedError: The backup or its checksum file is not as it was written.
            BackupUnreadableError: The checksum file cannot be read.
        """
        self.check(progress)
        beside = checksum_path(self.path)
        try:
            with beside.open("rb") as file:
                found = file.read(_LONGEST_CHECKSUM_LINE)
            expected = checksum_line(self.path, self.path.name)
        except FileNotFoundError:
            return (_no_checksum(beside),)
        except OSError as error:
            raise unreadable(beside, error) from error
        if found != expected:
            mismatch = damaged(
                self.path, say("it does not match its checksum file {name}", name=beside.name)
            )
            mismatch.next_step += say(
                " Every record in it is whole, though: to use it all the same, delete {beside}.",
                beside=beside,
            )
            raise mismatch
        return ()

    @cached_property
    def _entries(self) -> dict[str, str]:
        found = self._connection.execute("SELECT key, value FROM manifest").fetchall()
        return {_text(key): _text(value) for key, value in found}

    def _check_kind(self) -> None:
        with reading(self.path):
            application, version = (
                self._connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("application_id", "user_version")
            )
            if application != database.APPLICATION_ID:
                raise ContentError(say("it is not a backup of loginfix"))
            # Every version has this table, so that one flipped bit does not pass for news.
            if self._entries.get("format") != str(version):
                raise ContentError(say("it contradicts itself about its format"))
            if version > database.ENCRYPTED_FORMAT_VERSION:
                raise BackupTooNewError(
                    say(
                        "The backup {path} is in format {version}; this loginfix knows"
                        " format {format_version}.",
                        path=self.path,
                        version=version,
                        format_version=database.ENCRYPTED_FORMAT_VERSION,
                    ),
                    next_step=say("Update loginfix, then run this again."),
                    path=self.path,
                )
            database.check_schema(self._connection)
            if self._entries.get("state") != "sealed":
                raise ContentError(say("it was never finished"))
            if version != database.format_version(encrypted=bool(self.manifest.recipients)):
                raise ContentError(say("it contradicts itself about whether it is encrypted"))

    def _uncover(self, keys: Decrypting | None) -> None:
        if not self.manifest.recipients:
            return
        self._cover = keys or Locked(self.path, self.manifest.recipients)
        if keys is None:
            return
        try:
            found = keys.text(self._entries.get(KEY_CHECK, ""))
        except ContentError as error:
            raise WrongIdentityError(
                say(
                    "No secret key given opens the backup {path}. It is encrypted to {recipients}.",
                    path=self.path,
                    recipients=", ".join(self.manifest.recipients),
                ),
                next_step=say("Name the file with the secret key of one: --identity FILE."),
                path=self.path,
            ) from error
        if found != self.manifest.id:
            raise damaged(self.path, say("it has the encrypted id of another"))

    def _count_rows(self) -> dict[int, dict[str, int]]:
        counts: dict[int, dict[str, int]] = {}
        for store, table, count in self._connection.execute(
            "SELECT store, table_name, count(*) FROM rows GROUP BY store, table_name"
        ):
            counts.setdefault(store, {})[_text(table)] = count
        return counts

    def _count_files(self) -> dict[int, tuple[int, int]]:
        return {
            store: (count, size)
            for store, count, size in self._connection.execute(
                "SELECT store, count(*), sum(size) FROM files GROUP BY store"
            )
        }


def _store_record(store: str, title: str, category: str, root: str, rel: str) -> StoreRecord:
    if root not in set(Root):
        raise ContentError(say("it names the unknown place {root!a}", root=root))
    return StoreRecord(store, title, category, Root(root), check_relative(rel))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ContentError(say("it holds something else where text has to be"))
    return value


def _no_checksum(beside: Path) -> Problem:
    return Problem(
        "checksum-missing",
        say(
            "The checksum file {beside} is missing; every record of the backup was checked and is"
            " whole.",
            beside=beside,
        ),
        say("Nothing needs to be done."),
        beside,
    )
