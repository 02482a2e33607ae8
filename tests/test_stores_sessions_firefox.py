"""Firefox's tabs: the site's pages go, every other tab keeps its history, and all come back."""

import base64
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from loginfix.errors import NotUnderstoodError
from loginfix.files.tree import Tree
from loginfix.formats import mozlz4
from loginfix.sites.catalog import load_catalog
from loginfix.stores.model import Category, Place, Restored, Root, State, Wish
from loginfix.stores.sessions.firefox import FirefoxSessions
from loginfix.stores.sessions.json_edit import StateEdit, edit_state
from oracle import Oracle, digests
from recorder.recordings import unpack
from session_files import firefox_files, hosts_in
from session_files import mozlz4 as read
from store_doubles import TARGET, WISH, DirectWorkspace, MemoryBackup

RECORDINGS = ["firefox-esr-153", "firefox-esr-140", "firefox-esr-153-killed"]
STORES = {
    category: FirefoxSessions(f"firefox.{category}", category.title(), category)
    for category in (Category.SESSIONS, Category.COOKIES, Category.STORAGE)
}
STORE = STORES[Category.SESSIONS]
AMAZON = Wish(load_catalog().resolve("amazon"))
SHOP = "https://www.amazon.com/"
OTHER = "https://www.example.com/"

Json = dict[str, Any]


def place_in(profile: Path) -> Place:
    return Place(Tree(profile), Root.PROFILE, "sessionstore.jsonlz4")


def clear(profile: Path, wish: Wish = WISH, store: FirefoxSessions = STORE) -> MemoryBackup:
    backup = MemoryBackup()
    place = place_in(profile)
    work = DirectWorkspace(profile, profile.parent / "scratch")
    assert store.clear(place, wish, work, backup).state is State.FOUND
    work.apply()
    assert store.find(place, wish).state is State.CLEAN
    return backup


def restore(profile: Path, backup: MemoryBackup, *, overwrite: bool = False) -> Restored:
    work = DirectWorkspace(profile, profile.parent / "scratch")
    restored = STORE.restore(place_in(profile), backup, work, overwrite=overwrite)
    work.apply()
    return restored


def contents(profile: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in firefox_files(profile)}


def histories(state: Json) -> list[list[str]]:
    return [
        [page["url"] for page in tab["entries"]]
        for window in state["windows"]
        for tab in window["tabs"]
    ]


@pytest.mark.parametrize("name", RECORDINGS)
def test_recorded_tabs_lose_the_site_and_nothing_else(name: str, tmp_path: Path) -> None:
    recording = unpack(name, tmp_path / "home")
    oracle = Oracle(recording)
    profile = recording.profile
    before = {path: read(path) for path in firefox_files(profile)}
    bytes_before = contents(profile)
    assert any(oracle.is_target(host) for path in before for host in hosts_in(path))
    backup = clear(profile, AMAZON)
    for path, state in before.items():
        after = read(path)
        expected = [
            [url for url in tab if not oracle.names_target(url)] for tab in histories(state)
        ]
        assert histories(after) == [tab for tab in expected if tab]
        assert not [host for host in hosts_in(path) if oracle.is_target(host)]
        assert after["cookies"] == [
            cookie
            for cookie in state["cookies"]
            if not oracle.is_target(cookie["host"])
            and (
                oracle.is_excluded(cookie["host"].removeprefix("."))
                or "amazon" not in cookie["originAttributes"].get("partitionKey", "")
            )
        ]
        for window in after["windows"]:
            assert 1 <= window["selected"] <= len(window["tabs"])
            assert all(1 <= tab["index"] <= len(tab["entries"]) for tab in window["tabs"])
        assert {key: after[key] for key in after if key not in ("windows", "cookies")} == {
            key: state[key] for key in state if key not in ("windows", "cookies")
        }
    assert restore(profile, backup) == Restored(restored=len(before))
    assert contents(profile) == bytes_before
    assert restore(profile, backup) == Restored(unchanged=len(before))


def page(url: str, **more: Any) -> Json:
    return {"url": url, "title": f"title of {url}", **more}


def tab(*pages: str | Json, **more: Any) -> Json:
    entries = [page(each) if isinstance(each, str) else each for each in pages]
    return {"entries": entries, "index": len(entries), **more}


def session(*tabs: Json, selected: int = 1, **more: Any) -> Json:
    return {"windows": [{"tabs": [*tabs], "selected": selected}], **more}


def edited(state: Json, wish: Wish = WISH) -> StateEdit:
    original = deepcopy(state)
    edit = edit_state(state, wish)
    assert state == original
    assert not edit_state(edit.state, wish).changes
    return edit


def left(state: Json, wish: Wish = WISH) -> Any:
    return edited(state, wish).state


def test_the_page_before_the_one_that_is_gone_is_shown() -> None:
    of_page = {"image": f"{SHOP}icon", "formdata": {"url": SHOP}, "scroll": {"scroll": "0,5"}}
    state = session(tab(OTHER, SHOP, f"{OTHER}2", index=2, requestedIndex=3, **of_page))
    assert left(state) == session(tab(OTHER, f"{OTHER}2", index=1, requestedIndex=0))
    assert left(session(tab(SHOP, OTHER, index=1))) == session(tab(OTHER, index=1))
    kept = {"image": f"{OTHER}icon", "formdata": {"url": OTHER}}
    assert left(session(tab(SHOP, OTHER, index=2, **kept))) == session(tab(OTHER, **kept))


@pytest.mark.parametrize(("selected", "expected"), [(1, 1), (2, 1), (3, 1), (4, 2), (5, 3), (6, 3)])
def test_the_tab_before_the_one_that_is_gone_is_selected(selected: int, expected: int) -> None:
    others = [tab(f"{OTHER}{number}") for number in range(3)]
    gone = tab("about:newtab", SHOP)
    state = session(others[0], gone, gone, others[1], others[2], gone, selected=selected)
    assert left(state) == session(*others, selected=expected)


def test_pages_that_stand_for_a_page_of_the_site_go() -> None:
    for url in (
        "about:reader?url=https%3A%2F%2Fwww.amazon.com%2Fdp",
        "about:neterror?e=dnsNotFound&u=https%3A//www.amazon.com/&c=UTF-8",
        "view-source:https://www.amazon.com/",
    ):
        assert left(session(tab(OTHER, url))) == session(tab(OTHER))
    mention = "https://search.example/?q=https://www.amazon.com/"
    assert not edited(session(tab(mention, "https://www.notamazon.com/"))).changes


def test_a_window_goes_with_its_last_tab_and_what_was_closed_in_it_stays() -> None:
    closed = {"state": tab(OTHER), "closedId": 3}
    windows = [
        {"tabs": [tab(SHOP)], "selected": 1, "_closedTabs": [closed, {"state": tab(SHOP)}]},
        {"tabs": [tab(OTHER)], "selected": 1},
    ]
    for selected in (1, 2):
        state = {"windows": windows, "selectedWindow": selected}
        assert left(state) == {
            "windows": [{**windows[1], "_closedTabs": [closed]}],
            "selectedWindow": 1,
        }


def test_the_last_window_shows_a_new_tab_and_cookies_stay() -> None:
    cookie = {"host": "www.example.com", "name": "n", "originAttributes": {}}
    state = session(tab(SHOP), tab(SHOP), selected=2, cookies=[cookie], selectedWindow=1)
    after = left(state)
    (window,) = after["windows"]
    assert [each["url"] for each in window["tabs"][0]["entries"]] == ["about:newtab"]
    assert (window["selected"], len(window["tabs"])) == (1, 1)
    assert after["cookies"] == [cookie]


def test_closed_tabs_windows_and_groups_go_and_their_order_with_them() -> None:
    state = session(tab(OTHER))
    state["windows"][0] |= {
        "_closedTabs": [
            {"state": tab(SHOP), "closedId": 1},
            {
                "state": tab(OTHER, SHOP),
                "title": "shop",
                "image": f"{SHOP}icon",
                "closedId": 2,
            },
        ],
        "closedGroups": [{"id": "g", "tabs": [{"state": tab(SHOP)}], "closedId": 3}],
        "_lastClosedActions": [{"type": 0, "closedId": number} for number in range(1, 6)],
    }
    state["_closedWindows"] = [
        {"tabs": [tab(SHOP)], "selected": 1, "title": "shop", "closedId": 4},
        {"tabs": [tab(OTHER), tab(SHOP)], "selected": 2, "title": "shop", "closedId": 5},
    ]
    state["savedGroups"] = [
        {"id": "s", "name": "mine", "tabs": [{"state": tab(SHOP)}, {"state": tab(OTHER)}]},
        {"id": "t", "tabs": [{"state": tab(SHOP)}]},
    ]
    after = left(state)
    (window,) = after["windows"]
    assert window["_closedTabs"] == [
        {"state": tab(OTHER), "title": f"title of {OTHER}", "closedId": 2}
    ]
    assert window["closedGroups"] == []
    assert [each["closedId"] for each in window["_lastClosedActions"]] == [2, 4, 5]
    assert after["_closedWindows"] == [
        {"tabs": [tab(OTHER)], "selected": 1, "title": f"title of {OTHER}", "closedId": 5}
    ]
    assert after["savedGroups"] == [{"id": "s", "name": "mine", "tabs": [{"state": tab(OTHER)}]}]


def test_open_groups_and_splits_lose_their_tabs() -> None:
    state = session(
        tab(SHOP, groupId="a"),
        tab(OTHER, groupId="b"),
        tab(SHOP, groupId="b", splitViewId="x"),
        tab(OTHER, splitViewId="x"),
    )
    state["windows"][0] |= {"groups": [{"id": "a"}, {"id": "b"}], "splitViews": [{"id": "x"}]}
    (window,) = left(state)["windows"]
    assert window["tabs"] == [tab(OTHER, groupId="b"), tab(OTHER)]
    assert (window["groups"], window["splitViews"]) == ([{"id": "b"}], [])


def in_base64(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.b64encode(data).decode()


def test_what_says_where_a_page_was_opened_from_goes() -> None:
    content = {"1": {"0": f"{SHOP}dp"}}
    state = session(
        tab(
            page(
                OTHER,
                originalURI=f"{SHOP}go",
                resultPrincipalURI=f"{SHOP}go",
                referrerInfo=in_base64(b"\0\0\0\x20" + SHOP.encode()),
                policyContainer=in_base64(SHOP.encode()),
                triggeringPrincipal_base64=json.dumps(content),
                principalToInherit_base64=in_base64(content),
                partitionedPrincipalToInherit_base64=json.dumps(
                    {"0": {"0": f"moz-nullprincipal:{{123}}?{SHOP}"}}
                ),
                expanded_base64=json.dumps({"2": {"0": in_base64(content)}}),
                futureURI=SHOP,
                structuredCloneState=in_base64(SHOP.encode()),
                docIdentifier=7,
            )
        )
    )
    (entry,) = left(state)["windows"][0]["tabs"][0]["entries"]
    assert entry["url"] == OTHER
    assert entry["docIdentifier"] == 7
    assert entry["resultPrincipalURI"] is None
    assert entry["structuredCloneState"] == in_base64(SHOP.encode())  # the page's own words
    assert not {"originalURI", "referrerInfo", "policyContainer", "futureURI"} & entry.keys()
    for key in ("triggeringPrincipal_base64", "expanded_base64"):
        assert json.loads(entry[key])["0"]["0"].startswith("moz-nullprincipal:{")
    inherited = json.loads(base64.b64decode(entry["principalToInherit_base64"]))
    assert inherited["0"]["0"].startswith("moz-nullprincipal:{")
    spec = json.loads(entry["partitionedPrincipalToInherit_base64"])["0"]["0"]
    assert spec == "moz-nullprincipal:{123}"


def test_what_others_opened_stays_as_it_is() -> None:
    entry = page(
        OTHER,
        originalURI="https://search.example/?q=www.amazon.com",
        referrerInfo=in_base64(b"https://www.notamazon.com/"),
        triggeringPrincipal_base64='{"3":{}}',
        title="www.amazon.com",
        children=[page(f"{OTHER}frame")],
        unknown={"deep": ["https://www.amazon.com.example/"]},
    )
    assert not edited(session(tab(entry))).changes


def test_frames_of_the_site_leave_their_places_empty() -> None:
    inner = page(f"{OTHER}frame", children=[page(SHOP), page(f"{OTHER}inner")])
    state = session(
        tab(
            page(OTHER, children=[page(SHOP), inner]),
            formdata={
                "url": OTHER,
                "id": {"a": "typed"},
                "children": [{"url": SHOP, "id": {}}, {"url": OTHER, "children": [{"url": SHOP}]}],
            },
        )
    )
    (one,) = left(state)["windows"][0]["tabs"]
    first, second = one["entries"][0]["children"]
    assert first == {}
    assert second == page(f"{OTHER}frame", children=[{}, page(f"{OTHER}inner")])
    assert one["formdata"] == {
        "url": OTHER,
        "id": {"a": "typed"},
        "children": [None, {"url": OTHER, "children": [None]}],
    }


def test_a_tab_keeps_nothing_of_the_site_beside_its_pages() -> None:
    kept = {"userContextId": 2, "extData": {"addon": SHOP}, "unknown": 1, "storage": {OTHER: {}}}
    state = session(
        tab(
            OTHER,
            image=f"{SHOP}icon",
            userTypedValue="www.amazon.com/dp",
            canonicalUrl=SHOP,
            iconLoadingPrincipal=json.dumps({"1": {"0": SHOP}}),
            _zenPinnedInitialState={"entry": {"url": SHOP}, "image": ""},
            **{**kept, "storage": {OTHER: {}, SHOP[:-1]: {"a": "b"}}},
        )
    )
    (one,) = left(state)["windows"][0]["tabs"]
    assert json.loads(one.pop("iconLoadingPrincipal"))["0"]
    assert one == tab(OTHER, **kept)


def cookie(host: str, name: str = "session", partition: str = "", **more: Any) -> Json:
    attributes = {"partitionKey": partition} if partition else {}
    return {"host": host, "name": name, "path": "/", "originAttributes": attributes, **more}


COOKIES = [
    cookie(".amazon.com"),
    cookie("www.amazon.com", "kept"),
    cookie("cdn.example", partition="(https,amazon.co.jp)"),
    cookie("www.example.com"),
    cookie("signin.aws.amazon.com"),
    cookie("cdn.example", partition="(https,notamazon.com)"),
]


def test_session_cookies_go_with_their_partitions_but_for_those_to_be_kept() -> None:
    state = session(tab(OTHER), cookies=COOKIES)
    assert left(state)["cookies"] == COOKIES[3:]
    assert left(state, Wish(TARGET, frozenset({"kept"})))["cookies"] == [COOKIES[1], *COOKIES[3:]]
    state["windows"][0]["cookies"] = COOKIES[:1]  # before 2016
    assert left(state)["windows"][0]["cookies"] == []


@pytest.mark.parametrize(
    ("categories", "gone"),
    [
        ({Category.SESSIONS}, {"tabs", "storage"}),
        ({Category.COOKIES}, {"cookies"}),
        ({Category.STORAGE}, {"storage"}),
        ({Category.COOKIES, Category.STORAGE}, {"cookies", "storage"}),
        ({Category.SESSIONS, Category.COOKIES}, {"tabs", "storage", "cookies"}),
        ({Category.HISTORY}, set()),
    ],
)
def test_each_category_goes_by_itself_and_one_store_does_it(
    categories: set[Category], gone: set[str], tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    profile.mkdir()
    storage = {"storage": {SHOP[:-1]: {"a": "b"}}}
    state = session(tab(OTHER, **storage), tab(SHOP), cookies=COOKIES)
    write(profile / "sessionstore.jsonlz4", state)
    wish = Wish(TARGET, categories=frozenset(categories))
    found = [
        store
        for store in STORES.values()
        if store.find(place_in(profile), wish).state is not State.CLEAN
    ]
    assert len(found) == bool(gone)
    if found:
        clear(profile, wish, found[0])
    after = read(profile / "sessionstore.jsonlz4")
    assert (after["cookies"] != COOKIES) == ("cookies" in gone)
    assert (SHOP not in json.dumps(histories(after))) == ("tabs" in gone)
    assert ("storage" not in after["windows"][0]["tabs"][0]) == ("storage" in gone)


def write(path: Path, state: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(state).encode()
    path.write_bytes(mozlz4.encode(text) if "lz4" in path.name else text)


@pytest.mark.parametrize(
    "name",
    [
        "sessionstore.js",
        "sessionstore.bak",
        "sessionstore-backups/previous.jsonlz4",
        "sessionstore-backups/upgrade.jsonlz4-20261124000000",
        "sessionstore-backups/recovery.js",
        "sessionstore-backups/upgrade.js-20160101000000",
    ],
)
def test_every_file_that_firefox_may_read_is_edited(name: str, tmp_path: Path) -> None:
    path = tmp_path / "profile" / name
    write(path, session(tab(OTHER), tab(SHOP)))
    before = path.read_bytes()
    backup = clear(tmp_path / "profile")
    data = path.read_bytes()
    state = json.loads(mozlz4.decode(data) if data.startswith(mozlz4.MAGIC) else data)
    assert data.startswith(mozlz4.MAGIC) == ("lz4" in name)
    assert state == session(tab(OTHER))
    assert restore(tmp_path / "profile", backup).restored == 1
    assert path.read_bytes() == before


def test_the_tabs_of_zen_go(tmp_path: Path) -> None:
    path = tmp_path / "profile" / "zen-sessions.jsonlz4"
    state = {
        "tabs": [tab(SHOP, groupId="a"), tab(OTHER, zenPinnedId="p")],
        "groups": [{"id": "a"}],
        "folders": [{"id": "f", "name": "mine"}],
        "spaces": [{"uuid": "s"}],
    }
    write(path, state)
    clear(tmp_path / "profile")
    assert read(path) == {**state, "tabs": state["tabs"][1:], "groups": []}
    write(path, {"tabs": [tab(SHOP)], "spaces": [1]})
    clear(tmp_path / "profile")
    assert read(path) == {"tabs": [], "spaces": [1]}


def test_text_that_only_an_escape_can_hold_stays(tmp_path: Path) -> None:
    path = tmp_path / "profile" / "sessionstore.jsonlz4"
    write(path, session(tab(page(OTHER, title="half \ud83d"), SHOP)))
    clear(tmp_path / "profile")
    assert read(path) == session(tab(page(OTHER, title="half \ud83d")))


@pytest.mark.parametrize(
    "damage",
    [
        b"mozLz40\0\xff\0\0\0?",
        b'{"windows":',
        b"[]",
        mozlz4.encode(b"\xff"),
        mozlz4.encode(b"[" * 100_000),
        b'{"windows":' + b"[" * 800 + b"]" * 800 + b"}",
    ],
)
def test_one_damaged_file_leaves_all_alone(damage: bytes, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    write(profile / "sessionstore.jsonlz4", session(tab(SHOP)))
    backups = profile / "sessionstore-backups"
    backups.mkdir()
    (backups / "previous.jsonlz4").write_bytes(damage)
    before = digests(profile)
    with pytest.raises(NotUnderstoodError, match=r"previous\.jsonlz4"):
        STORE.find(place_in(profile), WISH)
    assert digests(profile) == before


def test_a_used_session_gets_its_tabs_and_cookies_back(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    path = profile / "sessionstore.jsonlz4"
    old = profile / "sessionstore-backups" / "previous.jsonlz4"
    lost = tab(OTHER, SHOP, image="icon")
    write(path, session(lost, tab(SHOP), cookies=COOKIES))
    write(old, session(tab(SHOP)))
    old_bytes = old.read_bytes()
    backup = clear(profile)
    newer = cookie(".amazon.com", value="newer")
    closed = {"state": tab(OTHER), "closedId": 8}
    used = session(tab(f"{OTHER}since"), cookies=[COOKIES[3], newer])
    used["windows"][0]["_closedTabs"] = [closed]
    write(path, used)
    # Two tabs and two of the three cookies; the file before is as it was left.
    assert restore(profile, backup) == Restored(restored=1, merged=4, unchanged=1)
    after = read(path)
    assert histories(after) == [[f"{OTHER}since"]]
    first, second, third = after["windows"][0]["_closedTabs"]
    assert third == closed
    assert [each["state"] for each in (second, first)] == [lost, tab(SHOP)]
    assert [each["closedId"] for each in (second, first)] == [9, 10]
    assert second["title"] == f"title of {SHOP}"
    assert after["cookies"] == [COOKIES[3], newer, COOKIES[1], COOKIES[2]]
    assert old.read_bytes() == old_bytes
    assert restore(profile, backup) == Restored(unchanged=6)
    assert restore(profile, backup, overwrite=True).merged == 1
    assert COOKIES[0] in read(path)["cookies"]


def test_what_firefox_has_moved_away_is_merged_into_what_it_reads(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    recovery = profile / "sessionstore-backups" / "recovery.jsonlz4"
    write(recovery, session(tab(OTHER), tab(SHOP)))
    backup = clear(profile)
    recovery.unlink()
    write(profile / "sessionstore.jsonlz4", session(tab(OTHER)))
    assert restore(profile, backup).merged == 1
    state = read(profile / "sessionstore.jsonlz4")
    assert state["windows"][0]["_closedTabs"][0]["state"] == tab(SHOP)
