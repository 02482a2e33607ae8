import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from loginfix.errors import ExitCode, UsageError
from loginfix.vault.directory import Vault
from loginfix.vault.errors import (
    BackupNotDeletedError,
    BackupUnreadableError,
    UnknownBackupError,
)
from loginfix.vault.reader import Backup
from loginfix.vault.writer import BackupWriter
from test_vault_model import MANIFEST
from test_vault_reader import edit
from test_vault_writer import names, needs_posix, start_store

NOW = datetime(2026, 11, 24, 3, 50, 30, tzinfo=UTC)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "backups")


def add(vault: Vault, days_ago: float, site: str = "amazon") -> str:
    created = NOW - timedelta(days=days_ago)
    manifest = replace(MANIFEST, id=vault.new_id(created, [site]), created=created)
    with BackupWriter(vault.directory, manifest) as writer:
        start_store(writer).row("t", "deleted", {})
        writer.seal()
    return manifest.id


def ids(vault: Vault) -> list[str]:
    return [backup.id for backup in vault.backups()]


def test_an_id_tells_when_and_what(vault: Vault) -> None:
    assert vault.new_id(NOW, ["amazon"]) == "20261124-035030-amazon"
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    assert vault.new_id(tokyo, ["amazon", "example.co.jp"]) == (
        "20261124-035030-amazon-example.co.jp"
    )


@pytest.mark.parametrize(
    ("sites", "expected"),
    [
        (["../../etc"], "20261124-035030-etc"),
        (["[::1]:8080"], "20261124-035030-1-8080"),
        (["日本"], "20261124-035030"),
        ([], "20261124-035030"),
        (["x" * 300], "20261124-035030-" + "x" * 40),
    ],
)
def test_an_id_is_a_plain_file_name(vault: Vault, sites: list[str], expected: str) -> None:
    assert vault.new_id(NOW, sites) == expected


@pytest.mark.parametrize("suffix", ["", ".part", ".sha256"])
def test_an_id_is_never_taken(vault: Vault, suffix: str) -> None:
    vault.directory.mkdir()
    for number in ("", "-2"):
        (vault.directory / f"20261124-035030-amazon{number}.loginfix{suffix}").touch()
    assert vault.new_id(NOW, ["amazon"]) == "20261124-035030-amazon-3"


def test_no_directory_is_no_backups(vault: Vault) -> None:
    assert vault.backups() == ()
    assert vault.leftovers() == ()
    with pytest.raises(UnknownBackupError, match="no backups"):
        vault.get()


def test_backups_are_listed_newest_first(vault: Vault) -> None:
    middle, newest, oldest = add(vault, 2), add(vault, 1), add(vault, 3)
    assert ids(vault) == [newest, middle, oldest]
    first = vault.backups()[0]
    assert first.problem is None
    assert first.manifest is not None
    assert first.manifest.sites == MANIFEST.sites
    assert first.created == NOW - timedelta(days=1)
    assert first.size == vault.path(newest).stat().st_size


def test_a_damaged_backup_is_listed_as_such_and_hides_none(vault: Vault) -> None:
    whole, damaged, newer = add(vault, 1), add(vault, 2), add(vault, 3)
    vault.path(damaged).write_bytes(b"rotten")
    edit(
        vault.path(newer),
        "PRAGMA user_version = 3",
        "UPDATE manifest SET value = '3' WHERE key = 'format'",
    )
    assert ids(vault) == [whole, damaged, newer]
    codes = [each.problem and each.problem.code for each in vault.backups()]
    assert codes == [None, "backup-damaged", "backup-too-new"]
    assert vault.backups()[1].created == NOW - timedelta(days=2)
    assert vault.backups()[1].size == len(b"rotten")


@needs_posix
def test_odd_things_among_the_backups_hide_none(vault: Vault) -> None:
    whole = add(vault, 1)
    (vault.directory / "link.loginfix").symlink_to("nowhere")
    (vault.directory / "directory.loginfix").mkdir()
    os.mkfifo(vault.directory / "pipe.loginfix")
    (vault.directory / "notes.txt").touch()
    assert sorted(ids(vault)) == sorted([whole, "directory", "link", "pipe"])
    assert [each.id for each in vault.backups() if each.problem is None] == [whole]


def test_a_directory_that_cannot_be_listed_is_not_taken_for_an_empty_one(vault: Vault) -> None:
    vault.directory.touch()
    with pytest.raises(BackupUnreadableError):
        vault.backups()


def test_a_backup_is_chosen_by_its_id_or_by_how_it_starts(vault: Vault) -> None:
    old, new = add(vault, 9), add(vault, 1)
    assert vault.get().id == new
    assert vault.get(old).id == vault.get("20261115").id == old


def test_the_latest_is_the_latest_even_if_it_is_damaged(vault: Vault) -> None:
    add(vault, 2)
    latest = add(vault, 1)
    vault.path(latest).write_bytes(b"rotten")
    assert vault.get().id == latest
    assert vault.get().problem is not None


def test_an_id_that_is_the_start_of_another_is_still_an_id(vault: Vault) -> None:
    first, second = add(vault, 1), add(vault, 1)
    assert second == f"{first}-2"
    assert vault.get(first).id == first


@pytest.mark.parametrize("chosen", ["2027", "", "../x", "amazon"])
def test_an_unknown_id_is_a_usage_error_that_lists_recent_ones(vault: Vault, chosen: str) -> None:
    kept = [add(vault, days) for days in range(7)]
    with pytest.raises(UsageError) as caught:
        vault.get(chosen)
    assert caught.value.exit_code is ExitCode.USAGE
    assert all(backup in caught.value.next_step for backup in kept[:5])
    assert kept[5] not in caught.value.next_step


def test_an_ambiguous_start_lists_what_it_could_mean(vault: Vault) -> None:
    first, second, third = add(vault, 1, "a"), add(vault, 1, "b"), add(vault, 99)
    with pytest.raises(UnknownBackupError, match="More than one") as caught:
        vault.get("20261123")
    assert first in caught.value.next_step
    assert second in caught.value.next_step
    assert third not in caught.value.next_step


def test_deleting_takes_the_checksum_too(vault: Vault) -> None:
    gone, kept = add(vault, 1), add(vault, 2)
    vault.delete(gone)
    assert names(vault.directory) == [f"{kept}.loginfix", f"{kept}.loginfix.sha256"]
    with pytest.raises(UnknownBackupError):
        vault.delete(gone)


def test_what_cannot_be_deleted_is_said(vault: Vault) -> None:
    vault.directory.mkdir()
    (vault.directory / "x.loginfix").mkdir()
    with pytest.raises(BackupNotDeletedError, match=r"x\.loginfix"):
        vault.delete("x")


def test_pruning_does_what_its_plan_says(vault: Vault) -> None:
    new, needed, old = add(vault, 1), add(vault, 40), add(vault, 50)
    plan = vault.plan_prune(now=NOW, keep_count=10, keep_days=30, protected={needed})
    assert [verdict.backup.id for verdict in plan.going] == [old]
    assert ids(vault) == [new, needed, old]
    vault.prune(plan)
    assert ids(vault) == [new, needed]
    assert vault.leftovers() == ()


def test_leftovers_are_unfinished_backups_and_lone_checksums(vault: Vault) -> None:
    kept = add(vault, 1)
    for name in ("a.loginfix.part", "b.loginfix.sha256", "notes.txt"):
        (vault.directory / name).touch()
    assert [path.name for path in vault.leftovers()] == ["a.loginfix.part", "b.loginfix.sha256"]
    vault.remove_leftovers()
    assert vault.leftovers() == ()
    assert (vault.directory / "notes.txt").exists()
    with Backup.open(vault.path(kept)) as backup:
        assert backup.verify() == ()
