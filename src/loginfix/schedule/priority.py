"""A run that nobody waits for lets everything else on the computer go first."""

import sys
from contextlib import suppress

import psutil

_NICE = 10  # of 19, as the systemd units and "nice" have it
_LAST = 7  # of the eight levels of a disk's ordinary queue; the idle class might never get a turn


def give_way() -> None:
    """Lower the priority of this process at the processor and at the disk, where there are any.

    Both are inherited by the processes that it starts. A lower one than this stays, and so does
    what the system does not let us change.
    """
    process = psutil.Process()
    with suppress(psutil.Error, OSError):
        if sys.platform == "win32":
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        elif process.nice() < _NICE:
            process.nice(_NICE)
    with suppress(psutil.Error, OSError):
        if sys.platform == "win32":
            process.ionice(psutil.IOPRIO_LOW)
        elif (
            sys.platform.startswith("linux")
            and process.ionice().ioclass != psutil.IOPRIO_CLASS_IDLE
        ):
            process.ionice(psutil.IOPRIO_CLASS_BE, _LAST)
