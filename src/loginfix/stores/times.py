"""The ways in which browsers and file systems write a moment."""

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from loginfix.stores.model import Span

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_WINDOWS = datetime(1601, 1, 1, tzinfo=UTC)  # base/time/time.h
_EARLIEST = datetime(1993, 1, 1, tzinfo=UTC)  # before there were browsers
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _since(epoch: datetime, *, per_second: int) -> Callable[[object], datetime | None]:
    def read(value: object) -> datetime | None:
        if not isinstance(value, (int, float)):
            return None
        try:
            moment = epoch + timedelta(seconds=value / per_second)
        except (OverflowError, ValueError):
            return None
        return moment if _EARLIEST < moment < _LATEST else None

    return read


TIMES: Mapping[str, Callable[[object], datetime | None]] = {
    "webkit": _since(_WINDOWS, per_second=1_000_000),
    "unix_us": _since(_UNIX, per_second=1_000_000),
    "unix_ms": _since(_UNIX, per_second=1_000),
    "unix_s": _since(_UNIX, per_second=1),
}
"""Each reads a number; None where it is no moment at which somebody used a browser."""


def written(mtime: float) -> datetime | None:
    """A file's modification time, in seconds as ``stat`` gives it."""
    return TIMES["unix_s"](mtime)


def when_written(statuses: Iterable[os.stat_result]) -> Span | None:
    """Between which moments files were written."""
    times = [moment for each in statuses if (moment := written(each.st_mtime))]
    return Span(min(times), max(times)) if times else None


def latest(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two moments that may not be known."""
    return max(filter(None, (one, other)), default=None)
