"""A scheduled run gives way to everything else, and is never put before it."""

import subprocess
import sys

import psutil
import pytest

from loginfix.schedule.priority import give_way

linux = pytest.mark.skipif(sys.platform != "linux", reason="priorities are told as on Linux")

_TELL = """
import psutil
from loginfix.schedule.priority import give_way
process = psutil.Process()
{before}
give_way()
print(process.nice(), *map(int, process.ionice()))
"""


def priorities(before: str = "") -> list[int]:
    """Of a process of its own: what is lowered cannot be raised again."""
    code = _TELL.format(before=before)
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)
    return [int(number) for number in ran.stdout.split()]


@linux
def test_the_processor_and_the_disk_serve_others_first() -> None:
    assert priorities() == [10, int(psutil.IOPRIO_CLASS_BE), 7]


@linux
def test_a_lower_priority_stays() -> None:
    before = "process.nice(15); process.ionice(psutil.IOPRIO_CLASS_IDLE)"
    assert priorities(before)[:2] == [15, int(psutil.IOPRIO_CLASS_IDLE)]


def test_a_system_that_does_not_allow_it_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Refusing:
        def nice(self, value: int | None = None) -> int:
            asked.append("nice")
            if value is not None:
                raise psutil.AccessDenied
            return 0

        def ionice(self, *_: int) -> None:
            asked.append("ionice")
            raise PermissionError

    monkeypatch.setattr(psutil, "Process", Refusing)
    give_way()
    assert "nice" in asked
