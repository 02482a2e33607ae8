"""Proof that nothing else changed in a profile."""

from pathlib import Path

import pytest

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
