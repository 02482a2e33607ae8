from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.reports.sizes import human_size, human_time


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (1024**2 - 1, "1.0 MiB"),
        (3 * 1024**3, "3.0 GiB"),
        (5000 * 1024**4, "5000.0 TiB"),
    ],
)
def test_sizes_are_in_binary_units(size: int, text: str) -> None:
    assert human_size(size) == text


@given(st.integers(min_value=0, max_value=1024**5 - 1))
def test_no_number_is_ever_1024_of_its_unit(size: int) -> None:
    number = float(human_size(size).split()[0])
    assert number < 1024 or human_size(size).endswith("TiB")


def test_times_are_to_the_minute() -> None:
    assert len(human_time(datetime(2026, 11, 24, 3, 50, 30, tzinfo=UTC))) == len("2026-11-24 03:50")
