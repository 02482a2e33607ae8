"""What is installed is complete: the wheel alone, without the checkout, does the whole job."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = directory.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(directory / "site")
    return directory / "site"


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=installed,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_demonstration_runs_from_the_wheel(installed: Path) -> None:
    where = run(installed, "-c", "import loginfix; print(loginfix.__file__)")
    assert where.stdout.startswith(str(installed))
    done = run(installed, "-m", "loginfix", "demo")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_speaks_japanese(installed: Path) -> None:
    done = run(installed, "-X", "utf8", "-m", "loginfix", "--help", "--lang", "ja")
    assert done.stdout.startswith("使い方: ")


def test_the_wheel_holds_all_declarations(installed: Path) -> None:
    for path in (ROOT / "profiles").rglob("*.toml"):
        packaged = installed / "loginfix" / path.relative_to(ROOT)
        assert packaged.read_bytes() == path.read_bytes()
    assert (installed / "loginfix" / "py.typed").is_file()
    (manual,) = installed.glob("*.data/data/share/man/man1/loginfix.1")
    assert manual.read_bytes() == (ROOT / "docs/reference/loginfix.1").read_bytes()
    assert not list(installed.rglob("tests"))
