import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from crashing import Flushing, failing, intercepted, snapshot
from example_run import CACHE_TIME, LONG_AGO, RUN_ID, ExampleRun, states
from loginfix.clearing.failures import ChangedMeanwhile, JournalError
from loginfix.clearing.recovery import recover
from loginfix.clearing.transaction import Transaction
from loginfix.clearing.writable import WritableTree
from loginfix.errors import ExitCode, LoginfixError, ProfileWriteError, UnsafePathError
from loginfix.files import anchor

Interception = Callable[[str, tuple[Any, ...], dict[str, Any]], None]


@pytest.fixture
def run(tmp_path: Path) -> ExampleRun:
    example = ExampleRun(tmp_path / "example")
    example.build()
    return example


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    return root


@pytest.fixture
def transaction(tmp_path: Path) -> Transaction:
    return Transaction.begin(tmp_path / "journal", "run-1", purpose="clear", details={})


def put(transaction: Transaction, root: Path, content: str, name: str = "staged") -> Path:
    path = transaction.scratch(root) / name
    path.write_text(content)
    return path


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_whole_run_does_what_was_recorded_and_leaves_nothing_behind(run: ExampleRun) -> None:
    run.whole()
    profile = run.profile
    assert (profile / "Cookies").read_text() == "cookies, edited"
    assert not (profile / "Cookies-wal").exists()
    assert not (profile / "Cookies-shm").exists()
    assert [path.name for path in (profile / "Databases/one").iterdir()] == ["000002.ldb"]
    assert (profile / "new/deep/file").read_text() == "came back"
    assert (profile / "new/deep/file").stat().st_mtime_ns == LONG_AGO
    assert names_in(run.cache / "Cache") == ["c_0", "index-dir"]
    assert (run.cache / "Cache").stat().st_mtime_ns == CACHE_TIME
    assert not list(run.base.rglob(".loginfix-*"))
    assert run.journals() == []


def test_a_replaced_file_keeps_its_mode_and_time(run: ExampleRun) -> None:
    before = (run.profile / "Cookies").stat()
    run.whole()
    after = (run.profile / "Cookies").stat()
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert after.st_ino != before.st_ino


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="only root gives files away")
def test_a_replaced_file_keeps_its_owner(run: ExampleRun) -> None:
    os.chown(run.profile / "History", 12345, 54321)
    run.whole()
    status = (run.profile / "History").stat()
    assert (status.st_uid, status.st_gid) == (12345, 54321)


def test_the_other_name_of_a_hard_linked_file_keeps_its_content(run: ExampleRun) -> None:
    run.whole()
    assert (run.profile / "History").read_text() == "history, edited"
    assert (run.profile / "History-other-name").read_text() == "history"


def test_undo_gives_back_content_modes_times_and_inodes(run: ExampleRun) -> None:
    before = snapshot(run.base / "profile", times_of_directories=True)
    cache = snapshot(run.cache, times_of_directories=True)
    inodes = {path: path.stat().st_ino for path in run.profile.rglob("*")}
    root_time = run.profile.stat().st_mtime_ns
    run.undone()
    assert snapshot(run.base / "profile", times_of_directories=True) == before
    assert snapshot(run.cache, times_of_directories=True) == cache
    assert {path: path.stat().st_ino for path in run.profile.rglob("*")} == inodes
    assert run.profile.stat().st_mtime_ns == root_time
    assert run.journals() == []


def test_abandoning_leaves_no_trace_not_even_a_time(run: ExampleRun) -> None:
    before = snapshot(run.profile, times_of_directories=True)
    root_time = run.profile.stat().st_mtime_ns
    run.stage().abandon()
    assert snapshot(run.profile, times_of_directories=True) == before
    assert run.profile.stat().st_mtime_ns == root_time
    assert run.journals() == []


def test_undo_before_prepare_abandons(run: ExampleRun) -> None:
    before = run.state()
    assert run.stage().undo() == ()
    assert run.state() == before
    assert run.journals() == []


def test_nothing_in_the_profile_changes_before_the_commit(run: ExampleRun) -> None:
    before = run.state()
    with run.stage() as transaction:
        transaction.prepare(backup="")
    staged = {name for name in run.state() if ".loginfix-" in name}
    assert {name: facts for name, facts in run.state().items() if name not in staged} == before


def test_a_store_that_failed_is_rolled_back_alone(root: Path, transaction: Transaction) -> None:
    for name in ("one", "two"):
        (root / name).write_text(name)
    transaction.remove(root, "one")
    savepoint = transaction.savepoint()
    transaction.replace(root, "two", put(transaction, root, "edited"))
    transaction.rollback_to(savepoint)
    transaction.replace(root, "two", put(transaction, root, "edited again", "second"))
    transaction.prepare(backup="")
    transaction.commit()
    transaction.finish()
    assert {path.name: path.read_text() for path in root.iterdir()} == {"two": "edited again"}


def test_the_journal_and_the_staging_directories_are_private(run: ExampleRun) -> None:
    with run.stage() as transaction:
        transaction.prepare(backup="")
    assert run.journal.stat().st_mode & 0o777 == 0o700
    assert (run.journal / f"{RUN_ID}.journal").stat().st_mode & 0o777 == 0o600
    assert (run.profile / f".loginfix-{RUN_ID}").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_every_name_is_flushed_before_the_journal_moves_on(run: ExampleRun) -> None:
    flushing = Flushing(run.journal)
    with intercepted(flushing):
        run.whole()
    begun, profile, cache, prepared, committed, erased = flushing.unflushed_names
    assert begun == prepared == committed == set()
    assert not erased & {str(run.profile), str(run.cache), str(run.journal)}
    assert str(run.journal) not in profile | cache


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_every_staged_file_is_flushed_before_the_plan_is_decided(run: ExampleRun) -> None:
    flushing = Flushing(run.journal)
    with intercepted(flushing), run.stage() as transaction:
        transaction.prepare(backup="")
    staging = run.profile / f".loginfix-{RUN_ID}"
    staged = [staging, *(staging / "new").rglob("*")]
    assert len(staged) > 6
    assert {
        path.name for path in staged if path.stat().st_ino not in flushing.flushed_files
    } == set()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_barrier_flushes_what_came_before_it(root: Path, transaction: Transaction) -> None:
    for name in ("one", "two"):
        (root / name).write_text(name)
    transaction.remove(root, "one")
    transaction.barrier()
    transaction.remove(root, "two")
    transaction.prepare(backup="")
    calls: list[str] = []
    with intercepted(lambda name, args, _: calls.append(_described(name, args))):
        transaction.commit()
    one, two = calls.index("replace one"), calls.index("replace two")
    assert f"fsync {root}" in calls[one:two]
    assert f"fsync {root}/.loginfix-run-1/old" in calls[one:two]


def _described(name: str, args: tuple[object, ...]) -> str:
    if name == "fsync":
        return f"fsync {Path(f'/proc/self/fd/{args[0]}').readlink()}"
    return f"{name} {args[0]}"


def test_removing_thousands_of_files_flushes_each_directory_once(
    root: Path, transaction: Transaction
) -> None:
    for number in range(2000):
        (root / f"{number:05}").touch()
    flushed = 0

    def count(name: str, *_: object) -> None:
        nonlocal flushed
        flushed += name == "fsync"

    with intercepted(count):
        for number in range(2000):
            transaction.remove(root, f"{number:05}")
        transaction.prepare(backup="")
        transaction.commit()
        transaction.finish()
    assert list(root.iterdir()) == []
    assert flushed < 30


def exchange(path: Path) -> None:
    """Put another file with the same content and time in its place."""
    status = path.stat()
    path.rename(path.with_name("moved"))
    path.write_bytes(path.with_name("moved").read_bytes())
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text("written by a browser"),
        lambda path: path.unlink(),
        os.utime,
        exchange,
    ],
    ids=["written", "removed", "touched", "exchanged"],
)
def test_a_file_that_changed_meanwhile_stops_the_commit_before_anything_is_done(
    run: ExampleRun, change: Callable[[Path], object]
) -> None:
    with run.stage() as transaction:
        transaction.prepare(backup="")
        change(run.profile / "History")
        now = run.state()
        with pytest.raises(ChangedMeanwhile, match="History") as caught:
            transaction.commit()
        assert run.state() == now
        assert transaction.undo() == ()
    assert caught.value.exit_code is ExitCode.PROFILE_WRITE_FAILED
    assert caught.value.code == "changed-meanwhile"
    expected = {name: facts for name, facts in now.items() if ".loginfix-" not in name}
    assert run.state() == expected


def test_a_directory_in_which_a_file_changed_meanwhile_stays(run: ExampleRun) -> None:
    with run.stage() as transaction:
        transaction.prepare(backup="")
        (run.profile / "Databases/one/LOG").write_text("longer than it was")
        with pytest.raises(ChangedMeanwhile):
            transaction.commit()
        transaction.undo()
    assert (run.profile / "Databases/one/LOG").read_text() == "longer than it was"


def test_a_file_that_should_be_absent_stops_the_commit(run: ExampleRun) -> None:
    with run.stage() as transaction:
        transaction.prepare(backup="")
        (run.profile / "Cookies-journal").write_text("hot")
        with pytest.raises(ChangedMeanwhile, match="Cookies-journal"):
            transaction.commit()
        transaction.undo()
    assert (run.profile / "Cookies").read_text() == "cookies, half"


def test_creating_never_overwrites(run: ExampleRun) -> None:
    with run.stage() as transaction:
        transaction.prepare(backup="")
        (run.profile / "new/deep").mkdir(parents=True)
        (run.profile / "new/deep/file").write_text("the person's")
        with pytest.raises(ChangedMeanwhile):
            transaction.commit()
        assert transaction.undo() == ()
    assert (run.profile / "new/deep/file").read_text() == "the person's"


def test_undo_leaves_alone_what_changed_since_and_keeps_its_original(run: ExampleRun) -> None:
    with run.stage() as transaction:
        transaction.prepare(backup="the-backup")
        transaction.commit()
        (run.profile / "History").write_text("browsed on")
        (problem,) = transaction.undo()
    assert problem.code == "changed-meanwhile"
    assert problem.path == run.profile / "History"
    assert (run.profile / "History").read_text() == "browsed on"
    assert (run.profile / "Cookies").read_text() == "cookies, half"
    kept = list((run.profile / f".loginfix-{RUN_ID}" / "old").iterdir())
    assert [path.read_text() for path in kept] == ["history"]
    assert run.journals() == [f"{RUN_ID}.journal"]


def test_a_store_is_refused_at_a_missing_or_existing_file(
    root: Path, transaction: Transaction
) -> None:
    (root / "there").touch()
    staged = put(transaction, root, "x")
    with pytest.raises(ChangedMeanwhile):
        transaction.replace(root, "missing", staged)
    with pytest.raises(ChangedMeanwhile):
        transaction.remove(root, "missing")
    with pytest.raises(ChangedMeanwhile):
        transaction.create(root, "there", staged)


@pytest.mark.parametrize("rel", ["../outside", "/etc/passwd", "a/../../b", "", "a//b", "."])
def test_paths_that_lead_out_are_refused(root: Path, transaction: Transaction, rel: str) -> None:
    with pytest.raises((UnsafePathError, ChangedMeanwhile)):
        transaction.replace(root, rel, put(transaction, root, "x"))


def test_a_staged_file_must_lie_in_scratch_and_serve_once(
    root: Path, transaction: Transaction
) -> None:
    outside = root / "not-scratch"
    outside.touch()
    with pytest.raises(ValueError, match="scratch"):
        transaction.create(root, "new", outside)
    staged = put(transaction, root, "x")
    transaction.create(root, "first", staged)
    with pytest.raises(ValueError, match="scratch"):
        transaction.create(root, "second", staged)


def test_a_run_id_that_could_leave_the_directory_is_refused(tmp_path: Path) -> None:
    for run_id in ("", "..", "a/b", ".hidden", "x" * 65, "a\n"):
        with pytest.raises(ValueError, match="run id"):
            Transaction.begin(tmp_path, run_id, purpose="", details={})


def test_finishing_before_the_commit_is_a_mistake(run: ExampleRun) -> None:
    with run.stage() as transaction:
        with pytest.raises(ValueError, match="not possible"):
            transaction.finish()
        transaction.prepare(backup="")
        with pytest.raises(ValueError, match="not possible"):
            transaction.abandon()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
@pytest.mark.parametrize("name", ["mkdir", "link", "replace", "utime", "fsync", "unlink"])
def test_any_refusal_of_the_system_is_named_and_can_be_undone(
    tmp_path: Path, name: str, code: int
) -> None:
    before, _ = states(tmp_path / "undisturbed")
    number = 1
    while error := _failure(example := ExampleRun(tmp_path / str(number)), name, number, code):
        assert error.path is not None
        assert example.state() == before
        assert example.journals() == []
        number += 1
    assert number > 1


def _failure(
    example: ExampleRun, name: str, number: int, code: int
) -> ProfileWriteError | JournalError | None:
    """Build and run the example with one call failing before its commit, and undo it."""
    example.build()
    transaction = example.begin()
    try:
        with intercepted(failing(name, number, code)):
            example.record(transaction)
            transaction.prepare(backup="")
            transaction.commit()
    except (ProfileWriteError, JournalError) as error:
        assert transaction.undo() == ()
        return error
    transaction.finish()
    return None


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "space"),
        (errno.EROFS, "only be read"),
        (errno.EACCES, "as the user"),
        (errno.EXDEV, "another disk"),
    ],
)
def test_a_refusal_says_what_to_do(tmp_path: Path, code: int, words: str) -> None:
    error = _failure(ExampleRun(tmp_path), "replace", 1, code)
    assert isinstance(error, ProfileWriteError)
    assert words in error.next_step
    assert str(error.path) in error.message


def test_a_journal_that_cannot_be_written_is_not_the_profiles_fault(run: ExampleRun) -> None:
    transaction = run.stage()

    def full(name: str, args: tuple[object, ...], _: object) -> None:
        if name == "open" and str(args[0]).startswith(str(run.journal)):
            raise OSError(errno.ENOSPC, "No space left on device")

    before = run.state()
    with intercepted(full), pytest.raises(JournalError, match="journal") as caught:
        transaction.prepare(backup="")
    assert caught.value.exit_code is ExitCode.BACKUP_FAILED
    assert run.state() == before
    transaction.abandon()
    assert run.journals() == []


def test_a_failed_flush_is_final(run: ExampleRun) -> None:
    transaction = run.stage()
    calls = 0

    def broken(name: str, *_: object) -> None:
        nonlocal calls
        if name == "fsync":
            calls += 1
            raise OSError(errno.EIO, "Input/output error")

    with intercepted(broken), pytest.raises(ProfileWriteError, match="Input/output"):
        transaction.prepare(backup="")
    assert calls == 1


def test_without_hard_links_originals_are_copied(
    run: ExampleRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run.state()

    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    run.undone()
    assert run.state() == before
    run.whole()
    assert (run.profile / "Cookies").read_text() == "cookies, edited"
    assert (run.profile / "new/deep/file").read_text() == "came back"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    outside = tmp_path / "outside"
    for name in ("Cookies", "Cookies-wal", "History", "a_0", "b_0", "one/LOG", "old/1", "new/file"):
        path = outside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("somebody's")
    return outside


@pytest.mark.parametrize(
    "name",
    [
        "profile/Cookies",
        "profile/History",
        "profile/Databases",
        "profile/Databases/one",
        "cache/Cache",
        "cache/Cache/a_0",
        f"profile/.loginfix-{RUN_ID}",
        f"profile/.loginfix-{RUN_ID}/old",
    ],
)
@pytest.mark.parametrize("moment", ["recorded", "prepared", "committed"])
def test_a_link_planted_at_any_moment_leads_nowhere(
    run: ExampleRun, outside: Path, name: str, moment: str
) -> None:
    untouched = snapshot(outside, times_of_directories=True)
    victim = run.base / name
    with run.stage() as transaction:
        if moment != "recorded":
            transaction.prepare(backup="")
        if moment == "committed":
            transaction.commit()
        if victim.exists():
            victim.rename(run.base / "moved-away")
        victim.symlink_to(outside / "Cookies" if victim.name in {"Cookies", "a_0"} else outside)
        with suppress(LoginfixError):
            transaction.undo() if moment == "committed" else _rest(transaction, moment)
        with suppress(LoginfixError, ValueError):
            transaction.undo()
    assert snapshot(outside, times_of_directories=True) == untouched
    recover(run.journal)
    assert snapshot(outside, times_of_directories=True) == untouched


def _rest(transaction: Transaction, moment: str) -> None:
    if moment == "recorded":
        transaction.prepare(backup="")
    transaction.commit()
    transaction.finish()


def test_a_link_is_refused_as_a_target(root: Path, transaction: Transaction) -> None:
    (root / "real").mkdir()
    (root / "real/file").touch()
    (root / "link").symlink_to("real/file")
    (root / "folder").symlink_to("real")
    staged = put(transaction, root, "x")
    for rel in ("link", "folder", "folder/file"):
        with pytest.raises(UnsafePathError):
            transaction.replace(root, rel, staged)
        with pytest.raises(UnsafePathError):
            transaction.remove(root, rel)
    with pytest.raises(UnsafePathError):
        transaction.create(root, "folder/new", staged)


def test_names_may_be_anything(root: Path, transaction: Transaction) -> None:
    names = ["new\nline", os.fsdecode(b"\xff\xfe"), "-rf", " ", "ü", "a" * 255]
    for name in names:
        (root / name).write_text("old")
        transaction.replace(
            root, name, put(transaction, root, "new", f"staged-{names.index(name)}")
        )
    transaction.prepare(backup="")
    transaction.commit()
    transaction.finish()
    assert names_in(root) == sorted(names)
    assert all((root / name).read_text() == "new" for name in names)


def test_the_same_works_by_path_alone_as_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, after = states(tmp_path / "by-descriptor")
    monkeypatch.setattr(anchor, "BY_DESCRIPTOR", False)
    run = ExampleRun(tmp_path / "by-path")
    run.build()
    before = run.state()
    run.undone()
    assert run.state() == before
    run.whole()
    assert run.state() == after


def writing(path: Path, calls: set[str], name: str) -> Interception:
    """For ``intercepted``: another program writes a file just before a name is given."""

    def write(called: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if called in calls and kwargs and args[1] == name:
            path.write_text("written by the browser")

    return write


def test_a_change_in_the_middle_of_the_commit_is_noticed(run: ExampleRun) -> None:
    with run.stage() as transaction:
        transaction.prepare(backup="")
        history = run.profile / "History"
        with intercepted(writing(history, {"replace"}, "Cookies")), pytest.raises(ChangedMeanwhile):
            transaction.commit()
        transaction.undo()
    assert history.read_text() == "written by the browser"
    assert (run.profile / "Cookies").read_text() == "cookies, half"


def test_a_change_in_the_middle_of_an_undo_is_noticed(run: ExampleRun) -> None:
    with run.stage() as transaction:
        transaction.prepare(backup="")
        transaction.commit()
        history = run.profile / "History"
        with intercepted(writing(history, {"link"}, "a_0")):
            (problem,) = transaction.undo()
    assert problem.path == history
    assert history.read_text() == "written by the browser"


def test_putting_a_removed_file_back_never_overwrites(run: ExampleRun) -> None:
    with run.stage() as transaction:
        transaction.prepare(backup="")
        transaction.commit()
        entry = run.cache / "Cache/a_0"
        with intercepted(writing(entry, {"link", "replace"}, "a_0")):
            (problem,) = transaction.undo()
    assert problem.path == entry
    assert entry.read_text() == "written by the browser"


def test_a_time_that_somebody_else_set_since_stays(root: Path, transaction: Transaction) -> None:
    (root / "Cache").mkdir()
    transaction.set_mtime(root, "Cache", CACHE_TIME)
    transaction.prepare(backup="")
    transaction.commit()
    assert (root / "Cache").stat().st_mtime_ns == CACHE_TIME
    os.utime(root / "Cache", ns=(LONG_AGO, LONG_AGO))
    transaction.undo()
    assert (root / "Cache").stat().st_mtime_ns == LONG_AGO


def test_undo_leaves_the_time_of_a_directory_that_somebody_else_used(run: ExampleRun) -> None:
    with run.stage() as transaction:
        transaction.prepare(backup="")
        transaction.commit()
        (run.cache / "Cache/d_0").write_text("of the browser")
        os.utime(run.cache / "Cache", ns=(LONG_AGO, CACHE_TIME + 1))
        transaction.undo()
    assert (run.cache / "Cache").stat().st_mtime_ns > CACHE_TIME


def test_a_staging_directory_that_is_not_ours_is_refused_and_stays(
    root: Path, transaction: Transaction
) -> None:
    (root / ".loginfix-run-1").mkdir()
    (root / ".loginfix-run-1/file").touch()
    with pytest.raises(UnsafePathError, match="in the way"):
        transaction.scratch(root)
    transaction.abandon()
    assert (root / ".loginfix-run-1/file").exists()


def test_stores_of_one_name_share_their_unit_and_others_do_not(
    root: Path, transaction: Transaction
) -> None:
    for name in ("list", "workers", "apart"):
        (root / name).write_text(name)
    with transaction.unit("quota"):
        transaction.remove(root, "list")
    with transaction.unit():
        transaction.remove(root, "apart")
    with transaction.unit("quota"):
        transaction.remove(root, "workers")
    units = {operation.path: operation.unit for operation in transaction._operations}
    assert units["list"] == units["workers"] != units["apart"]


def test_operations_on_one_file_share_their_unit(root: Path, transaction: Transaction) -> None:
    for name in ("one", "two", "three"):
        (root / name).touch()
    transaction.replace(root, "one", put(transaction, root, "1", "1"))
    with transaction.unit():
        transaction.remove(root, "two")
        transaction.replace(root, "one", put(transaction, root, "2", "2"))
        transaction.remove(root, "three")
    assert len({operation.unit for operation in transaction._operations}) == 1


def test_a_folder_on_another_disk_is_refused_while_staging(
    root: Path, transaction: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "mounted").mkdir()
    real = WritableTree.stat

    def elsewhere(tree: WritableTree, rel: str) -> os.stat_result:
        status = real(tree, rel)
        if rel == "mounted":
            return os.stat_result((*status[:2], status.st_dev + 1, *status[3:10]))
        return status

    monkeypatch.setattr(WritableTree, "stat", elsewhere)
    with pytest.raises(ProfileWriteError) as caught:
        transaction.remove(root, "mounted")
    assert "another disk" in caught.value.next_step
    with pytest.raises(ProfileWriteError, match="mounted/new/file"):
        transaction.create(root, "mounted/new/file", put(transaction, root, "x"))
