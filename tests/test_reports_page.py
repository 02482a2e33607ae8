"""The page: complete by itself, harmless whatever it names, and never too large to open."""

import base64
import hashlib
import re
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

import reports_to_keep as made
from loginfix import words
from loginfix.api.results import Result
from loginfix.clearing.plan import ProfilePlan
from loginfix.reports.document import Bars, Timeline
from loginfix.reports.files import write_report
from loginfix.reports.page.figures import FULL, buckets, segments
from loginfix.reports.views import view_of
from loginfix.stores.model import Category
from test_reports_doctor import FULL as CONSULTATION
from test_reports_views import RESTORED

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Page(HTMLParser):
    """What a page is made of."""

    tags: Counter[str] = field(default_factory=Counter)
    attributes: list[tuple[str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    _inside: str = ""
    raw: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside in ("style", "script"):
            self.raw[self._inside] = data
        else:
            self.texts.append(data)

    def handle_endtag(self, _: str) -> None:
        self._inside = ""


def page_of(result: Result, tmp_path: Path) -> Page:
    write_report(result, "clear-cache", tmp_path / "a.html")
    page = Page()
    page.feed((tmp_path / "a.html").read_text("utf-8"))
    page.close()
    return page


RESULTS = pytest.mark.parametrize(
    "result",
    [
        made.dry_run(),
        made.nothing(),
        made.cleared(),
        made.cleared(left=True),
        made.hostile(),
        CONSULTATION,
        RESTORED,
    ],
    ids=["plan", "nothing", "cleared", "left", "hostile", "doctor", "restore"],
)


@RESULTS
def test_a_page_needs_nothing_else(result: Result, tmp_path: Path) -> None:
    page = page_of(result, tmp_path)
    assert not page.tags.keys() & {"link", "img", "iframe", "object", "form", "base", "video"}
    names = [name for name, _ in page.attributes]
    assert not {"src", "srcset", "style", "action", "background"} & set(names)
    assert not [name for name in names if name.startswith("on")]
    assert all(value.startswith("#part-") for name, value in page.attributes if name == "href")
    assert not re.search(
        r"url\(|@import|fetch\(|XMLHttp|eval\(|innerHTML", "".join(page.raw.values())
    )


@RESULTS
def test_its_own_policy_lets_only_its_own_style_and_script_in(
    result: Result, tmp_path: Path
) -> None:
    page = page_of(result, tmp_path)
    (policy,) = (value for _, value in page.attributes if value.startswith("default-src 'none'"))
    assert (page.tags["style"], page.tags["script"]) == (1, 1)
    for kind, text in page.raw.items():
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_whatever_it_names_stays_text(tmp_path: Path) -> None:
    page = page_of(made.hostile(), tmp_path)
    text = "".join(page.texts)
    for name in made.HOSTILE:
        shown = re.sub(r"[\x00-\x1f\u202e]", "\ufffd", name[:900])
        assert shown in text, name
    assert "49" not in [each.strip() for each in page.texts]


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_it_says_its_language(language: str, tmp_path: Path) -> None:
    try:
        words.use(language)
        page = page_of(made.dry_run(), tmp_path)
    finally:
        words.use("en")
    assert ("lang", language) in page.attributes


def test_what_matters_can_be_read_without_a_script(tmp_path: Path) -> None:
    text = "".join(page_of(made.cleared(), tmp_path).texts)
    assert "A search of every byte found nothing left." in text
    assert "loginfix restore 20261124-120000-amazon" in text
    assert "Every single item" in text
    assert "session-token" in text


def test_what_a_search_found_is_no_good_news(tmp_path: Path) -> None:
    page = page_of(made.cleared(left=True), tmp_path)
    text = "".join(page.texts)
    assert "found something left; it is named below" in text
    assert "found nothing left" not in text
    assert "/home/hanako.yamada/.config/google-chrome/Default/Unknown" in text
    assert ("class", "summary warning") in page.attributes


def test_where_nothing_was_found_there_is_nothing_to_show(tmp_path: Path) -> None:
    page = page_of(made.nothing(), tmp_path)
    text = "".join(page.texts)
    assert "Nothing of Amazon was found." in text
    assert "What stays, and why" in text
    assert not page.tags.keys() & {"svg", "table"}
    for heading in ("The backup", "Where it is", "Every item"):
        assert heading not in text


def test_what_only_left_traces_is_backed_up_all_the_same(tmp_path: Path) -> None:
    found = replace(made.finding(Category.COOKIES, ("a",)), items=0, listing=(), hosts={})
    page = page_of(made.dry_run(ProfilePlan(made.profile(), (found,))), tmp_path)
    assert "a backup is written to" in "".join(page.texts)


def test_fifty_thousand_items_make_a_page_that_opens(tmp_path: Path) -> None:
    result = made.large()
    start = time.monotonic()
    page = page_of(result, tmp_path)
    assert time.monotonic() - start < 30
    assert (tmp_path / "a.html").stat().st_size < 2 << 20
    assert page.tags["tr"] < 1_200
    assert any("The first 1,000 of 50,000 rows" in text for text in page.texts)


def test_bars_are_to_scale_and_fill_no_more_than_the_picture() -> None:
    figure = Bars(
        "", ("a", "b", "c"), (("x", (600, 0, 400)), ("y", (250, 250, 0)), ("z", (1, 1, 1)))
    )
    whole, half, speck = segments(figure)
    assert [(each.start, each.width) for each in whole.segments] == [(0, 6000), (6000, 4000)]
    assert [(each.number, each.width) for each in half.segments] == [(0, 2500), (1, 2500)]
    assert all(each.width > 50 for each in speck.segments)
    assert whole.text == "a: 600 bytes, c: 400 bytes"


def test_what_is_made_wider_to_be_seen_does_not_push_the_rest_out() -> None:
    (bar,) = segments(Bars("", tuple("abcd"), (("x", (1, 10**9, 1, 1)),)))
    last = bar.segments[-1]
    assert last.start + last.width <= FULL
    assert [each.start for each in bar.segments] == sorted(each.start for each in bar.segments)


@pytest.mark.parametrize(
    ("ago", "label", "fewest", "most"),
    [
        (timedelta(0), "2026-11-24 ", 20, 30),
        (timedelta(hours=20), "2026-11-24 ", 20, 30),
        (timedelta(days=3), "2026-11-24", 14, 16),
        (timedelta(days=61), "2026-11-24", 60, 64),
        (timedelta(days=200), "2026-11", 7, 8),
        (timedelta(days=365 * 30), "2026", 30, 32),
    ],
)
def test_the_timeline_fits_what_it_shows(
    ago: timedelta, label: str, fewest: int, most: int
) -> None:
    columns = buckets(Timeline("", (NOON - ago, NOON, NOON)))
    assert sum(each.count for each in columns) == 3
    assert columns[-1].label.startswith(label)
    assert fewest <= len(columns) <= most
    assert max(each.height for each in columns) == FULL
    assert all((each.count == 0) == (each.height == 0) for each in columns)
    assert columns[-1].start + columns[-1].width <= FULL


def test_many_profiles_make_no_more_bars_than_can_be_seen(tmp_path: Path) -> None:
    found = made.finding(Category.COOKIES, ("a", "b"))
    plans = [ProfilePlan(made.profile(name=f"Person {n}"), (found,)) for n in range(40)]
    page = page_of(made.dry_run(*plans), tmp_path)
    assert page.attributes.count(("class", "bar")) == 12
    assert "29 more profiles" in [text.strip() for text in page.texts]
    assert "Person 39" in "".join(page.texts)


def test_the_newest_items_are_shown_first() -> None:
    result = made.dry_run()
    document = view_of(result).document(result)
    times = [row[-1] for row in document.sections[-1].parts[0].rows]  # type: ignore[union-attr]
    known = [each for each in times if isinstance(each, datetime)]
    assert known == sorted(known, reverse=True)
    assert times[: len(known)] == known
    assert len(times) == len(document.listing.rows)


def test_endless_names_make_no_endless_page(tmp_path: Path) -> None:
    names = tuple(f"https://www.amazon.co.jp/{number}/{'x' * 100_000}" for number in range(50))
    found = made.finding(Category.HISTORY, names)
    page_of(made.dry_run(ProfilePlan(made.profile(), (found,))), tmp_path)
    assert (tmp_path / "a.html").stat().st_size < 200_000
