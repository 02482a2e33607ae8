"""What holds for all tests."""

import os
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from hypothesis import settings

from databases import copy_database
from loginfix import words
from loginfix.schedule import priority
from recorder.recordings import unpack
from sqlite_stores import FILES

# Tests expect English, whatever the system speaks.
os.environ["LOGINFIX_LANG"] = "en"

settings.register_profile("default", deadline=None, print_blob=True)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-live-skips",
        action="store_true",
        help="a skipped test of a real browser or scheduler is a failure",
    )
    parser.addoption(
        "--artefacts",
        type=Path,
        metavar="DIR",
        help="keep here what tests make to be looked at, such as terminal recordings",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    forbidden = item.config.getoption("--no-live-skips") and item.get_closest_marker("live")
    if report.skipped and forbidden:
        report.outcome = "failed"
        report.longrepr = f"a test of a real browser or scheduler was skipped: {report.longrepr}"
    return report


@pytest.fixture
def artefacts(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A directory for what a person may want to look at; kept with ``--artefacts``."""
    directory: Path = request.config.getoption("--artefacts") or tmp_path / "artefacts"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@pytest.fixture(autouse=True)
def stay_as_urgent() -> Generator[None, None, None]:
    """A scheduled run in the tests' own process would slow down all that follow."""
    # Not by the fixture: it would be there before all others, and undone behind them.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(priority, "give_way", lambda: None)
        yield


@pytest.fixture(autouse=True)
def speak_english() -> Generator[None, None, None]:
    """A run in another language leaves none to the tests behind it."""
    yield
    words.use("en")


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the profile directory of a recording; shared, so only to be copied from."""
    unpacked: dict[str, Path] = {}

    def profile(name: str) -> Path:
        if name not in unpacked:
            unpacked[name] = unpack(name, tmp_path_factory.mktemp(name)).profile
        return unpacked[name]

    return profile


@pytest.fixture
def database(tmp_path: Path, recorded: Callable[[str], Path]) -> Callable[[str, str], Path]:
    """Gives a copy of a store's database out of a recording."""
    return lambda store, recording: copy_database(
        recorded(recording) / FILES[store], tmp_path / "profile" / FILES[store]
    )
