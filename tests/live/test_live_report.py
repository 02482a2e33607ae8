"""Reports in a real Chromium: no errors, readable for everybody, and as they should look.

What they look like is kept: ``LOGINFIX_ARTIFACTS`` names the directory, else it is pytest's own.
"""

import base64
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import reports_to_keep as made
from live.binaries import chromium_binary
from loginfix import words
from loginfix.api.results import Result
from loginfix.reports.files import write_report
from recorder.chromium import Chromium, ChromiumTab
from recorder.web import Web
from test_reports_doctor import FULL as CONSULTATION
from test_reports_views import RESTORED

pytestmark = pytest.mark.live

AUDIT = Path(__file__).with_name("accessibility.js").read_text("utf-8")
WIDE, NARROW = (1100, 1400), (360, 1400)
HEADING = "By browser profile and store"


@dataclass(frozen=True)
class Shown:
    """A page in a tab, and where pictures of it are kept."""

    tab: ChromiumTab
    artifacts: Path

    def look_for(self, expression: str) -> object:
        return self.tab.evaluate(expression)

    def emulate(self, scheme: str = "light", media: str = "", size: tuple[int, int] = WIDE) -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.tab.call("Emulation.setEmulatedMedia", media=media, features=features)
        width, height = size
        self.tab.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def picture(self, name: str) -> None:
        shot = self.tab.call("Page.captureScreenshot")["data"]
        self.artifacts.mkdir(parents=True, exist_ok=True)
        (self.artifacts / f"{name}.png").write_bytes(base64.b64decode(shot))

    def audit(self) -> list[str]:
        found: list[str] = json.loads(self.tab.evaluate_text(AUDIT))
        return found


@pytest.fixture(scope="module")
def chromium(web: Web, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    home = tmp_path_factory.mktemp("home")
    with Chromium(chromium_binary(), home, home / ".config/chromium", web) as running:
        yield running


Show = Callable[..., Shown]


@pytest.fixture
def show(chromium: Chromium, tmp_path: Path) -> Show:
    """Opens a result as a page; what the browser complains of is in ``window.complaints``."""
    artifacts = Path(os.environ.get("LOGINFIX_ARTIFACTS") or tmp_path / "artifacts")

    def opened(result: Result, *, script: bool = True, language: str = "en") -> Shown:
        path = tmp_path / "report.html"
        try:
            words.use(language)
            write_report(result, "clear-cache", path)
        finally:
            words.use("en")
        tab = chromium.new_tab()
        tab.call("Page.enable")
        tab.call(
            "Page.addScriptToEvaluateOnNewDocument",
            source="window.complaints = [];"
            "addEventListener('error', (e) => complaints.push(String(e.message)));"
            "addEventListener('securitypolicyviolation', (e) => complaints.push(e.blockedURI));"
            "for (const level of ['error', 'warn'])"
            " console[level] = (...said) => complaints.push(said.join(' '));",
        )
        if not script:
            tab.call("Emulation.setScriptExecutionDisabled", value=True)
        tab.navigate(path.as_uri())
        return Shown(tab, artifacts)

    return opened


RESULTS = {
    "plan": made.dry_run(),
    "cleared": made.cleared(),
    "left": made.cleared(left=True),
    "hostile": made.hostile(),
    "doctor": CONSULTATION,
    "restore": RESTORED,
}


@pytest.mark.parametrize("name", RESULTS)
def test_everybody_can_read_it_and_the_browser_does_not_complain(name: str, show: Show) -> None:
    shown = show(RESULTS[name])
    for scheme in ("light", "dark"):
        for size, width in ((WIDE, "wide"), (NARROW, "narrow")):
            shown.emulate(scheme, size=size)
            assert shown.audit() == [], (scheme, width)
            shown.picture(f"{name}-{scheme}-{width}")
            assert shown.look_for("document.documentElement.scrollWidth <= innerWidth"), width
    assert shown.look_for("complaints") == []
    assert shown.look_for("performance.getEntriesByType('resource').length") == 0


def test_names_do_not_become_code(show: Show) -> None:
    shown = show(made.hostile())
    assert shown.look_for("document.title") == "Amazon: what would be removed"
    assert shown.look_for("document.scripts.length") == 1
    assert shown.look_for("document.images.length") == 0


def test_a_japanese_page_says_so_and_can_be_read(show: Show) -> None:
    shown = show(made.cleared(), language="ja")
    shown.emulate()
    assert shown.look_for("document.documentElement.lang") == "ja"
    headings = shown.look_for(
        "[...document.querySelectorAll('h1, h2, th')].map((heading) => heading.textContent)"
    )
    assert isinstance(headings, list)
    assert {each for each in headings if each.isascii()} == {"Cookie"}
    assert shown.audit() == []
    shown.picture("cleared-japanese")


def test_tables_sort_and_filter(show: Show) -> None:
    shown = show(made.dry_run())
    table = f"[...document.querySelectorAll('table')].find(t => t.caption.innerText == '{HEADING}')"
    column = f"[...{table}.tBodies[0].rows].filter(r => !r.hidden).map(r => r.cells[%d].innerText)"
    button = f"{table}.tHead.rows[0].cells[%d].querySelector('button').click()"
    sizes = f"[...{table}.tBodies[0].rows].map(r => Number(r.cells[4].dataset.key))"
    shown.look_for(button % 4)
    found = shown.look_for(sizes)
    assert isinstance(found, list)
    assert found == sorted(found, reverse=True)
    assert len(set(found)) > 5
    shown.look_for(button % 4)
    assert shown.look_for(sizes) == sorted(found)
    assert shown.look_for(f"{table}.tHead.rows[0].cells[4].ariaSort") == "ascending"
    shown.look_for(button % 1)
    names = shown.look_for(column % 1)
    assert isinstance(names, list)
    assert names == sorted(names)
    shown.look_for(
        f"(() => {{ const box = {table}.closest('.grid').querySelector('input');"
        " box.value = 'EDGE'; box.dispatchEvent(new Event('input')); })()"
    )
    assert shown.look_for(column % 0) == ["Microsoft Edge (仕事)"] * 2
    assert shown.look_for(f"{table}.closest('.grid').querySelector('[role=status]').innerText") == (
        "2 of 10 rows"
    )


def test_the_command_to_put_it_back_can_be_copied(show: Show) -> None:
    shown = show(made.cleared())
    shown.tab.call("Page.bringToFront")
    shown.look_for(
        "(() => { window.copied = ''; Object.defineProperty(navigator, 'clipboard',"
        " { value: { writeText: async (text) => { copied = text; } } });"
        " document.querySelector('.command button').click(); })()"
    )
    assert shown.look_for("copied") == "loginfix restore 20261124-120000-amazon"
    assert shown.look_for("document.querySelector('.command button').innerText") == "Copied"


def test_it_can_be_read_and_looks_right_without_a_script(show: Show) -> None:
    shown = show(made.cleared(), script=False)
    shown.emulate()
    shown.picture("cleared-without-script")
    tree = shown.tab.call("DOM.getDocument", depth=-1)
    text = json.dumps(tree)
    assert "loginfix restore 20261124-120000-amazon" in text
    assert '"BUTTON"' not in text


def test_it_prints_on_white_without_what_only_a_screen_can_do(show: Show) -> None:
    shown = show(made.cleared())
    shown.emulate("dark", "print")
    page = "getComputedStyle(document.body).backgroundColor"
    assert shown.look_for(page) == "rgb(255, 255, 255)"
    for hidden in ("nav", ".filter", ".command button"):
        assert shown.look_for(f"getComputedStyle(document.querySelector('{hidden}')).display") == (
            "none"
        )
    shown.picture("cleared-printed")
    printed = shown.tab.call("Page.printToPDF", printBackground=False)["data"]
    assert base64.b64decode(printed).startswith(b"%PDF")


def test_fifty_thousand_items_open_quickly(show: Show) -> None:
    shown = show(made.large())
    shown.emulate()
    seconds = shown.look_for("performance.getEntriesByType('navigation')[0].domComplete / 1000")
    assert isinstance(seconds, (int, float))
    assert seconds < 10
    shown.picture("fifty-thousand")
    assert shown.audit() == []
