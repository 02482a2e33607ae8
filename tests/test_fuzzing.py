"""Whatever a profile or a backup holds, it is read correctly or refused, in time and memory.

``LOGINFIX_FUZZ_SECONDS`` makes it longer; ``python -m fuzzing`` is for hours.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

import pytest

import loginfix

if sys.platform == "win32":
    pytest.skip("limits and forks are a matter of POSIX systems", allow_module_level=True)

from fuzzing import backups, codecs, running, stores
from fuzzing.model import FINDINGS, Target
from fuzzing.running import Outcome, in_child
from loginfix.browsers.model import Engine
from loginfix.stores.catalog import declared_stores

SECONDS = os.environ.get("LOGINFIX_FUZZ_SECONDS", "30")
# Of the stores, those whose files get to every reader of the raw search.
ENOUGH = (
    *("http_cache/_0", "http_cache_blocks/index", "local_storage/.log", "sessions/Session_"),
    *("Local-State", "profiles.ini"),
)
ROOT = Path(loginfix.__file__).parent
# What reads a profile's bytes or a backup's. What only writes is called by what proves it.
PARSERS = (
    *sorted(ROOT.glob("formats/**/*.py")),
    *sorted(ROOT.glob("tracing/readers/*.py")),
    *(ROOT / f"vault/{name}.py" for name in ("reader", "saved", "verify", "values", "chunks")),
    *(ROOT / f"vault/{name}.py" for name in ("cover", "paths", "model", "database", "checksum")),
    ROOT / "clearing/journal.py",
    *(ROOT / f"browsers/{name}.py" for name in ("chromium", "firefox", "profile_groups")),
)


def test_damaged_input_is_read_or_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fuzzing", "--seconds", SECONDS],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " 0 findings " in done.stdout.splitlines()[-1]


def test_what_was_found_once_is_read_or_refused_now() -> None:
    targets = (*codecs.targets(), *backups.targets(), *stores.targets())
    kept = [(target, path) for target in targets for path in target.kept()]
    for target, path in kept:
        target.takes(path.read_bytes())
    assert {path for _, path in kept} == {each for each in FINDINGS.rglob("*") if each.is_file()}


def test_every_parser_is_fuzzed() -> None:
    """What the targets begin with leads into every module that reads something."""
    some = (each for each in stores.targets() if any(part in each.name for part in ENOUGH))
    called = called_by((*codecs.targets(), *backups.targets(), *some))
    missed = [path for path in PARSERS if path not in called and path.name != "__init__.py"]
    assert missed == []


def test_every_kind_of_store_is_fuzzed() -> None:
    fuzzed = {each.name.split("/")[1] for each in stores.targets()}
    declared = [each.store for engine in Engine for each in declared_stores(engine)]
    kinds = {type(store) for store in declared}
    assert kinds == {type(store) for store in declared if store.id in fuzzed}


def test_a_crash_a_hang_and_a_memory_explosion_are_each_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "SLOWEST_SECONDS", 1)

    def hang(_: bytes) -> None:
        while True:
            pass

    def explode(_: bytes) -> None:
        bytearray(4 << 30)

    def crash(_: bytes) -> None:
        os._exit(3)

    def fail(data: bytes) -> None:
        assert len(data) < 40, "too long"

    def outcome(run: object, seconds: float = 0.1) -> Outcome:
        return in_child(Target("made-up", run, (KeyError,), lambda: [b"seed"]), seconds, 0)  # type: ignore[arg-type]

    assert "TooSlowError" in outcome(hang).why
    assert "MemoryError" in outcome(explode).why
    assert "without a word" in outcome(crash).why
    assert "too long" in outcome(fail, 20).why
    assert outcome({}.__getitem__).finding is None


def called_by(targets: Iterable[Target]) -> set[Path]:
    """The files whose functions are called while whole inputs are read."""
    called: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            called.add(frame.f_code.co_filename)

    for target in targets:
        seeds = [*target.seeds()][:1]
        sys.setprofile(note)
        try:
            for data in seeds:
                target.takes(data)
        finally:
            sys.setprofile(None)
    return {Path(name) for name in called}
