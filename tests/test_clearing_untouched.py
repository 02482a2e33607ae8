"""Proof that nothing else changed in a profile."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.clearing.untouched import prove_untouched, take_listing
from loginfix.errors import VerificationError


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    for name in ("planned", "other", ".parentlock"):
        tmp_path.joinpath(name).touch()
    return tmp_path


def test_what_another_program_changes_is_named(profile: Path) -> None:
    before = take_listing(profile)
    profile.joinpath("planned").write_text("changed")
    prove_untouched(profile, before, {"planned"})
    profile.joinpath("other").write_text("changed")
    with pytest.raises(VerificationError, match="other"):
        prove_untouched(profile, before, {"planned"})


def test_a_firefox_that_was_refused_meanwhile_is_no_reason_to_stop(profile: Path) -> None:
    before = take_listing(profile)
    profile.joinpath(".parentlock").write_text("changed")
    profile.joinpath("Telemetry.FailedProfileLocks.txt").write_text("1")
    prove_untouched(profile, before, frozenset())


PATHS = st.sampled_from(["a", "b", "c/a", "c/b", "c/d/a", "c/d/e/a", "c ü\n/a", "f"])
CHANGES = st.dictionaries(PATHS, st.sampled_from(["write", "touch", "exchange", "remove"]))


def facts(root: Path) -> dict[str, tuple[int, int, int]]:
    """Every file on its own, by its path."""
    statuses = {p.relative_to(root).as_posix(): p.lstat() for p in root.rglob("*") if p.is_file()}
    return {rel: (s.st_size, s.st_mtime_ns, s.st_ino) for rel, s in statuses.items()}


def change(path: Path, how: str) -> None:
    if how == "remove":
        path.unlink(missing_ok=True)
    elif how == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write("more")
        os.utime(path, ns=(2, 2))
    elif path.exists() and how == "touch":
        os.utime(path, ns=(1, 1))
    elif path.exists():
        status, other = path.stat(), path.with_name("other")
        other.write_text(path.read_text())
        os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
        other.rename(path)


@given(st.sets(PATHS), CHANGES, st.sets(PATHS | st.just("c") | st.just("c/d")))
def test_it_fails_where_a_file_differs_that_nobody_meant_to_change(
    there: set[str], changes: dict[str, str], touched: set[str]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        for rel in there:
            change(root / rel, "write")
        before, listing = facts(root), take_listing(root)
        for rel, how in changes.items():
            change(root / rel, how)
        after = facts(root)
        differing = {rel for rel in before | after if before.get(rel) != after.get(rel)}
        wrong = {r for r in differing if not any(f"{r}/".startswith(f"{t}/") for t in touched)}
        if not wrong:
            prove_untouched(root, listing, touched)
            return
        with pytest.raises(VerificationError) as caught:
            prove_untouched(root, listing, touched)
        assert caught.value.path in {root / rel for rel in wrong}
