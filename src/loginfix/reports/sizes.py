"""Sizes and times for a person."""

from datetime import datetime

from loginfix.words import say_count

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


def human_size(size: int) -> str:
    """A number of bytes in binary units (IEC 80000-13), such as ``3.1 MiB``."""
    if size < _STEP:
        return say_count("{count} byte", "{count} bytes", size)
    amount, unit = float(size), 0
    # What would be rounded to 1024.0 belongs to the next unit.
    while round(amount, 1) >= _STEP and unit < len(_UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}"


def human_time(moment: datetime) -> str:
    """A moment in the person's own time zone, to the minute."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def human_date(moment: datetime | None) -> str:
    """The day in the person's own time zone; a dash where none is known."""
    return f"{moment.astimezone():%Y-%m-%d}" if moment else "-"
