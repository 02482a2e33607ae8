import os
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crashing import killed_at
from loginfix.clearing import journal
from loginfix.clearing.failures import JournalError
from loginfix.clearing.journal import JournalRecord, State
from loginfix.clearing.operations import Fingerprint, Kind, Operation

RECORD = JournalRecord(
    "run-1",
    State.PREPARED,
    "clear",
    {"site": "amazon"},
    "backup-1",
    (Path("/home/anna/profile"),),
    (Operation(Kind.REMOVE, 0, "Cookies", 1, Fingerprint(1, 2, 3)),),
)

integers = st.integers(0, 2**63)
names = st.binary(max_size=20).map(os.fsdecode)
fingerprints = st.none() | st.builds(Fingerprint, integers, integers, integers, st.text(max_size=8))
operations = st.builds(
    Operation,
    kind=st.sampled_from(Kind),
    root=integers,
    path=names,
    number=integers,
    before=fingerprints,
    after=fingerprints,
    staged=names,
    parents=st.lists(names, max_size=3).map(tuple),
    mtimes_ns=st.none() | st.tuples(st.none() | integers, integers),
    unit=integers,
    phase=integers,
)
records = st.builds(
    JournalRecord,
    run_id=st.just("run-1"),
    state=st.sampled_from(State),
    purpose=st.text(max_size=10),
    details=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
    backup=names,
    roots=st.lists(names.map(lambda name: Path("/", name.replace("\0", ""))), max_size=3).map(
        tuple
    ),
    operations=st.lists(operations, max_size=5).map(tuple),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(record=records)
def test_a_record_reads_back_as_it_was_written(tmp_path: Path, record: JournalRecord) -> None:
    journal.write(tmp_path, record)
    assert journal.read_all(tmp_path) == ([record], [])


def test_a_record_is_replaced_whole_and_erased(tmp_path: Path) -> None:
    journal.write(tmp_path, RECORD)
    journal.write(tmp_path, JournalRecord("run-1", State.COMMITTED, "clear", {}))
    (record,), _ = journal.read_all(tmp_path)
    assert record.state is State.COMMITTED
    journal.erase(tmp_path, "run-1")
    journal.erase(tmp_path, "run-1")
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_private(tmp_path: Path) -> None:
    journal.write(tmp_path, RECORD)
    assert journal.journal_path(tmp_path, "run-1").stat().st_mode & 0o777 == 0o600


def test_any_damage_is_noticed(tmp_path: Path) -> None:
    journal.write(tmp_path, RECORD)
    path = journal.journal_path(tmp_path, "run-1")
    good = path.read_bytes()
    for at in range(0, len(good) - 1, 7):
        path.write_bytes(good[:at])
        assert_unreadable(tmp_path)
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert_unreadable(tmp_path)


def assert_unreadable(directory: Path) -> None:
    records, (problem,) = journal.read_all(directory)
    assert records == []
    assert problem.code == JournalError.code
    assert problem.path == journal.journal_path(directory, "run-1")
    assert "run-1.journal" in problem.message


def test_a_record_of_another_version_is_not_guessed_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(journal, "_VERSION", 2)
        journal.write(tmp_path, RECORD)
    _, (problem,) = journal.read_all(tmp_path)
    assert "another version" in problem.message


def test_a_renamed_record_is_not_believed(tmp_path: Path) -> None:
    journal.write(tmp_path, RECORD)
    journal.journal_path(tmp_path, "run-1").rename(tmp_path / "run-2.journal")
    _, (problem,) = journal.read_all(tmp_path)
    assert "renamed" in problem.message


def test_a_link_is_not_read(tmp_path: Path) -> None:
    journal.write(tmp_path, RECORD)
    path = journal.journal_path(tmp_path, "run-1")
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert_unreadable(tmp_path)


def test_a_torn_write_leaves_the_old_record(tmp_path: Path) -> None:
    journal.write(tmp_path, RECORD)
    (tmp_path / "run-1.journal.tmp").write_bytes(b"half a rec")
    assert journal.read_all(tmp_path) == ([RECORD], [])
    journal.discard_torn(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["run-1.journal"]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    journal.discard_torn(tmp_path)
    assert journal.read_all(tmp_path) == ([], [])
    assert (tmp_path / "notes.txt").exists()


def test_a_hundred_thousand_operations_are_written_in_bearable_size(tmp_path: Path) -> None:
    operations = tuple(
        Operation(Kind.REMOVE, 0, f"Cache/Cache_Data/{at:016x}_0", at, Fingerprint(at, 1, 2))
        for at in range(2000)
    )
    journal.write(tmp_path, JournalRecord("run-1", State.PREPARED, "", {}, "", (), operations))
    size = journal.journal_path(tmp_path, "run-1").stat().st_size
    assert size < 200 * len(operations)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_moment_the_record_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    later = replace(RECORD, state=State.COMMITTED)
    seen = []
    for number in count(1):
        journal.write(tmp_path, RECORD)
        was_killed = killed_at(number, lambda: journal.write(tmp_path, later))
        (record,), problems = journal.read_all(tmp_path)
        assert problems == []
        seen.append(record)
        if not was_killed:
            break
    assert seen[0] == RECORD
    assert seen[-1] == later
    assert all(record in (RECORD, later) for record in seen)
