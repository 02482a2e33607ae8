"""A part of the fault sweep, chosen by chance; all of it is ``python -m faults``."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from faults.jobs import Job, make_jobs
from faults.judging import Outcome
from faults.profiles import SMALL
from faults.sweep import FAULTS, place_for_homes, sweep
from faults.table import table

KILLS = 20
FAILURES = 2

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")


@pytest.fixture(scope="module", params=SMALL)
def jobs(request: pytest.FixtureRequest) -> Iterator[list[Job]]:
    with TemporaryDirectory(dir=place_for_homes()) as work:
        yield list(make_jobs(request.param, Path(work) / "jobs"))


def test_killed_at_any_write_it_is_before_or_after(jobs: list[Job]) -> None:
    swept = [sweep(job, "killed", KILLS) for job in jobs]
    print(table(swept))
    assert [failure for each in swept for failure in each.failures] == []
    outcomes = {outcome for each in swept for outcome in each.outcomes}
    assert outcomes == {Outcome.BEFORE, Outcome.AFTER}


def test_when_a_call_fails_nothing_is_lost_and_no_success_is_claimed(jobs: list[Job]) -> None:
    swept = [sweep(job, fault, FAILURES) for job in jobs for fault in FAULTS if fault != "killed"]
    print(table(each for each in swept if each.verdicts))
    assert [failure for each in swept for failure in each.failures] == []
