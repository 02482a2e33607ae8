"""What a run imports before it does anything: held by names, not by time."""

import subprocess
import sys

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


def imported(*arguments: str) -> set[str]:
    """The modules that one run imports."""
    ran = subprocess.run(
        [sys.executable, "-c", _IMPORTED, *arguments],
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
