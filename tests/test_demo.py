"""The demonstration does what it shows, leaves nothing behind, and says when a step failed."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loginfix.clearing.clear import clear
from loginfix.clearing.plan import Plan
from loginfix.clearing.results import ClearResult
from loginfix.cli.program import main
from loginfix.demo import run
from loginfix.demo.run import run_demo
from loginfix.directories import Directories
from loginfix.errors import ExitCode


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_whole_job_holds_and_leaves_nothing_behind(temporary: Path) -> None:
    demo = run_demo()
    assert demo.exit_code is ExitCode.DONE
    assert {profile.profile.engine for profile in demo.before.profiles} == {
        "chromium",
        "firefox",
    }
    assert demo.is_cleared
    assert demo.is_restored
    assert not any(temporary.iterdir())


def test_a_demonstration_that_cleared_nothing_does_not_say_it_worked(
    monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    assert temporary.is_dir()

    def clear_nothing(plan: Plan, directories: Directories, **more: Any) -> ClearResult:
        return replace(clear(plan, directories, **more), cleared=())

    monkeypatch.setattr(run, "clear", clear_nothing)
    assert run_demo().exit_code is ExitCode.VERIFICATION_FAILED


def test_scripts_get_one_object(temporary: Path) -> None:
    assert temporary.is_dir()
    done = CliRunner().invoke(main, ["demo", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["exit_code"] == 0
