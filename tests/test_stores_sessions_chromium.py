"""Chromium's tabs: the site's pages go, every other tab keeps its history, and all come back."""

import random
import shutil
import struct
from collections import defaultdict
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest

from loginfix.errors import NotUnderstoodError
from loginfix.files.tree import Tree
from loginfix.formats.chromium_pickle import PickleWriter
from loginfix.formats.os_crypt import CbcCipher, GcmCipher, derive_key
from loginfix.formats.snss import ENCRYPTED, MARKER, Command, build_log
from loginfix.sites.catalog import load_catalog
from loginfix.stores.model import Category, Place, Restored, Root, State, Wish
from loginfix.stores.sessions.chromium import ChromiumSessions
from loginfix.stores.sessions.closed_tabs import edit_closed_tabs
from loginfix.stores.sessions.edits import UnknownCommandError
from loginfix.stores.sessions.open_tabs import edit_open_tabs
from oracle import Oracle, digests
from recorder.recordings import unpack
from session_files import chromium_files, commands, hosts_in, urls
from store_doubles import TARGET, WISH, DirectWorkspace, MemoryBackup
from test_formats_snss import FUZZ, mojo_string

RECORDINGS = ["chromium-156", "chromium-150", "chromium-156-killed"]
STORE = ChromiumSessions("chromium.sessions", "Tabs", Category.SESSIONS)
AMAZON = Wish(load_catalog().resolve("amazon"))
CIPHER = CbcCipher(b"v10", derive_key(b"peanuts", 1))
SHOP = "https://www.amazon.com/"
OTHER = "https://www.example.com/"
WINDOW, FIRST, SECOND, THIRD = 1, 11, 12, 13


def place_in(profile: Path) -> Place:
    return Place(Tree(profile), Root.PROFILE, "Sessions")


def clear(profile: Path, wish: Wish = WISH) -> MemoryBackup:
    backup = MemoryBackup()
    place = place_in(profile)
    work = DirectWorkspace(profile, profile.parent / "scratch")
    assert STORE.clear(place, wish, work, backup).state is State.FOUND
    work.apply()
    assert STORE.find(place, wish).state is State.CLEAN
    return backup


def restore(profile: Path, backup: MemoryBackup) -> Restored:
    work = DirectWorkspace(profile, profile.parent / "scratch")
    restored = STORE.restore(place_in(profile), backup, work, overwrite=False)
    work.apply()
    return restored


def contents(profile: Path) -> dict[str, bytes]:
    return {
        path.relative_to(profile).as_posix(): path.read_bytes() for path in chromium_files(profile)
    }


def histories(path: Path) -> dict[int, list[str]]:
    """The last address of every index of every tab."""
    tabs: dict[int, dict[int, str]] = defaultdict(dict)
    for tab, index, url in urls(path):
        tabs[tab][index] = url
    return {tab: [pages[at] for at in sorted(pages)] for tab, pages in tabs.items()}


@pytest.mark.parametrize("name", RECORDINGS)
def test_recorded_tabs_lose_the_site_and_nothing_else(name: str, tmp_path: Path) -> None:
    recording = unpack(name, tmp_path / "home")
    oracle = Oracle(recording)
    profile = recording.profile

    def is_target(url: str) -> bool:
        return oracle.names_target(url)

    before = {path: histories(path) for path in chromium_files(profile)}
    bytes_before = contents(profile)
    assert any(oracle.is_target(host) for path in before for host in hosts_in(path))
    backup = clear(profile, AMAZON)
    for path, tabs in before.items():
        after = histories(path)
        kept = {tab: [url for url in pages if not is_target(url)] for tab, pages in tabs.items()}
        assert after == {tab: pages for tab, pages in kept.items() if pages}
        assert not [host for host in hosts_in(path) if oracle.is_target(host)]
    if len(before) == 4:  # the twins say the same
        for clear_file, sealed in zip(sorted(before)[:2], sorted(before)[2:], strict=True):
            assert commands(clear_file.read_bytes()) == commands(sealed.read_bytes())
    assert restore(profile, backup) == Restored(restored=len(before))
    assert contents(profile) == bytes_before
    assert restore(profile, backup) == Restored(unchanged=len(before))


def test_commands_that_stay_are_the_same_bytes(tmp_path: Path) -> None:
    profile = unpack("chromium-156", tmp_path / "home").profile
    before = {path: commands(path.read_bytes()) for path in chromium_files(profile)}
    clear(profile, AMAZON)
    for path, all_before in before.items():
        changed = [each for each in commands(path.read_bytes()) if each not in all_before]
        assert 0 < len(changed) < 8
        assert all(number in (1, 4, 6, 7) for number, _ in changed)


def test_a_used_session_gets_its_tabs_back_as_closed_ones(tmp_path: Path) -> None:
    profile = unpack("chromium-156", tmp_path / "home").profile
    backup = clear(profile, AMAZON)
    newer = profile / "Sessions" / "Session_13999999999999999"
    shutil.copy(profile / "Sessions" / "Session_13439968401563679", newer)
    used = contents(profile)
    outcome = restore(profile, backup)
    assert outcome == Restored(merged=6)
    after = contents(profile)
    changed = [rel for rel in after if after[rel] != used.get(rel)]
    assert [rel.rpartition("/")[2][:5] for rel in changed] == ["Tabs_", "Tabs_"]
    for rel in changed:
        closed = histories(profile / rel)
        assert sum(
            SHOP in pages or "https://www.amazon.co.jp/" in pages for pages in closed.values()
        )
        old = commands(used[rel])
        assert commands(after[rel])[: len(old)] == old
    assert restore(profile, backup) == Restored(unchanged=6)
    assert contents(profile) == after


def test_without_a_list_of_closed_tabs_there_is_a_new_one(tmp_path: Path) -> None:
    profile = unpack("chromium-156", tmp_path / "home").profile
    backup = clear(profile, AMAZON)
    for path in chromium_files(profile):
        if path.name.startswith("Tabs"):
            path.unlink()
    assert restore(profile, backup).merged == 6
    made = [path for path in chromium_files(profile) if path.name.startswith("Tabs")]
    assert [path.parent.name for path in made] == ["Sessions", "Sessions_Encrypted"]
    for path in made:
        assert commands(path.read_bytes())[0] == (MARKER, b"")
        assert len(list(urls(path))) > 20
        assert path.stat().st_mode & 0o777 == 0o600


# Constructed logs -------------------------------------------------------------------------------


def page(
    tab: int,
    index: int,
    url: str,
    *,
    referrer: str = "",
    state: bytes = b"",
    original: str = "",
    posted: bool = False,
) -> bytes:
    writer = PickleWriter()
    writer.int32(tab)
    writer.int32(index)
    writer.string(url.encode())
    writer.string16("title".encode("utf-16-le"))
    writer.string(state)
    for value in (0, posted):
        writer.int32(value)
    writer.string(referrer.encode())
    writer.int32(2)
    writer.string(original.encode())
    writer.int32(0)
    writer.int64(1)
    writer.string16(b"")
    for value in (200, 0, 0):
        writer.int32(value)
    return writer.to_bytes()


def text(number: int, *parts: bytes) -> bytes:
    writer = PickleWriter()
    writer.int32(number)
    for part in parts:
        writer.string(part)
    return writer.to_bytes()


def ints(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}i", *values)


def opened(tab: int, place: int, *urls_of: str, window: int = WINDOW) -> list[Command]:
    return [
        Command(0, ints(window, tab)),
        Command(2, ints(tab, place)),
        Command(19, text(tab, b"0123_namespace")),
        *(Command(6, page(tab, index, url)) for index, url in enumerate(urls_of)),
        Command(7, ints(tab, len(urls_of) - 1)),
    ]


def window(number: int = WINDOW, selected: int = 0) -> list[Command]:
    return [
        Command(9, ints(number, 0)),
        Command(14, ints(number, 0, 0, 9, 9, 1)),
        Command(8, ints(number, selected)),
        Command(20, ints(number)),
    ]


def edited(log: list[Command]) -> list[Command]:
    edit = edit_open_tabs(log, TARGET)
    assert not edit_open_tabs(edit.remaining(), TARGET).changes
    return edit.remaining()


def test_a_tab_without_a_page_goes_with_all_its_commands() -> None:
    others = [*window(selected=2), *opened(SECOND, 2, OTHER)]
    gone = opened(FIRST, 1, SHOP, "chrome://newtab/")
    gone += [
        Command(12, ints(FIRST, 1)),
        Command(13, text(FIRST, b"app")),
        Command(21, bytes(ints(FIRST, 0) + bytes(8))),
        Command(29, text(FIRST, b"agent")),
        Command(33, text(FIRST, b"key", b"value")),
        Command(30, text(FIRST, b"")),
    ]
    assert edited([*others[:4], *gone, *others[4:], Command(MARKER, b"")]) == [
        *others,
        Command(MARKER, b""),
    ]


def test_a_window_goes_with_its_last_tab_and_another_stays() -> None:
    others = [*window(2), *opened(SECOND, 0, OTHER, window=2)]
    gone = [*window(), Command(15, text(WINDOW, b"app")), *opened(FIRST, 0, SHOP)]
    assert edited([*gone, *others]) == others


def test_a_tab_that_shows_a_new_tab_page_only_stays() -> None:
    log = [*window(), *opened(FIRST, 0, "chrome://newtab/"), *opened(SECOND, 1, SHOP)]
    assert edited(log) == log[:9]


def test_the_page_before_the_one_that_is_gone_is_shown() -> None:
    log = [*window(), *opened(FIRST, 0, OTHER, SHOP, OTHER + "2"), Command(7, ints(FIRST, 1))]
    assert edited(log)[-1] == Command(7, ints(FIRST, 0))
    log = [*window(), *opened(FIRST, 0, SHOP, OTHER), Command(7, ints(FIRST, 0))]
    assert edited(log)[-1] == Command(7, ints(FIRST, 0))  # the browser takes the next


def test_the_tab_before_the_one_that_is_gone_is_shown() -> None:
    tabs = [*opened(FIRST, 0, OTHER), *opened(SECOND, 3, SHOP), *opened(THIRD, 5, OTHER)]
    assert Command(8, ints(WINDOW, 0)) in edited([*window(selected=3), *tabs])
    tabs = [*opened(FIRST, 2, SHOP), *opened(THIRD, 5, OTHER)]
    assert Command(8, ints(WINDOW, 5)) in edited([*window(selected=2), *tabs])
    assert Command(8, ints(WINDOW, 5)) in edited([*window(selected=5), *tabs])


def test_what_a_page_replaced_does_not_come_back_when_that_page_goes() -> None:
    log = [*window(), *opened(FIRST, 0, OTHER, OTHER + "old")]
    log += [Command(6, page(FIRST, 1, SHOP)), Command(7, ints(FIRST, 1))]
    assert [(index, url) for index, url in shown(edited(log))] == [(0, OTHER)]
    log += [Command(6, page(FIRST, 1, OTHER + "new"))]
    assert [(index, url) for index, url in shown(edited(log))] == [(0, OTHER), (1, OTHER + "new")]


def shown(log: list[Command]) -> list[tuple[int, str]]:
    pages = {}
    for command in log:
        if command.id == 6:
            _, index, size = struct.unpack_from("<iii", command.payload, 4)
            pages[index] = command.payload[16 : 16 + size].decode()
    return sorted(pages.items())


def test_pages_that_were_pruned_move_the_others() -> None:
    urls_of = (OTHER, SHOP, OTHER + "2", OTHER + "3", SHOP + "4", OTHER + "5")
    log = [*window(), *opened(FIRST, 0, *urls_of)]
    log += [Command(24, ints(FIRST, 1, 2)), Command(7, ints(FIRST, 3))]
    # Left are 0, 3→1, 4→2 (the site's) and 5→3; a new page at 2 replaces the site's.
    log += [Command(6, page(FIRST, 2, OTHER + "new"))]
    after = edited(log)
    assert [command for command in log if command not in after] == [
        Command(6, page(FIRST, 1, SHOP)),
        Command(6, page(FIRST, 4, SHOP + "4")),
    ]


def test_a_group_goes_with_its_last_tab_and_a_split_with_one() -> None:
    def member(kind: int, tab: int, token: int) -> Command:
        return Command(kind, ints(tab, 0) + struct.pack("<QQB7x", token, token, 1))

    def data(kind: int, token: int) -> Command:
        return Command(kind, struct.pack("<IQQ", 16, token, token))

    log = [*window(selected=2), *opened(FIRST, 0, SHOP)]
    log += [*opened(SECOND, 1, OTHER), *opened(THIRD, 2, OTHER)]
    kept = [data(27, 8), member(25, SECOND, 8), member(25, FIRST, 8)]
    gone = [data(27, 7), data(37, 9), member(25, FIRST, 7), member(36, FIRST, 9)]
    split = [member(36, SECOND, 9)]
    after = edited([*log, *gone, *kept, *gone[2:3], *split])
    assert after == [c for c in log if c not in opened(FIRST, 0, SHOP)] + kept[:2]


def test_a_closed_tab_leaves_nothing() -> None:
    log = [*window(), *opened(SECOND, 1, OTHER)]
    closed = [*opened(FIRST, 0, OTHER, SHOP), Command(16, ints(FIRST, 0) + bytes(8))]
    edit = edit_open_tabs([*log, *closed], TARGET)
    assert edit.remaining() == log
    assert (edit.tabs, edit.pages.total(), edit.superseded) == (0, 0, 1)


def test_referrer_and_initiator_become_empty_and_the_state_stays() -> None:
    state = bytes(4) + b"".join(
        mojo_string(each, width)
        for each, width in ((OTHER, 2), (SHOP, 2), (SHOP[:-1], 1), ("typed text", 2))
    )
    log = [*window(), Command(6, page(FIRST, 0, OTHER, referrer=SHOP, state=state))]
    (_, *_, last) = edited(log)
    emptied = state.replace(SHOP.encode("utf-16-le"), bytes(2 * len(SHOP)))
    assert SHOP.encode() not in last.payload
    assert SHOP.encode("utf-16-le") not in last.payload
    assert "typed text".encode("utf-16-le") in last.payload
    assert len(last.payload) == len(log[-1].payload) - 24  # the record's own referrer
    assert emptied != state


def test_a_frame_of_the_site_takes_the_whole_state_along() -> None:
    state = bytes(4) + mojo_string(OTHER, 2) + mojo_string(SHOP + "frame", 2)
    log = [*window(), Command(6, page(FIRST, 0, OTHER, state=state, original=SHOP, posted=True))]
    assert edited(log)[-1] == Command(6, page(FIRST, 0, OTHER))


def test_a_mention_of_another_site_stays() -> None:
    url = "https://search.example/?q=https://www.amazon.com/"
    state = bytes(4) + mojo_string(url, 2)
    look_alike = "https://www.notamazon.com/"
    log = [
        *window(),
        Command(6, page(FIRST, 0, url, referrer=look_alike, state=state)),
        Command(27, struct.pack("<IQQ", 16, 1, 1) + b"www.amazon.com"),
        Command(31, text(WINDOW, b"www.amazon.com")),
    ]
    assert not edit_open_tabs(log, TARGET).changes


def test_extra_values_that_name_the_site_go() -> None:
    named = [
        Command(33, text(SECOND, b"key", b'{"url":"https://www.amazon.com/"}')),
        Command(34, text(WINDOW, b"key", "www.amazon.com".encode("utf-16-le"))),
        Command(15, text(WINDOW, b"www.amazon.com__")),
    ]
    log = [*window(), *opened(SECOND, 1, OTHER), Command(33, text(SECOND, b"key", b"{}"))]
    assert edited([*log, *named]) == log


def test_an_unknown_command_stays_unless_it_names_the_site() -> None:
    log = [*window(), *opened(FIRST, 0, SHOP), *opened(SECOND, 1, OTHER)]
    unknown = Command(131, b"of a relative")
    assert unknown in edited([*log, unknown])
    for payload in (b"www.amazon.com", "amazon.co.jp".encode("utf-16-le")):
        with pytest.raises(UnknownCommandError):
            edit_open_tabs([*log, Command(131, payload)], TARGET)
        with pytest.raises(UnknownCommandError):
            edit_closed_tabs([Command(131, payload)], TARGET)


@pytest.mark.parametrize(
    "command",
    [
        Command(0, ints(1)),
        Command(7, ints(1, 2, 3)),
        Command(6, b"\4\0\0\0"),
        Command(24, ints(1, 2, 0)),
        Command(24, ints(1, -1, 2)),
        Command(11, ints(1, 0)),
        Command(25, ints(1, 2)),
        Command(MARKER, b"?"),
        Command(27, b"\0\0\0\0"),
        Command(33, b""),
    ],
)
def test_a_command_of_another_shape_is_refused(command: Command) -> None:
    with pytest.raises(UnknownCommandError):
        edit_open_tabs([command], TARGET)


def closed(number: int, selected: int, *urls_of: str) -> list[Command]:
    return [
        Command(4, ints(number, selected) + bytes(8)),
        *(Command(1, page(number, index + 30, url)) for index, url in enumerate(urls_of)),
    ]


def closed_window(number: int, selected: int, count: int) -> Command:
    writer = PickleWriter()
    for value in (number, selected, count):
        writer.int32(value)
    writer.int64(7)
    for _ in range(5):
        writer.int32(1)
    writer.string(b"")
    return Command(9, writer.to_bytes())


def edited_closed(log: list[Command]) -> list[Command]:
    edit = edit_closed_tabs(log, TARGET)
    assert not edit_closed_tabs(edit.remaining(), TARGET).changes
    return edit.remaining()


def test_closed_tabs_lose_their_pages_and_keep_the_place() -> None:
    log = closed(FIRST, 2, OTHER, SHOP, OTHER + "2") + closed(SECOND, 0, SHOP)
    assert edited_closed(log) == [
        Command(4, ints(FIRST, 1) + bytes(8)),
        log[1],
        log[3],
    ]
    (start, *_) = edited_closed(closed(FIRST, 1, OTHER, SHOP, OTHER + "2"))
    assert start == Command(4, ints(FIRST, 0) + bytes(8))
    (start, *_) = edited_closed(closed(FIRST, 0, SHOP, OTHER))
    assert start == Command(4, ints(FIRST, 0) + bytes(8))


def test_a_closed_window_counts_its_tabs_anew() -> None:
    tabs = [closed(1, 0, OTHER), closed(2, 0, SHOP), closed(3, 0, OTHER)]
    log = [closed_window(WINDOW, 2, 3), Command(7, text(WINDOW, b"name")), *chain(*tabs)]
    assert edited_closed(log) == [closed_window(WINDOW, 1, 2), log[1], *tabs[0], *tabs[2]]
    log = [closed_window(WINDOW, 0, 1), Command(12, text(WINDOW, b"name")), *tabs[1], *tabs[0]]
    assert edited_closed(log) == tabs[0]


def test_a_closed_group_counts_anew_and_a_split_of_one_is_none() -> None:
    def group(count: int) -> Command:
        return Command(13, struct.pack("<IQQii", 24, 1, 1, 5, count))

    tabs = [closed(1, 0, OTHER), closed(2, 0, SHOP)]
    assert edited_closed([group(2), *tabs[0], *tabs[1]]) == [group(1), *tabs[0]]
    assert edited_closed([group(1), *tabs[1]]) == []
    split = Command(15, struct.pack("<IQQ", 16, 1, 1))
    of_split = Command(16, b"\0\0\0\0")
    log = [split, tabs[0][0], of_split, tabs[0][1], *tabs[1], *tabs[0]]
    assert edited_closed(log) == [*tabs[0], *tabs[0]]


@pytest.mark.parametrize(
    "log",
    [
        [Command(1, page(1, 0, OTHER))],
        [Command(4, ints(1))],
        [Command(4, ints(1, 0)), Command(1, b"?")],
        [Command(9, b"\0\0\0\0")],
        [closed_window(1, 0, 0)],
    ],
)
def test_closed_tabs_that_do_not_parse_are_refused(log: list[Command]) -> None:
    with pytest.raises(UnknownCommandError):
        edit_closed_tabs(log, TARGET)


# Files ------------------------------------------------------------------------------------------


LOG = [*window(), *opened(FIRST, 0, SHOP), *opened(SECOND, 1, OTHER), Command(MARKER, b"")]
CLEAN = [*window(), *opened(SECOND, 1, OTHER), Command(MARKER, b"")]
Seal = Callable[[bytes], bytes]


def write(path: Path, log: list[Command], seal: Seal | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    records = [command.to_bytes() for command in log]
    data = build_log(ENCRYPTED if seal else 3, [seal(each) if seal else each for each in records])
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["Current Session", "Last Session", "Sessions/Apps_1"])
def test_the_files_of_old_versions_and_of_apps_are_edited(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "profile" / name, LOG)
    before = path.read_bytes()
    backup = clear(tmp_path / "profile")
    assert SHOP.encode() not in path.read_bytes()
    assert OTHER.encode() in path.read_bytes()
    assert restore(tmp_path / "profile", backup).restored == 1
    assert path.read_bytes() == before


def test_the_closed_tabs_of_old_versions_are_edited(tmp_path: Path) -> None:
    path = write(tmp_path / "profile" / "Last Tabs", closed(FIRST, 0, SHOP, OTHER))
    clear(tmp_path / "profile")
    assert SHOP.encode() not in path.read_bytes()


def test_what_a_crash_left_of_the_site_goes_too(tmp_path: Path) -> None:
    path = write(tmp_path / "profile" / "Sessions" / "Session_1", CLEAN)
    whole = path.read_bytes()
    path.write_bytes(whole + b"\xff\x0f\6" + SHOP.encode())
    clear(tmp_path / "profile")
    assert path.read_bytes() == whole


@pytest.mark.parametrize("damage", [b"SNSS\2\0\0\0", b"SNSS\3\0\0\0\2\0\4?", b"?" * 40])
def test_one_damaged_file_leaves_all_alone(damage: bytes, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    write(profile / "Sessions" / "Session_1", LOG)
    (profile / "Sessions" / "Tabs_2").write_bytes(damage)
    before = digests(profile)
    place = place_in(profile)
    work = DirectWorkspace(profile, tmp_path / "scratch")
    with pytest.raises(NotUnderstoodError, match="Tabs_2"):
        STORE.find(place, WISH)
    with pytest.raises(NotUnderstoodError, match="Tabs_2"):
        STORE.clear(place, WISH, work, MemoryBackup())
    assert (digests(profile), work.operations) == (before, [])


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "profile" / "Sessions" / "Session_1", LOG)
    empty = path.with_name("Tabs_2")
    empty.touch()
    clear(tmp_path / "profile")
    assert SHOP.encode() not in path.read_bytes()
    assert empty.read_bytes() == b""


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """A profile whose encrypted twin was made with a key of another machine."""
    profile = tmp_path / "profile"
    write(profile / "Sessions" / "Session_1", LOG)
    foreign = GcmCipher(b"v20", bytes(32))
    write(profile / "Sessions_Encrypted" / "Session_2", LOG, foreign.encrypt)
    return profile


def test_tabs_with_a_foreign_key_are_left_alone_in_both_folders(locked: Path) -> None:
    before = digests(locked)
    with pytest.raises(NotUnderstoodError) as caught:
        STORE.find(place_in(locked), WISH)
    assert "Session_2" in caught.value.message
    assert "--drop-locked-sessions" in caught.value.next_step
    work = DirectWorkspace(locked, locked.parent / "scratch")
    with pytest.raises(NotUnderstoodError):
        STORE.clear(place_in(locked), WISH, work, MemoryBackup())
    assert (digests(locked), work.operations) == (before, [])


def test_when_asked_both_folders_go_whole_and_come_back(locked: Path) -> None:
    before = digests(locked)
    wish = Wish(TARGET, drop_locked_sessions=True)
    backup = clear(locked, wish)
    assert contents(locked) == {}
    assert restore(locked, backup) == Restored(restored=2)
    assert digests(locked) == before
    assert restore(locked, backup) == Restored(unchanged=2)


def test_what_was_dropped_stays_away_from_a_session_of_since(locked: Path) -> None:
    backup = clear(locked, Wish(TARGET, drop_locked_sessions=True))
    write(locked / "Sessions" / "Session_9", CLEAN)
    before = digests(locked)
    assert len(restore(locked, backup).kept_newer) == 2
    assert digests(locked) == before


def test_a_locked_twin_of_a_clean_file_is_clean(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    for log, state in ((CLEAN, State.CLEAN), (CLEAN[:-1], None)):
        write(profile / "Sessions" / "Session_1", CLEAN)
        for cipher in (GcmCipher(b"v20", bytes(32)), CbcCipher(b"v11", bytes(16))):
            write(profile / "Sessions_Encrypted" / "Session_2", log, cipher.encrypt)
            if state:
                assert STORE.find(place_in(profile), WISH).state is state
            else:
                with pytest.raises(NotUnderstoodError):
                    STORE.find(place_in(profile), WISH)


def test_a_restore_that_cannot_reach_one_twin_changes_neither(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    write(profile / "Sessions" / "Session_1", LOG)
    write(profile / "Sessions_Encrypted" / "Session_2", LOG, CIPHER.encrypt)
    backup = clear(profile)
    write(profile / "Sessions" / "Tabs_8", [Command(MARKER, b"")])
    foreign = GcmCipher(b"v20", bytes(32))
    write(profile / "Sessions_Encrypted" / "Tabs_9", [Command(MARKER, b"")], foreign.encrypt)
    before = digests(profile)
    with pytest.raises(NotUnderstoodError, match="Tabs_9"):
        restore(profile, backup)
    assert digests(profile) == before


def test_mutated_files_are_edited_or_refused_and_never_lose_another_site(tmp_path: Path) -> None:
    rng = random.Random(2)  # noqa: S311  the same mutations every time
    profile = unpack("chromium-156", tmp_path / "home").profile
    files = [path for path in chromium_files(profile) if path.parent.name == "Sessions"]
    logs = {path.name: [Command(*each) for each in commands(path.read_bytes())] for path in files}
    site = AMAZON.site
    for _ in range(FUZZ // 10):
        name, log = rng.choice(sorted(logs.items()))
        mutated = list(log)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(mutated))
            payload = bytearray(mutated[at].payload)
            if payload:
                payload[rng.randrange(len(payload))] = rng.randrange(256)
            number = rng.choice((mutated[at].id, mutated[at].id, rng.randrange(256)))
            mutated[at] = Command(number, bytes(payload))
        work_out = edit_closed_tabs if name.startswith("Tabs") else edit_open_tabs
        try:
            edit = work_out(mutated, site)
        except UnknownCommandError:
            continue
        assert not work_out(edit.remaining(), site).changes
