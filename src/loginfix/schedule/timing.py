"""When a schedule runs: a time of the day, every day, on some weekdays, or on the first."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from loginfix.errors import UsageError
from loginfix.words import say

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""As ``datetime.weekday`` counts them, from 0."""

_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SUNDAY = 6
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Timing:
    """``weekdays`` in ascending order, none meaning every day; or the first of the month."""

    hour: int
    minute: int
    weekdays: tuple[int, ...] = ()
    first_of_month: bool = False

    @classmethod
    def parse(cls, every: str, at: str) -> Self:
        """What ``--every`` and ``--at`` say.

        Args:
            every: ``day``, ``week`` (Sunday), ``month`` (the first), or weekdays: ``Mon,Thu``.
            at: a time of the day such as ``03:00``, in the computer's time zone.

        Raises:
            UsageError: There is no such day or time.
        """
        time = _TIME.fullmatch(at.strip())
        if time is None:
            raise UsageError(
                say("{at!r} is not a time of the day.", at=at),
                next_step=say("Write hours and minutes from 00:00 to 23:59, such as --at 03:00."),
            )
        weekdays, first = _days(every)
        return cls(int(time[1]), int(time[2]), weekdays, first)

    @property
    def every(self) -> str:
        """The days, as ``parse`` takes them."""
        if self.first_of_month:
            return "month"
        return ",".join(WEEKDAYS[day] for day in self.weekdays) or "day"

    @property
    def at(self) -> str:
        """The time, as ``parse`` takes it."""
        return f"{self.hour:02}:{self.minute:02}"

    @property
    def crontab(self) -> str:
        """The five fields of a line for cron, where Sunday is 0."""
        days = ",".join(str(day) for day in sorted((day + 1) % 7 for day in self.weekdays))
        return f"{self.minute} {self.hour} {1 if self.first_of_month else '*'} * {days or '*'}"

    def next_after(self, moment: datetime) -> datetime:
        """The first time after ``moment``, reckoned as Debian's cron does, in local time."""
        # Not every command needs it.
        from cronsim import CronSim  # noqa: PLC0415

        upcoming: datetime = next(CronSim(self.crontab, moment.astimezone().replace(tzinfo=None)))
        return upcoming.astimezone()


def _days(every: str) -> tuple[tuple[int, ...], bool]:
    words = [word.strip().lower() for word in every.split(",")]
    match words:
        case ["day"]:
            return (), False
        case ["week"]:
            return (_SUNDAY,), False
        case ["month"]:
            return (), True
    days = {WEEKDAYS.index(w[:3]) for w in words if w in (*WEEKDAYS, *_FULL)}
    if len(days) != len(words):
        raise UsageError(
            say("{every!r} does not say on which days.", every=every),
            next_step=say(
                'Write --every day, week, month, or weekdays, each once: --every "Mon,Thu".'
            ),
        )
    return tuple(sorted(days)), False
