"""Work in several processes comes to what the same work in one comes to."""

import os
from collections.abc import Sequence

import pytest

from loginfix import workers
from loginfix.workers import spread

NUMBERS = range(1000)


@pytest.fixture(autouse=True)
def four(monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("this system has no cheap processes")
    monkeypatch.setattr(workers, "_processors", lambda: 4)


def doubled(numbers: Sequence[int]) -> tuple[int, list[int]]:
    return os.getpid(), [2 * number for number in numbers]


def test_the_parts_come_back_in_their_order_each_from_a_process_of_its_own() -> None:
    parts = spread(doubled, NUMBERS, worth=10)
    assert [number for _, part in parts for number in part] == [2 * each for each in NUMBERS]
    assert len({pid for pid, _ in parts}) == 4
    assert parts[0][0] == os.getpid()


@pytest.mark.parametrize(("count", "processes"), [(0, 1), (1, 1), (19, 1), (20, 2), (39, 3)])
def test_no_process_is_started_for_little(count: int, processes: int) -> None:
    assert len(spread(doubled, range(count), worth=10)) == processes


def test_what_is_too_much_for_a_pipe_comes_back_whole() -> None:
    parts = spread(lambda numbers: bytes(len(numbers)) * 10_000, NUMBERS, worth=10)
    assert [len(part) for part in parts] == [2_500_000] * 4


def test_the_part_of_a_process_that_dies_is_done_here() -> None:
    def dying(numbers: Sequence[int]) -> list[int]:
        if os.getpid() != here and numbers[0] == 500:
            os._exit(9)
        return list(numbers)

    here = os.getpid()
    assert [each for part in spread(dying, NUMBERS, worth=10) for each in part] == list(NUMBERS)


def test_an_error_comes_out_as_if_the_work_was_done_here_and_no_process_is_left() -> None:
    def refusing(numbers: Sequence[int]) -> None:
        if numbers[-1] == 999:
            raise ValueError("the last one")

    with pytest.raises(ValueError, match="the last one"):
        spread(refusing, NUMBERS, worth=10)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
