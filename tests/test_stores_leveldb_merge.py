"""Merging saved records into a database that was used since: each case by itself."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from loginfix.stores.leveldb.merge import Merger
from loginfix.stores.leveldb.records import Link
from store_doubles import declared_records

Pairs = dict[bytes, bytes]

TAB, TAB_2 = (b"namespace-0000000%d_0000_0000_0000_000000000000-" % number for number in (1, 2))
SHOP, OTHER = b"https://www.amazon.com/", b"https://other.example/"
FOLDER = b"ORIGIN:https_www.amazon.com_0"
OTHER_FOLDER = b"ORIGIN:https_other.example_0"


class Came(NamedTuple):
    """What a merge came to."""

    pairs: list[tuple[bytes, bytes]]
    back: list[bytes]
    there: list[bytes]
    gone: list[bytes]
    kept_newer: list[bytes]


def merged(
    name: str,
    live: Pairs,
    saved: Pairs,
    *,
    overwrite: bool = False,
    is_taken: Callable[[Link], bool] = lambda _: False,
) -> Came:
    now = sorted(live.items())
    came = Merger(declared_records(name), now, sorted(saved.items()), is_taken=is_taken).run(
        overwrite=overwrite
    )
    return Came(
        list(came.applied(now)),
        [record.key for _, record in came.back],
        [record.key for record in came.there],
        [record.key for record in came.gone],
        came.kept_newer,
    )


@pytest.mark.parametrize("overwrite", [False, True])
def test_beside_what_is_there_as_it_was_each_record_is_decided_by_itself(
    overwrite: bool,  # noqa: FBT001  parametrized
) -> None:
    saved = {TAB + SHOP: b"1", b"map-1-a": b"1", b"map-1-b": b"2", b"map-1-c": b"3"}
    live = {TAB + SHOP: b"1", b"map-1-a": b"1", b"map-1-b": b"new", b"map-2-b": b"x"}
    came = merged("session_storage", live, saved, overwrite=overwrite)
    b = b"2" if overwrite else b"new"
    assert came.pairs == sorted({**live, b"map-1-b": b, b"map-1-c": b"3"}.items())
    assert came.there == [TAB + SHOP, b"map-1-a"]
    assert came.back == [b"map-1-b", b"map-1-c"][not overwrite :]
    assert came.kept_newer == ([] if overwrite else [b"map-1-b"])


def test_what_another_has_under_the_same_number_is_not_what_was_saved() -> None:
    saved = {TAB + SHOP: b"1", b"map-1-a": b"1"}
    live = {TAB_2 + OTHER: b"1", b"map-1-a": b"1"}
    came = merged("session_storage", live, saved)
    assert came.pairs == sorted({**live, TAB + SHOP: b"2", b"map-2-a": b"1"}.items())
    assert came.there == []


def test_what_makes_room_is_not_in_the_way_of_what_comes_back() -> None:
    saved = {TAB + SHOP: b"1", b"map-1-a": b"1", b"map-2-x": b"hung on nothing"}
    live = {TAB + SHOP: b"2", b"map-2-x": b"since", b"map-2-y": b"since"}
    came = merged("session_storage", live, saved, overwrite=True)
    assert came.pairs == sorted(saved.items())
    assert came.gone == [TAB + SHOP, b"map-2-x", b"map-2-y"]


def test_what_is_there_by_now_under_a_key_that_hung_on_nothing_stays() -> None:
    live = {b"map-2-x": b"since"}
    came = merged("session_storage", live, {b"map-2-x": b"hung on nothing"}, overwrite=True)
    assert came.pairs == [*live.items()]


@pytest.mark.parametrize(
    ("last", "saved", "other", "taken", "now"),
    [
        (b"3", b"7", b"2", "", (b"7", b"7")),  # behind what came back
        (b"9", b"7", b"2", "", (b"9", b"7")),  # already behind it
        (b"9", b"2", b"2", "", (b"10", b"10")),  # a new number, behind all
        (b"3", b"2", b"4", "2", (b"5", b"5")),  # a folder without a record is in the way
        (b"odd", b"7", b"2", "", (b"007", b"7")),  # counts for nothing
    ],
)
def test_a_counter_stands_behind_every_number_in_use(
    last: bytes, saved: bytes, other: bytes, taken: str, now: tuple[bytes, bytes]
) -> None:
    live = {b"LAST_PATH": last, OTHER_FOLDER: other}
    came = merged(
        "file_system",
        live,
        {FOLDER: saved},
        is_taken=lambda link: link[1] == taken.encode(),
    )
    counter, number = now
    assert came.pairs == sorted({**live, b"LAST_PATH": counter, FOLDER: number}.items())


def test_a_number_that_made_room_is_not_in_use() -> None:
    live = {b"LAST_PATH": b"3", FOLDER: b"9"}
    came = merged("file_system", live, {FOLDER: b"2"}, overwrite=True)
    assert came.pairs == [(b"LAST_PATH", b"3"), (FOLDER, b"2")]


def test_where_nothing_comes_back_nothing_is_counted() -> None:
    live = {b"LAST_PATH": b"1", FOLDER: b"9"}
    for saved in ({FOLDER: b"9"}, {FOLDER: b"2"}):
        assert merged("file_system", live, saved).pairs == sorted(live.items())
