"""What a run imports before it does anything: held by names, not by time."""

import subprocess
import sys
from pathlib import Path

import synthetic

_IMPORTED = """
import sys
sys.argv = ["loginfix", *sys.argv[1:]]
before = set(sys.modules)
from loginfix.cli import main
try:
    main()
except SystemExit:
    pass
print(*(set(sys.modules) - before), sep="\\n", file=sys.stderr)
"""


_OPENED = """
import sys
opened = set()
sys.addaudithook(lambda event, about: opened.add(about[0]) if event == "open" else None)
sys.argv = ["loginfix", *sys.argv[1:]]
from loginfix.cli import main
try:
    main()
except SystemExit:
    pass
print(*(each for each in opened if str(each).endswith(".toml")), sep="\\n", file=sys.stderr)
"""


def imported(*arguments: str, snippet: str = _IMPORTED) -> set[str]:
    """The modules that one run imports, or what else a snippet prints."""
    ran = subprocess.run(
        [sys.executable, "-c", snippet, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return set(ran.stderr.split())


def test_the_version_is_said_without_importing_anything() -> None:
    assert imported("--version") == {"loginfix", "loginfix.cli"}


def test_a_verb_starts_without_the_others() -> None:
    verbs = {"clear_cache", "demo", "doctor", "restore", "schedule", "trace"}
    assert not {f"loginfix.cli.{name}" for name in verbs} & imported("sites")


def test_a_dry_run_imports_what_the_profile_needs_and_nothing_of_clearing(tmp_path: Path) -> None:
    synthetic.chromium(tmp_path)
    names = imported("clear-cache", "--site", "amazon", "--dry-run", "--home", str(tmp_path))
    assert "loginfix.stores.sqlite.store" in names
    unwanted = {"Cryptodome", "crc32c", "cramjam", "browser_cookie3", "loginfix.doctor.checks"}
    unwanted |= {"loginfix.clearing.clear", "loginfix.tracing.search", "loginfix.vault.writer"}
    unwanted |= {"loginfix.stores.leveldb.store", "loginfix.stores.caches.block"}
    unwanted |= {"psutil", "loginfix.vault.cover", "loginfix.reports.document"}
    unwanted |= {"loginfix.stores.sqlite.merge", "loginfix.api.backup_results"}
    unwanted |= {"ctypes", "idna", "plistlib", "socket"}
    assert not unwanted & names


def test_a_dry_run_reads_only_what_is_declared_of_the_engine_that_is_there(tmp_path: Path) -> None:
    synthetic.chromium(tmp_path)
    words = ("clear-cache", "--site", "amazon", "--dry-run", "--home", str(tmp_path))
    opened = imported(*words, snippet=_OPENED)
    assert any("/stores/chromium/" in each for each in opened)
    assert not any("/stores/firefox/" in each for each in opened)
