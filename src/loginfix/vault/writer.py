"""Writing a backup: under another name until all of it has been read back."""

import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, Literal, Self

from loginfix.files import durable
from loginfix.files.exact import require_size
from loginfix.progress import Doing, Progress, silent
from loginfix.stores.model import Row, Value
from loginfix.vault import chunks, database
from loginfix.vault.checksum import checksum_line, checksum_path
from loginfix.vault.cover import KEY_CHECK, Writing, covering
from loginfix.vault.draft import Draft
from loginfix.vault.errors import ContentError, failed
from loginfix.vault.model import Manifest, ProfileRecord, StoreRecord
from loginfix.vault.paths import check_relative
from loginfix.vault.reader import Backup
from loginfix.vault.values import encode_row, row_sha256
from loginfix.words import say

SUFFIX = ".loginfix"
PART_SUFFIX = ".part"


class BackupWriter:
    """A backup in the making; leaving its ``with`` block unsealed discards it.

    The first failure is final: whatever follows fails the same way.
    """

    def __init__(self, directory: Path, manifest: Manifest) -> None:
        """Start ``<id>.loginfix.part`` in ``directory``, which is made private.

        Raises:
            BackupFailedError: It cannot be written, or the id is taken.
            BadRecipientError: One of the manifest's recipients is no public key.
            EncryptionMissingError: There are recipients, and ``pyrage`` is not installed.
        """
        self._cover = covering(manifest.recipients)
        self.path = directory / (manifest.id + SUFFIX)
        self._draft = Draft(self.path.with_name(self.path.name + PART_SUFFIX), self.path)
        self._made: list[Path] = []
        try:
            with self._draft.safely():
                durable.private_directory(directory)
                self._claim()
            version = database.format_version(encrypted=bool(manifest.recipients))
            self._draft.create(version)
            entries = {"format": str(version), "state": "open"}
            if manifest.recipients:
                entries[KEY_CHECK] = self._cover.text(manifest.id)
            for key, value in (entries | manifest.entries()).items():
                self._draft.insert("manifest", {"key": key, "value": value})
        except BaseException:
            self.discard()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.discard()

    def add_profile(self, profile: ProfileRecord) -> int:
        """Keep what a profile was and give its number, for ``add_store``.

        Raises:
            BackupFailedError: It cannot be written.
        """
        return self._draft.insert("profiles", asdict(profile))

    def add_store(self, profile: int, store: StoreRecord) -> "StoreWriter":
        """Start a store of the profile numbered ``profile``.

        Raises:
            BackupFailedError: It cannot be written, or the store's path is not a relative one.
        """
        rel = _checked(self.path, store.rel)
        values = {"profile": profile, **asdict(store), "rel": rel}
        return StoreWriter(self._draft, self._draft.insert("stores", values), self._cover)

    @property
    def is_empty(self) -> bool:
        """Whether no store has handed in a row or a file."""
        return not self._draft.execute("SELECT 1 FROM rows UNION ALL SELECT 1 FROM files LIMIT 1")

    def seal(self, progress: Progress = silent) -> Path:
        """Finish the backup, read all of it back from the disk, and give it its name.

        Only when this has returned may anything be removed from a profile.

        Raises:
            BackupFailedError: It is not safely on the disk as it was handed in.
        """
        progress(Doing(say("Finishing the backup")))
        draft = self._draft
        draft.execute("UPDATE manifest SET value = 'sealed' WHERE key = 'state'")
        draft.insert("manifest", {"key": "digest", "value": draft.digest()})
        draft.execute("COMMIT")
        with draft.safely():
            draft.close()
            durable.sync_file(draft.path)
            line = checksum_line(draft.path, self.path.name)
            with Backup.open(draft.path) as written:
                written.check(progress)
            self._publish(line)
        return self.path

    def discard(self) -> None:
        """Take everything away that was written; nothing happens to a sealed backup."""
        self._draft.close()
        while self._made:
            # What cannot be deleted now is a leftover, and deleted as such.
            with suppress(OSError):
                self._made.pop().unlink()

    def _claim(self) -> None:
        for name in (self.path, checksum_path(self.path)):
            _refuse_existing(name)
        self._create(self._draft.path, b"")

    def _create(self, path: Path, content: bytes) -> None:
        with open(path, "xb", opener=durable.create_private) as file:
            self._made.append(path)
            file.write(content)
        require_size(path, len(content))
        durable.sync_file(path)

    def _publish(self, checksum: bytes) -> None:
        # The checksum first: a backup never stands without it, whenever we are killed.
        self._create(checksum_path(self.path), checksum)
        _refuse_existing(self.path)
        self._made[0] = self._draft.path.rename(self.path)
        durable.sync_directory(self.path.parent)
        self._made.clear()


class StoreWriter:
    """One store's part of a backup in the making; a ``BackupSink``."""

    def __init__(self, draft: Draft, key: int, cover: Writing) -> None:
        self._draft = draft
        self._key = key
        self._cover = cover

    def note(self, key: str, value: str) -> None:
        """Keep a fact that restoring will need; the last value of a key stays.

        Raises:
            BackupFailedError: It cannot be written.
        """
        with self._draft.all_or_nothing():
            self._draft.execute(
                "DELETE FROM notes WHERE store = ? AND key = CAST(? AS TEXT)",
                self._key,
                database.as_bytes(key),
            )
            self._draft.insert(
                "notes", {"store": self._key, "key": key, "value": self._cover.text(value)}
            )

    def row(
        self,
        table: str,
        change: Literal["deleted", "updated"],
        before: Row,
        after: Row | None = None,
    ) -> None:
        """Keep a row as it was and, for an updated one, as it became.

        Raises:
            BackupFailedError: It cannot be written.
        """
        old = self._cover.text(encode_row(before))
        new = None if after is None else self._cover.text(encode_row(after))
        self._draft.insert(
            "rows",
            {
                "store": self._key,
                "table_name": table,
                "change": change,
                "before": old,
                "after": new,
                "sha256": row_sha256(table, change, old, new),
            },
        )

    def file(self, rel: str, source: BinaryIO, *, mode: int, mtime_ns: int) -> None:
        """Keep a whole file, read from ``source`` piece by piece.

        Args:
            rel: Its path, relative to the store's root.
            source: Its content.
            mode: Its permission bits; others are dropped.
            mtime_ns: When it was last written, in nanoseconds since 1970.

        Raises:
            BackupFailedError: It cannot be written, or ``rel`` is not a relative path.
            OSError: ``source`` cannot be read; nothing of the file is kept.
        """
        _checked(self._draft.target, rel)
        values: dict[str, Value] = {
            "store": self._key,
            "rel": "",
            "mode": stat.S_IMODE(mode),
            "mtime_ns": mtime_ns,
            "size": 0,
            "sha256": "",
        }
        with self._draft.all_or_nothing():
            key = self._draft.insert("files", values)
            size, *checksums = self._chunks(key, source)
            self._draft.execute(
                "UPDATE files SET size = ?, rel = CAST(? AS TEXT), sha256 = CAST(? AS TEXT)"
                " WHERE id = ?",
                size,
                *map(database.as_bytes, self._cover.file(rel, *checksums)),
                key,
            )

    def discard(self) -> None:
        """Take the store out of the backup again, with all that it has handed in.

        Raises:
            BackupFailedError: It cannot be written.
        """
        self._draft.execute("DELETE FROM stores WHERE id = ?", self._key)

    def _chunks(self, file: int, source: BinaryIO) -> tuple[int, str, str]:
        """The size, the checksum of the content, and that of what stands for it in the backup."""
        size = number = 0
        encrypted = bool(self._cover.recipients)
        content, stored = hashlib.sha256(), hashlib.sha256()
        while raw := source.read(chunks.CHUNK_SIZE):
            piece = self._cover.piece(raw)
            checked = hashlib.sha256(piece.checked)
            values: dict[str, Value] = {
                "file": file,
                "number": number,
                "size": len(raw),
                "sha256": checked.hexdigest(),
                "data": piece.content,
            }
            self._draft.insert("chunks", values)
            if encrypted:
                content.update(raw)
            if number == 0:  # most files have but one piece, which then need not be read again
                stored = checked
            else:
                stored.update(piece.checked)
            size += len(raw)
            number += 1
        return size, (content if encrypted else stored).hexdigest(), stored.hexdigest()


def _refuse_existing(path: Path) -> None:
    if os.path.lexists(path):
        raise FileExistsError(f"{path.name} is there already")


def _checked(backup: Path, rel: str) -> str:
    try:
        return check_relative(rel)
    except ContentError as error:
        raise failed(backup, error) from error
