"""Any log without the site restores what it restored before, minus the site.

``restored`` is a second reading of ``CreateTabsAndWindows`` in Chromium's
``session_service_commands.cc``, in the plainest words.
"""

import struct
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from loginfix.formats.snss import Command
from loginfix.stores.sessions.closed_tabs import edit_closed_tabs
from loginfix.stores.sessions.open_tabs import edit_open_tabs
from store_doubles import TARGET
from test_stores_sessions_chromium import closed, closed_window, ints, page

SHOPS = ("https://www.amazon.com/", "https://www.amazon.co.jp/dp")
URLS = (*SHOPS, "https://a.example/", "https://www.notamazon.com/", "chrome://newtab/")

Tab = tuple[list[str], str]
"""The addresses in a tab's history, and the one that is shown."""


def url_of(payload: bytes) -> str:
    (size,) = struct.unpack_from("<i", payload, 12)
    return payload[16 : 16 + size].decode()


def restored(log: list[Command]) -> list[list[Tab]]:  # noqa: C901  like the browser's own
    """The windows with their tabs, as the browser shows them."""
    tabs: dict[int, dict[str, Any]] = {}
    windows: dict[int, bool] = {}

    def tab(number: int) -> dict[str, Any]:
        return tabs.setdefault(number, {"pages": {}, "selected": 0, "window": 0, "place": 0})

    for kind, payload in log:
        numbers = struct.unpack_from(f"<{len(payload) // 4}i", payload)
        if kind == 0:
            tab(numbers[1])["window"] = numbers[0]
        elif kind == 2:
            tab(numbers[0])["place"] = numbers[1]
        elif kind == 6:
            tab(numbers[1])["pages"][numbers[2]] = url_of(payload)
        elif kind == 7:
            tab(numbers[0])["selected"] = numbers[1]
        elif kind == 9:
            windows[numbers[0]] = True
        elif kind == 16:
            tabs.pop(numbers[0], None)
        elif kind == 17:
            windows.pop(numbers[0], None)
        elif kind == 5:
            one = tab(numbers[0])
            one["pages"] = {at: url for at, url in one["pages"].items() if at < numbers[1]}
        elif kind in (11, 24):
            first, count = (0, numbers[1]) if kind == 11 else numbers[1:3]
            forget(tab(numbers[0]), first, count)
    shown = []
    for number in sorted(windows):
        own = [
            (one["place"], key, one)
            for key, one in tabs.items()
            if one["window"] == number and one["pages"]
        ]
        if own:
            shown.append([history(one) for _, _, one in sorted(own, key=lambda each: each[:2])])
    return shown


def forget(tab: dict[str, Any], first: int, count: int) -> None:
    end = first + count
    if tab["selected"] >= end:
        tab["selected"] -= count
    elif tab["selected"] >= first:
        tab["selected"] = first - 1
    left = {}
    for at, url in tab["pages"].items():
        if not first <= at < end:
            left[at - count if at >= end else at] = url
    tab["pages"] = left


def history(tab: dict[str, Any]) -> Tab:
    order = sorted(tab["pages"])
    shown = next((at for at in order if at >= tab["selected"]), order[-1])
    return [tab["pages"][at] for at in order], tab["pages"][shown]


def without_site(windows: list[list[Tab]]) -> list[list[list[str]]]:
    left = []
    for tabs in windows:
        kept = []
        for urls, _ in tabs:
            others = [url for url in urls if url not in SHOPS]
            if others == urls or any(url != "chrome://newtab/" for url in others):
                kept.append(others)
        if kept:
            left.append(kept)
    return left


TAB = st.integers(1, 3)
INDEX = st.integers(0, 5)
ADDRESS = st.sampled_from(URLS)
VISIT = st.builds(lambda tab, at, url: Command(6, page(tab, at, url)), TAB, INDEX, ADDRESS)
OPERATIONS = st.one_of(
    VISIT,
    VISIT,
    st.builds(lambda tab, at: Command(7, ints(tab, at)), TAB, INDEX),
    st.builds(lambda tab, at: Command(5, ints(tab, at)), TAB, INDEX),
    st.builds(lambda tab, at: Command(11, ints(tab, at)), TAB, st.integers(1, 3)),
    st.builds(lambda tab, at, n: Command(24, ints(tab, at, n)), TAB, INDEX, st.integers(1, 3)),
    st.builds(lambda tab, window: Command(0, ints(window, tab)), TAB, st.integers(21, 22)),
    st.builds(lambda tab, at: Command(2, ints(tab, at)), TAB, st.integers(0, 4)),
    st.builds(lambda tab: Command(16, ints(tab, 0) + bytes(8)), TAB),
)
WINDOWS = [Command(9, ints(21, 0)), Command(9, ints(22, 0))]
PLACES = [Command(0, ints(window, tab)) for window, tab in ((21, 1), (21, 2), (22, 3))]


@settings(max_examples=400, deadline=None)
@given(st.lists(OPERATIONS, max_size=30))
def test_open_tabs_are_those_of_before_without_the_site(operations: list[Command]) -> None:
    log = [*WINDOWS, *PLACES, *operations]
    before = restored(log)
    edit = edit_open_tabs(log, TARGET)
    after = restored(edit.remaining())
    assert [[urls for urls, _ in tabs] for tabs in after] == without_site(before)
    assert not any(shop.encode() in payload for _, payload in edit.remaining() for shop in SHOPS)
    # What was shown is shown, unless it went.
    stays = [each for tabs in before for each in tabs if each[1] not in SHOPS]
    for urls, shown in stays:
        others = [url for url in urls if url not in SHOPS]
        if others == urls or any(url != "chrome://newtab/" for url in others):
            assert (others, shown) in [each for tabs in after for each in tabs]
    again = edit_open_tabs(edit.remaining(), TARGET)
    assert not again.changes


def restored_closed(log: list[Command]) -> list[tuple[list[str], str]]:
    found: list[tuple[list[str], int]] = []
    for kind, payload in log:
        if kind == 4:
            found.append(([], struct.unpack_from("<i", payload, 4)[0]))
        elif kind == 1:
            found[-1][0].append(url_of(payload))
    return [(urls, urls[min(max(0, at), len(urls) - 1)]) for urls, at in found if urls]


Closed = tuple[list[str], int]
CLOSED = st.tuples(st.lists(st.sampled_from(URLS), min_size=1, max_size=5), st.integers(0, 4)).map(
    lambda pair: (pair[0], min(pair[1], len(pair[0]) - 1))
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.lists(CLOSED, min_size=1, max_size=3)), max_size=4))
def test_closed_tabs_are_those_of_before_without_the_site(
    entries: list[tuple[bool, list[Closed]]],
) -> None:
    log: list[Command] = []
    number = 0
    for in_window, tabs in entries:
        if in_window:
            log.append(closed_window(90, 0, len(tabs)))
        for urls, selected in tabs:
            number += 1
            log += closed(number, selected, *urls)
    edit = edit_closed_tabs(log, TARGET)
    after = restored_closed(edit.remaining())
    expected = []
    for urls, _ in restored_closed(log):
        others = [url for url in urls if url not in SHOPS]
        if others == urls or any(url != "chrome://newtab/" for url in others):
            expected.append(others)
    assert [urls for urls, _ in after] == expected
    for urls, shown in restored_closed(log):
        others = [url for url in urls if url not in SHOPS]
        if shown not in SHOPS and others in expected:
            assert (others, shown) in after
    counts = [struct.unpack_from("<i", p, 12)[0] for kind, p in edit.remaining() if kind == 9]
    assert all(count > 0 for count in counts)
    assert sum(counts) <= len(expected)
    assert not edit_closed_tabs(edit.remaining(), TARGET).changes
