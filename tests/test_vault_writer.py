import errno
import io
import os
import signal
import stat
import subprocess
import sys
import textwrap
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loginfix.errors import BackupFailedError
from loginfix.files import durable
from loginfix.stores.model import BackupSink, Root
from loginfix.vault import chunks
from loginfix.vault.directory import Vault
from loginfix.vault.model import ProfileRecord, StoreRecord
from loginfix.vault.reader import Backup
from loginfix.vault.writer import BackupWriter, StoreWriter
from test_vault_model import MANIFEST

PROFILE = ProfileRecord(
    brand="chrome",
    brand_name="Google Chrome",
    engine="chromium",
    directory="Default",
    name="Person 1",
    path="/home/j\udcf6rg/.config/google-chrome/Default",
    cache_path="/home/j\udcf6rg/.cache/google-chrome/Default",
    user_data="/home/j\udcf6rg/.config/google-chrome",
)
COOKIES = StoreRecord("chromium.cookies", "Cookies", "cookies", Root.PROFILE, "Cookies")
CACHE = StoreRecord("chromium.cache", "Cache", "cache", Root.CACHE, "Cache/Cache_Data")
NAME = f"{MANIFEST.id}.loginfix"

needs_posix = pytest.mark.skipif(os.name == "nt", reason="a matter of POSIX systems")


def start_store(writer: BackupWriter, record: StoreRecord = COOKIES) -> StoreWriter:
    return writer.add_store(writer.add_profile(PROFILE), record)


def write_backup(directory: Path) -> Path:
    """Write a small backup with something of everything."""
    with BackupWriter(directory, MANIFEST) as writer:
        profile = writer.add_profile(PROFILE)
        cookies = writer.add_store(profile, COOKIES)
        cookies.note("schema", "24")
        cookies.row("cookies", "deleted", {"name": "session-id", "value": b"\x00\xff"})
        cookies.row("cookies", "updated", {"name": "x", "n": 1}, {"name": "x", "n": 2})
        cookies.row("meta", "deleted", {"key": None, "value": 1.5})
        cache = writer.add_store(profile, CACHE)
        cache.file("a_0", io.BytesIO(b"body " * 100), mode=0o100640, mtime_ns=1_700_000_000)
        cache.file("empty", io.BytesIO(), mode=0o600, mtime_ns=-1)
        return writer.seal()


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


class Endless(io.RawIOBase):
    """A large file that is nowhere in memory."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(self._left, len(buffer))
        buffer[:size] = os.urandom(size)
        self._left -= size
        return size


class Torn(io.BytesIO):
    """A file on a failing disk."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(errno.EIO, "Input/output error")
        return super().read(size)


def test_a_sealed_backup_stands_beside_its_checksum_and_nothing_else(tmp_path: Path) -> None:
    path = write_backup(tmp_path)
    assert path == tmp_path / NAME
    assert names(tmp_path) == [NAME, f"{NAME}.sha256"]


@needs_posix
def test_the_standard_tool_checks_it(tmp_path: Path) -> None:
    write_backup(tmp_path)
    command = ["sha256sum", "-c", "--strict", f"{NAME}.sha256"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"{NAME}: OK\n")


@needs_posix
def test_only_the_owner_can_read_it_at_any_moment(tmp_path: Path) -> None:
    directory = tmp_path / "data" / "backups"
    before = os.umask(0o022)
    try:
        with BackupWriter(directory, MANIFEST) as writer:
            start_store(writer).row("t", "deleted", {})
            part = directory / f"{NAME}.part"
            assert stat.S_IMODE(part.stat().st_mode) == 0o600
            path = writer.seal()
    finally:
        os.umask(before)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in directory.iterdir()} == {0o600}
    assert path.is_file()


@needs_posix
def test_an_open_directory_is_closed_to_others(tmp_path: Path) -> None:
    directory = tmp_path / "backups"
    directory.mkdir()
    directory.chmod(0o755)
    write_backup(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


@needs_posix
def test_a_directory_that_stays_open_to_others_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "backups"
    directory.mkdir()
    directory.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    with pytest.raises(BackupFailedError, match="closed to other users"):
        write_backup(directory)
    assert names(directory) == []


def test_leaving_without_sealing_leaves_nothing(tmp_path: Path) -> None:
    with BackupWriter(tmp_path, MANIFEST) as writer:
        start_store(writer).row("t", "deleted", {})
        assert names(tmp_path) == [f"{NAME}.part"]
    assert names(tmp_path) == []


def test_an_exception_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with BackupWriter(tmp_path, MANIFEST) as writer:
            start_store(writer).row("t", "deleted", {})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert names(tmp_path) == []


@pytest.mark.parametrize("suffix", ["", ".part", ".sha256"])
def test_what_is_there_already_stays(tmp_path: Path, suffix: str) -> None:
    taken = tmp_path / (NAME + suffix)
    taken.write_bytes(b"precious")
    with pytest.raises(BackupFailedError, match="Nothing was removed"):
        BackupWriter(tmp_path, MANIFEST)
    assert taken.read_bytes() == b"precious"
    assert names(tmp_path) == [taken.name]


@needs_posix
@pytest.mark.parametrize("suffix", ["", ".part", ".sha256"])
def test_a_link_in_its_place_is_not_followed(tmp_path: Path, suffix: str) -> None:
    directory = tmp_path / "backups"
    directory.mkdir()
    (directory / (NAME + suffix)).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BackupFailedError):
        BackupWriter(directory, MANIFEST)
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    with BackupWriter(tmp_path, MANIFEST) as writer:
        start_store(writer).row("t", "deleted", {})
        (tmp_path / NAME).write_bytes(b"precious")
        with pytest.raises(BackupFailedError):
            writer.seal()
    assert names(tmp_path) == [NAME]
    assert (tmp_path / NAME).read_bytes() == b"precious"


def test_it_is_empty_until_a_row_or_a_file_is_handed_in(tmp_path: Path) -> None:
    with BackupWriter(tmp_path, MANIFEST) as writer:
        sink: BackupSink = start_store(writer)
        sink.note("schema", "1")
        with_a_note = writer.is_empty
        sink.row("t", "deleted", {"a": 1})
        with_a_row = writer.is_empty
    assert (with_a_note, with_a_row) == (True, False)
    with BackupWriter(tmp_path, MANIFEST) as writer:
        start_store(writer).file("a", io.BytesIO(b""), mode=0o600, mtime_ns=0)
        assert not writer.is_empty


def test_a_store_can_be_taken_out_again(tmp_path: Path) -> None:
    secret = b"s3cr3t-of-the-store-taken-out"
    with BackupWriter(tmp_path, MANIFEST) as writer:
        first, second = start_store(writer), start_store(writer, CACHE)
        for store in (first, second):
            store.note("schema", "1")
            store.row("t", "deleted", {"a": 1})
        first.row("t", "deleted", {"a": secret.decode()})
        first.file("f", io.BytesIO(secret), mode=0o600, mtime_ns=0)
        first.file("large", Endless(3 << 20), mode=0o600, mtime_ns=0)  # type: ignore[arg-type]
        second.row("t", "deleted", {"a": 2})
        first.discard()
        path = writer.seal()
    assert secret not in path.read_bytes()
    assert path.stat().st_size < 1 << 20
    with Backup.open(path) as backup:
        assert backup.verify() == ()
        (kept,) = backup.stores
        assert kept.record == CACHE
        assert [row.before["a"] for row in backup.saved(kept.key).rows("t")] == [1, 2]


def test_a_file_that_cannot_be_read_is_not_kept_and_the_rest_is(tmp_path: Path) -> None:
    with BackupWriter(tmp_path, MANIFEST) as writer:
        store = start_store(writer)
        with pytest.raises(OSError, match="Input/output"):
            store.file("torn", Torn(bytes(chunks.CHUNK_SIZE + 1)), mode=0o600, mtime_ns=0)
        store.file("whole", io.BytesIO(b"1"), mode=0o600, mtime_ns=0)
        path = writer.seal()
    with Backup.open(path) as backup:
        backup.verify()
        (kept,) = backup.stores
        assert [file.rel for file in backup.saved(kept.key).files()] == ["whole"]


@pytest.mark.parametrize("rel", ["../x", "/x", "a\\b", "C:x", "\ud800"])
def test_a_path_out_of_the_profile_is_refused_and_the_rest_is_kept(
    tmp_path: Path, rel: str
) -> None:
    with BackupWriter(tmp_path, MANIFEST) as writer:
        store = start_store(writer)
        with pytest.raises(BackupFailedError, match="cannot leave the profile"):
            store.file(rel, io.BytesIO(b""), mode=0o600, mtime_ns=0)
        with pytest.raises(BackupFailedError, match="cannot leave the profile"):
            writer.add_store(1, StoreRecord("s", "S", "cache", Root.PROFILE, rel))
        store.row("t", "deleted", {})
        writer.seal()


def test_after_a_failure_nothing_is_ever_sealed(tmp_path: Path) -> None:
    with BackupWriter(tmp_path, MANIFEST) as writer:
        store = start_store(writer)
        store.file("same", io.BytesIO(b""), mode=0o600, mtime_ns=0)
        with pytest.raises(BackupFailedError):
            store.file("same", io.BytesIO(b""), mode=0o600, mtime_ns=0)
        for again in (writer.seal, store.discard, lambda: writer.is_empty):
            with pytest.raises(BackupFailedError):
                again()
    assert names(tmp_path) == []


def test_nothing_can_be_added_once_it_is_sealed(tmp_path: Path) -> None:
    with BackupWriter(tmp_path, MANIFEST) as writer:
        store = start_store(writer)
        store.row("t", "deleted", {})
        path = writer.seal()
        with pytest.raises(BackupFailedError):
            store.row("t", "deleted", {})
    with Backup.open(path) as backup:
        assert backup.verify() == ()


@needs_posix
def test_a_failed_sync_is_final(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync
    counted = 0

    def fail_at(number: int) -> Callable[[int], None]:
        def fsync(descriptor: int) -> None:
            nonlocal counted
            counted += 1
            if counted == number:
                raise OSError(errno.EIO, "Input/output error")
            real(descriptor)

        return fsync

    outcomes = []
    for number in range(1, 6):
        counted = 0
        monkeypatch.setattr(os, "fsync", fail_at(number))
        try:
            write_backup(tmp_path)
        except BackupFailedError:
            assert names(tmp_path) == []
            outcomes.append("failed")
        else:
            outcomes.append("done")
    # The new file, the sealed one, its checksum, the directory: and no fifth.
    assert outcomes == ["failed"] * 4 + ["done"]


def test_what_is_read_back_must_be_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = durable.sync_file

    def rot(path: Path) -> None:
        real(path)
        if path.stat().st_size:
            content = path.read_bytes()
            path.write_bytes(content.replace(b"session-id", b"session-iD"))

    monkeypatch.setattr(durable, "sync_file", rot)
    with pytest.raises(BackupFailedError, match="Nothing was removed"):
        write_backup(tmp_path)
    assert names(tmp_path) == []


@needs_posix
def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path: Path) -> None:
    done = run_child(
        tmp_path,
        """
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        try:
            with BackupWriter(directory, MANIFEST) as writer:
                store = start_store(writer)
                store.file("a", io.BytesIO(os.urandom(8 << 20)), mode=0o600, mtime_ns=0)
                writer.seal()
        except BackupFailedError as error:
            print(error.message)
        """,
    )
    assert "Nothing was removed" in done.stdout, done.stderr
    assert names(tmp_path) == []


@needs_posix
def test_a_disk_that_fills_up_while_sealing_is_reported(tmp_path: Path) -> None:
    done = run_child(
        tmp_path,
        """
        import resource
        try:
            with BackupWriter(directory, MANIFEST) as writer:
                store = start_store(writer)
                store.file("a", io.BytesIO(os.urandom(100_000)), mode=0o600, mtime_ns=0)
                resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
                writer.seal()
        except BackupFailedError as error:
            print(error.message)
        """,
    )
    assert "Nothing was removed" in done.stdout, done.stderr
    assert names(tmp_path) == []


@needs_posix
@pytest.mark.parametrize("rows", [1, 3000])
def test_killed_before_it_has_its_name_there_is_no_backup(tmp_path: Path, rows: int) -> None:
    done = run_child(
        tmp_path,
        f"""
        import signal, sys
        def kill(event, arguments):
            if event == "os.rename":
                os.kill(os.getpid(), signal.SIGKILL)
        with BackupWriter(directory, MANIFEST) as writer:
            store = start_store(writer)
            for number in range({rows}):
                store.row("t", "deleted", {{"number": number}})
            sys.addaudithook(kill)
            writer.seal()
        """,
    )
    assert done.returncode == -signal.SIGKILL
    vault = Vault(tmp_path)
    assert vault.backups() == ()
    assert [path.name for path in vault.leftovers()] == [f"{NAME}.part", f"{NAME}.sha256"]
    vault.remove_leftovers()
    assert names(tmp_path) == []


def run_child(directory: Path, code: str) -> "subprocess.CompletedProcess[str]":
    imports = f"""
        import io, os
        from pathlib import Path
        from test_vault_writer import *
        directory = Path({str(directory)!r})
        """
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(imports) + textwrap.dedent(code)],
        cwd=Path(__file__).parent,
        check=False,
        capture_output=True,
        text=True,
    )


def test_memory_stays_flat_however_large_a_file_is(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        with BackupWriter(tmp_path, MANIFEST) as writer:
            store = start_store(writer)
            store.file("large", Endless(32 << 20), mode=0o600, mtime_ns=0)  # type: ignore[arg-type]
            path = writer.seal()
        with Backup.open(path) as backup:
            (kept,) = backup.stores
            saved = backup.saved(kept.key)
            (file,) = saved.files()
            saved.write_file(file, tmp_path / "out")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept.size == (tmp_path / "out").stat().st_size == 32 << 20
    assert peak < 8 << 20
