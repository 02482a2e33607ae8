from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.errors import ExitCode, UsageError
from loginfix.schedule.timing import Timing

TUESDAY = datetime(2026, 11, 24, 12, 0).astimezone()


@pytest.mark.parametrize(
    ("every", "at", "fields", "upcoming"),
    [
        ("day", "03:00", "0 3 * * *", "2026-11-25 03:00"),
        ("day", "12:01", "1 12 * * *", "2026-11-24 12:01"),
        ("week", "3:05", "5 3 * * 0", "2026-11-29 03:05"),
        ("month", "23:59", "59 23 1 * *", "2026-12-01 23:59"),
        ("Mon,Thu", "00:00", "0 0 * * 1,4", "2026-11-26 00:00"),
        ("sunday, Saturday ,TUE", "11:59", "59 11 * * 0,2,6", "2026-11-28 11:59"),
    ],
)
def test_a_time_is_understood(every: str, at: str, fields: str, upcoming: str) -> None:
    timing = Timing.parse(every, at)
    assert timing.crontab == fields
    assert f"{timing.next_after(TUESDAY):%Y-%m-%d %H:%M}" == upcoming
    assert Timing.parse(timing.every, timing.at) == timing


@pytest.mark.parametrize(
    "at", ["24:00", "3", "3:5", "03:60", "3am", "", "-1:00", "03:00:00", "\u0663:\u0660\u0660"]
)
def test_an_impossible_time_is_refused(at: str) -> None:
    with pytest.raises(UsageError, match="not a time of the day") as caught:
        Timing.parse("day", at)
    assert caught.value.exit_code is ExitCode.USAGE
    assert "03:00" in caught.value.next_step


@pytest.mark.parametrize("every", ["", "year", "mon,mon", "Mon;Thu", "day,mon", "m", "monda", ","])
def test_an_impossible_day_is_refused(every: str) -> None:
    with pytest.raises(UsageError, match="on which days"):
        Timing.parse(every, "03:00")


@given(st.text(max_size=8), st.text(max_size=8))
def test_any_other_text_is_a_usage_error(every: str, at: str) -> None:
    try:
        timing = Timing.parse(every, at)
    except UsageError:
        return
    assert Timing.parse(timing.every, timing.at) == timing
