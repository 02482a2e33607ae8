import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from crashing import Snapshot, intercepted, killed_at, snapshot
from example_run import CACHE_TIME, RUN_ID, ExampleRun, states
from loginfix.clearing.failures import ChangedMeanwhile
from loginfix.clearing.journal import JournalRecord
from loginfix.clearing.recovery import Action, RecoveryOutcome, pending, recover
from loginfix.clearing.transaction import Transaction

forking = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture(autouse=True)
def _unflushed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed process loses nothing that the system was given: flushing only costs time here."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def known(tmp_path: Path) -> tuple[Snapshot, Snapshot]:
    """What the example is before and after."""
    return states(tmp_path / "undisturbed")


@pytest.fixture
def run(tmp_path: Path) -> ExampleRun:
    example = ExampleRun(tmp_path / "example")
    example.build()
    return example


def examples_killed(
    base: Path, work: Callable[[ExampleRun], object], *, every: int = 1
) -> list[ExampleRun]:
    """Examples in which ``work`` was killed before its 1st, 2nd, 3rd … change to the disk."""
    found: list[ExampleRun] = []
    number = 1
    while True:
        example = ExampleRun(base / f"{number}")
        example.build()
        if not killed_at(number, lambda: work(example)):  # noqa: B023 - called at once
            return found
        found.append(example)
        number += every


def journal_writes(base: Path, work: Callable[[ExampleRun], object]) -> list[int]:
    """The numbers of the changes to the disk by which the journal moves on."""
    example = ExampleRun(base)
    example.build()
    moves = []
    calls = count(1)

    def note(name: str, args: tuple[Any, ...], _: object) -> None:
        number = next(calls)
        if name == "replace" and str(args[1]).endswith(".journal"):
            moves.append(number)

    with intercepted(note):
        work(example)
    return moves


def prepared(example: ExampleRun) -> None:
    with example.stage() as transaction:
        transaction.prepare(backup="the-backup")


def committed(example: ExampleRun) -> None:
    with example.stage() as transaction:
        transaction.prepare(backup="the-backup")
        transaction.commit()


def only(outcomes: list[RecoveryOutcome]) -> RecoveryOutcome:
    (outcome,) = outcomes
    return outcome


def assert_nothing_is_left(example: ExampleRun) -> None:
    assert not list(example.base.rglob(".loginfix-*"))
    assert example.journals() == []
    now = snapshot(example.base, times_of_directories=True)
    assert recover(example.journal) == []
    assert snapshot(example.base, times_of_directories=True) == now


@forking
@pytest.mark.parametrize("undo", [False, True])
def test_a_run_killed_at_any_moment_is_before_or_after(
    tmp_path: Path, known: tuple[Snapshot, Snapshot], *, undo: bool
) -> None:
    before, after = known
    seen = []
    for example in examples_killed(tmp_path / "killed", ExampleRun.whole, every=1 + undo):
        outcomes = recover(example.journal, undo=undo)
        state = example.state()
        assert state in (before, after)
        seen.append(state == after)
        assert all(not each.conflicts and each.problem is None for each in outcomes)
        if state == after and outcomes:
            assert (example.cache / "Cache").stat().st_mtime_ns == CACHE_TIME
        assert_nothing_is_left(example)
    assert seen == sorted(seen)  # nothing before some moment, everything from then on
    assert True in seen
    assert False in seen


@forking
@pytest.mark.parametrize("undo", [False, True])
def test_a_recovery_killed_at_any_moment_is_taken_up_again(
    tmp_path: Path, known: tuple[Snapshot, Snapshot], *, undo: bool
) -> None:
    before, after = known
    expected = before if undo else after
    *_, was_prepared, was_committed = journal_writes(tmp_path / "counted", ExampleRun.whole)
    tested = 0
    for number in range(was_prepared + 1, was_committed, 7):
        kills = 1
        while True:
            example = ExampleRun(tmp_path / f"{number}-{kills}")
            example.build()
            assert killed_at(number, example.whole)
            if not killed_at(kills, lambda: recover(example.journal, undo=undo)):  # noqa: B023
                break
            decided = [record.state for record in pending(example.journal)]
            assert all(not each.conflicts for each in recover(example.journal))
            assert example.state() == (after if decided == ["prepared"] else expected)
            assert_nothing_is_left(example)
            kills += 4
            tested += 1
    assert tested > 20


@forking
def test_an_undo_killed_at_any_moment_is_taken_up_again(
    tmp_path: Path, known: tuple[Snapshot, Snapshot]
) -> None:
    before, after = known
    for example in examples_killed(tmp_path / "killed", ExampleRun.undone, every=2):
        recover(example.journal)
        assert example.state() in (before, after)
        assert_nothing_is_left(example)


@forking
def test_once_an_undo_has_begun_it_is_not_turned_around(
    tmp_path: Path, known: tuple[Snapshot, Snapshot]
) -> None:
    before, _ = known
    *_, undoing, undone = journal_writes(tmp_path / "counted", ExampleRun.undone)
    for number in range(undoing + 1, undone, 3):
        example = ExampleRun(tmp_path / f"{number}")
        example.build()
        assert killed_at(number, example.undone)
        assert only(recover(example.journal, undo=False)).action is Action.UNDONE
        assert example.state() == before


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize("call", ["rename", "renameat", "linkat", "unlinkat", "mkdirat", "fsync"])
def test_a_run_killed_in_the_kernel_is_before_or_after(
    tmp_path: Path, known: tuple[Snapshot, Snapshot], call: str
) -> None:
    traced = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}"]
    if subprocess.run([*traced, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system does not let strace trace")
    deaths = 0
    for number in (1, 4):
        example = ExampleRun(tmp_path / f"{number}")
        example.build()
        script = (
            f"import sys; sys.path[:0] = {sys.path!r}; from pathlib import Path;"
            f" from example_run import ExampleRun; ExampleRun(Path({str(example.base)!r})).whole()"
        )
        inject = ["-e", f"inject={call}:signal=KILL:when={number}"]
        command = [*traced, *inject, sys.executable, "-c", script]
        deaths += subprocess.run(command, capture_output=True, check=False).returncode != 0
        recover(example.journal)
        assert example.state() in known
        assert_nothing_is_left(example)
    assert deaths


def test_the_outcome_tells_what_the_caller_needs(run: ExampleRun) -> None:
    prepared(run)
    (record,) = pending(run.journal)
    assert (record.run_id, record.state, record.backup) == (RUN_ID, "prepared", "the-backup")
    outcome = only(recover(run.journal))
    assert outcome.action is Action.FINISHED
    assert outcome.run_id == RUN_ID
    assert (outcome.purpose, outcome.details) == ("clear", {"site": "amazon"})
    assert outcome.backup == "the-backup"
    assert outcome.roots == (run.profile, run.cache)
    assert outcome.kept == ()


@pytest.mark.parametrize(
    ("work", "undo", "action"),
    [
        (ExampleRun.stage, False, Action.DISCARDED),
        (ExampleRun.stage, True, Action.DISCARDED),
        (prepared, False, Action.FINISHED),
        (prepared, True, Action.UNDONE),
        (committed, False, Action.TIDIED),
        (committed, True, Action.TIDIED),
    ],
)
def test_what_is_done_depends_on_how_far_the_run_was(
    run: ExampleRun,
    known: tuple[Snapshot, Snapshot],
    work: Callable[[ExampleRun], object],
    *,
    undo: bool,
    action: Action,
) -> None:
    before, after = known
    work(run)
    assert only(recover(run.journal, undo=undo)).action is action
    assert run.state() == (after if action in (Action.FINISHED, Action.TIDIED) else before)
    assert_nothing_is_left(run)


def test_newer_data_of_the_person_is_never_overwritten(
    run: ExampleRun, known: tuple[Snapshot, Snapshot]
) -> None:
    _, after = known
    prepared(run)
    (run.profile / "History").write_text("browsed on")
    outcome = only(recover(run.journal))
    assert [problem.path for problem in outcome.conflicts] == [run.profile / "History"]
    assert outcome.conflicts[0].code == ChangedMeanwhile.code
    state = run.state()
    assert (run.profile / "History").read_text() == "browsed on"
    others = set(after) - {"profile/History", "profile/History-other-name"}
    assert {name: state[name] for name in others} == {name: after[name] for name in others}
    assert_nothing_is_left(run)


def kill_after(example: ExampleRun, renames: int) -> None:
    """Stop the commit after this many operations, without any clearing up."""

    class Killed(BaseException):
        pass

    real = os.replace
    left = renames

    def replace(*args: Any, **kwargs: Any) -> None:
        nonlocal left
        if kwargs:
            if left == 0:
                raise Killed
            left -= 1
        real(*args, **kwargs)

    with example.stage() as transaction:
        transaction.prepare(backup="the-backup")
        with mock.patch.object(os, "replace", replace), pytest.raises(Killed):
            transaction.commit()


@pytest.mark.parametrize("done", range(5))
@pytest.mark.parametrize("undo", [False, True])
@pytest.mark.parametrize(
    "written", ["Cookies", "Cookies-wal", "Cookies-journal"], ids=["main", "log", "journal"]
)
def test_a_database_that_was_used_since_is_left_alone_with_its_side_files(
    run: ExampleRun, done: int, written: str, *, undo: bool
) -> None:
    if done < 4:
        kill_after(run, done)
    else:
        prepared(run)
    family = ("Cookies", "Cookies-wal", "Cookies-shm", "Cookies-journal")
    (run.profile / written).write_text("written by the browser")
    now = {name: state for name, state in run.state().items() if Path(name).name in family}
    outcome = only(recover(run.journal, undo=undo))
    later = {name: state for name, state in run.state().items() if Path(name).name in family}
    started = 0 < done < 4
    if started or not undo:
        assert later == now
        assert run.profile / written in [problem.path for problem in outcome.conflicts]
    assert bool(outcome.kept) == started
    if not started:
        assert_nothing_is_left(run)


def test_an_original_that_cannot_go_back_is_kept_until_somebody_decides(run: ExampleRun) -> None:
    kill_after(run, 6)  # the old directory is out, the new one not in yet
    (run.profile / "Databases/one").mkdir()
    (run.profile / "Databases/one/fresh").write_text("made by the browser")
    outcome = only(recover(run.journal))
    staging = run.profile / f".loginfix-{RUN_ID}"
    assert outcome.kept == (staging,)
    kept = list((staging / "old").iterdir())
    assert [sorted(f.name for f in path.iterdir()) for path in kept] == [["000001.ldb", "LOG"]]
    assert only(recover(run.journal)).kept == (staging,)
    shutil.rmtree(run.profile / "Databases/one")
    assert only(recover(run.journal)).conflicts == ()
    assert [path.name for path in (run.profile / "Databases/one").iterdir()] == ["000002.ldb"]
    assert_nothing_is_left(run)


def test_a_staging_directory_removed_by_hand_settles_the_matter(run: ExampleRun) -> None:
    kill_after(run, 6)
    (run.profile / "Databases/one").mkdir()
    recover(run.journal)
    shutil.rmtree(run.profile / f".loginfix-{RUN_ID}")
    assert only(recover(run.journal)).conflicts == ()
    assert list((run.profile / "Databases/one").iterdir()) == []
    assert_nothing_is_left(run)


def test_the_time_of_a_directory_is_not_set_back_after_the_browser_was_there(
    run: ExampleRun,
) -> None:
    prepared(run)
    as_prepared = (run.journal / f"{RUN_ID}.journal").read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("loginfix.clearing.closing.purge", lambda *_: None)
        patch.setattr("loginfix.clearing.closing.erase", lambda *_: None)
        recover(run.journal)
    (run.journal / f"{RUN_ID}.journal").write_bytes(as_prepared)  # killed just before its end
    (run.cache / "Cache/index-dir/the-real-index").write_text("of the browser")
    (run.cache / "Cache/d_0").write_text("new")
    now = (run.cache / "Cache").stat().st_mtime_ns
    outcome = only(recover(run.journal))
    assert outcome.conflicts == ()
    assert (run.cache / "Cache").stat().st_mtime_ns == now
    assert_nothing_is_left(run)


def test_a_damaged_journal_is_reported_and_left(run: ExampleRun) -> None:
    prepared(run)
    path = run.journal / f"{RUN_ID}.journal"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    now = snapshot(run.base)
    outcome = only(recover(run.journal))
    assert outcome.action is Action.LEFT
    assert outcome.problem is not None
    assert outcome.problem.path == path
    assert snapshot(run.base) == now
    assert pending(run.journal) == []


def test_a_profile_that_is_not_there_is_reported_and_the_others_go_on(
    run: ExampleRun, tmp_path: Path
) -> None:
    prepared(run)
    (tmp_path / "other").mkdir()
    with Transaction.begin(run.journal, "zzz-other", purpose="clear", details={}) as other:
        other.scratch(tmp_path / "other")
    away = run.profile.rename(run.base / "unplugged")
    first, second = recover(run.journal)
    assert first.action is Action.LEFT
    assert first.problem is not None
    assert first.problem.path == run.profile
    assert second.action is Action.DISCARDED
    away.rename(run.profile)
    assert only(recover(run.journal)).action is Action.FINISHED


def test_a_failing_disk_leaves_the_run_for_the_next_time(
    run: ExampleRun, monkeypatch: pytest.MonkeyPatch, known: tuple[Snapshot, Snapshot]
) -> None:
    _, after = known
    prepared(run)
    real = os.replace

    def full(*args: str, **kwargs: int) -> None:
        if kwargs:
            raise OSError(28, "No space left on device")
        real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        outcome = only(recover(run.journal))
    assert outcome.action is Action.LEFT
    assert outcome.problem is not None
    assert "space" in outcome.problem.next_step
    assert only(recover(run.journal)).action is Action.FINISHED
    assert run.state() == after


@pytest.mark.parametrize("work", [ExampleRun.stage, prepared, committed])
def test_a_staging_directory_that_is_a_link_is_not_followed(
    run: ExampleRun, tmp_path: Path, work: Callable[[ExampleRun], object]
) -> None:
    outside = tmp_path / "outside"
    (outside / "old").mkdir(parents=True)
    (outside / "old/1").write_text("somebody's")
    untouched = snapshot(outside, times_of_directories=True)
    work(run)
    staging = run.profile / f".loginfix-{RUN_ID}"
    staging.rename(run.base / "moved")
    staging.symlink_to(outside)
    outcome = only(recover(run.journal))
    assert outcome.action is Action.LEFT
    assert outcome.problem is not None
    assert outcome.problem.code == "unsafe-path"
    assert snapshot(outside, times_of_directories=True) == untouched
    assert staging.is_symlink()


def test_links_inside_a_staging_directory_are_removed_not_followed(
    run: ExampleRun, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("somebody's")
    run.stage().close()
    (run.profile / f".loginfix-{RUN_ID}" / "new" / "link").symlink_to(outside)
    recover(run.journal)
    assert (outside / "file").read_text() == "somebody's"
    assert_nothing_is_left(run)


def test_other_runs_staging_directories_are_not_touched(run: ExampleRun) -> None:
    other = run.profile / ".loginfix-another-run"
    other.mkdir()
    run.stage().close()
    recover(run.journal)
    assert other.is_dir()


def test_there_is_nothing_to_recover_where_nothing_ever_ran(tmp_path: Path) -> None:
    assert pending(tmp_path / "missing") == []
    assert recover(tmp_path / "missing") == []


@pytest.mark.parametrize("is_undone_already", [False, True])
def test_whose_run_was_undone_hears_of_it_before_it_is_forgotten(
    run: ExampleRun, *, is_undone_already: bool
) -> None:
    with run.stage() as killed:
        killed.prepare(backup="the-backup")
    if is_undone_already:
        with mock.patch("loginfix.clearing.closing.discard"):
            recover(run.journal, undo=True)
    heard = []

    def hear(record: JournalRecord) -> None:
        assert not (run.profile / record.staging).exists()
        assert run.journals() == [f"{RUN_ID}.journal"]
        heard.append(record.run_id)

    outcomes = recover(run.journal, undo=True, when_undone=hear)
    assert [each.action for each in outcomes] == [Action.UNDONE]
    assert heard == [RUN_ID]


def test_nobody_hears_of_a_run_that_stands(run: ExampleRun) -> None:
    with run.stage() as killed:
        killed.prepare(backup="the-backup")
    heard: list[JournalRecord] = []
    assert recover(run.journal, when_undone=heard.append)[0].action is Action.FINISHED
    assert heard == []
