"""What ``import loginfix`` offers: documented as it is, typed, lazy, and what the verbs do."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import loginfix
import synthetic
from loginfix.api import reference
from loginfix.api.backup_results import BackupDeletion, Pruning
from loginfix.clearing.results import RestoreResult
from loginfix.errors import NotConfirmedError, UnknownSiteError, UsageError
from recorder.recordings import unpack
from test_docs import DOCS, blocks

PAGE = DOCS / "reference" / "library.md"
linux = pytest.mark.skipif(sys.platform != "linux", reason="homes in Linux' layout")


@pytest.fixture
def machine(tmp_path: Path) -> loginfix.Machine:
    return loginfix.Machine(tmp_path)


def test_the_page_is_what_the_docstrings_say() -> None:
    assert PAGE.read_text("utf-8") == reference.reference(), (
        "run: python -m loginfix.api.reference > docs/reference/library.md"
    )


def test_the_page_has_all_that_is_offered() -> None:
    described = {*reference._FUNCTIONS, *reference._TYPES, "__version__"}
    assert described == set(loginfix.__all__)


def test_what_a_type_checker_sees_is_what_is_there() -> None:
    source = ast.parse(Path(loginfix.__file__).read_text("utf-8"))
    seen = {
        alias.name: node.module
        for node in ast.walk(source)
        if isinstance(node, ast.ImportFrom) and node.module and node.module != "importlib"
        for alias in node.names
    }
    assert seen == {name: f"loginfix.{module}" for name, module in loginfix._HOMES.items()}
    assert {*seen, "__version__"} == set(loginfix.__all__)
    for name in loginfix.__all__:
        assert getattr(loginfix, name) is not None
    with pytest.raises(AttributeError, match="nonesuch"):
        loginfix.nonesuch  # type: ignore[attr-defined]  # noqa: B018


def test_importing_it_imports_nothing() -> None:
    command = (
        "import sys; before = set(sys.modules); import loginfix; dir(loginfix);"
        "print(*(set(sys.modules) - before))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", command], check=True, capture_output=True, text=True
    )
    assert ran.stdout.split() == ["loginfix"]


def test_a_program_of_somebody_else_is_type_checked(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import loginfix\n"
        "found: str = loginfix.find('amazon')\n"
        "loginfix.find('amazon', browser=['chrome'])\n"
        "loginfix.nonesuch()\n",
        encoding="utf-8",
    )
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path}", str(program)],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    errors = [line.partition("error: ")[2] for line in ran.stdout.splitlines() if "error" in line]
    assert len(errors) == 4, ran.stdout
    assert 'expression has type "DryRun"' in errors[0]
    assert 'Unexpected keyword argument "browser"' in errors[1]
    assert 'no attribute "nonesuch"' in errors[2]


@linux
def test_the_example_does_what_it_says_on_a_recorded_profile(tmp_path: Path) -> None:
    unpack("firefox-esr-153", tmp_path)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    example = next(blocks(PAGE, "python"))
    ran = subprocess.run(
        [sys.executable, "-c", example],
        env={**environment, "HOME": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Cookies" in ran.stdout
    assert "History" not in ran.stdout
    assert "unknown-site" in ran.stdout
    assert list((tmp_path / ".local/share/loginfix/backups").glob("*.loginfix"))


@linux
class TestSynthetic:
    """On tiny profiles."""

    def test_names_are_looked_up(self, tmp_path: Path, machine: loginfix.Machine) -> None:
        synthetic.firefox(tmp_path)
        with pytest.raises(UsageError, match="passwords"):
            loginfix.find("amazon", only=["passwords"], machine=machine)
        for function in (loginfix.find, loginfix.trace):
            with pytest.raises(UnknownSiteError):
                function(machine=machine)
        found = loginfix.find("amazon", only=["history"], machine=machine)
        assert found.plan.is_empty

    def test_a_backup_goes_where_the_profiles_were_looked_for(
        self, tmp_path: Path, machine: loginfix.Machine
    ) -> None:
        synthetic.firefox(tmp_path)
        found = loginfix.find("amazon", machine=machine)
        cleared = loginfix.clear(found)
        assert cleared.result.backup_path
        assert cleared.result.backup_path.is_relative_to(tmp_path)
        assert found.backups == cleared.result.backup_path.parent
        assert f"--home {tmp_path}" in cleared.restore_command
        (backup,) = loginfix.backups(machine=machine).backups
        assert backup.id == cleared.result.backup_id
        assert loginfix.backup(machine=machine).manifest.id == backup.id
        assert loginfix.check_backups(machine=machine).exit_code == loginfix.ExitCode.DONE

    def test_what_is_not_confirmed_is_not_done(
        self, tmp_path: Path, machine: loginfix.Machine
    ) -> None:
        firefox = synthetic.firefox(tmp_path)
        backup_id = loginfix.clear(loginfix.find("amazon", machine=machine)).result.backup_id
        assert backup_id
        shown: list[object] = []

        def refuse(what: object) -> None:
            shown.append(what)
            raise NotConfirmedError("No.", next_step="Say yes.")

        for function in (
            lambda: loginfix.restore(confirm=refuse, machine=machine),
            lambda: loginfix.delete_backup(backup_id, confirm=refuse, machine=machine),
            lambda: loginfix.prune_backups(keep=0, confirm=refuse, machine=machine),
        ):
            with pytest.raises(NotConfirmedError):
                function()
        assert list(map(type, shown)) == [RestoreResult, BackupDeletion, Pruning]
        assert len(firefox.hosts()) < len(synthetic.COOKIES)
        assert len(loginfix.backups(machine=machine).backups) == 1
        restored = loginfix.restore(confirm=shown.append, machine=machine)
        assert restored.exit_code == loginfix.ExitCode.DONE
        assert len(firefox.hosts()) == len(synthetic.COOKIES)
