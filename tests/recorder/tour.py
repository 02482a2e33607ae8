"""What a person does in the recorded browsers: one tour for both engines."""

import time
from dataclasses import dataclass
from typing import Any

from recorder.browser import Browser, Tab
from recorder.cast import CAST, HOSTS
from recorder.web import Web

ICON_SECONDS = 2.0

JP = "https://www.amazon.co.jp"
COM = "https://www.amazon.com"
EXAMPLE = "https://www.example.com"
ORG = "https://www.example.org"


@dataclass(frozen=True, slots=True)
class Stored:
    """What one page, or one frame of a page, stored and loaded.

    ``origin`` is the page's or frame's own, ``top`` the origin of the page it is in. ``loaded``
    are the URLs of its sub-resources.
    """

    origin: str
    top: str
    loaded: tuple[str, ...]


class Tour:
    """Visits everything the cast offers, several times, in several tabs."""

    def __init__(self, browser: Browser, web: Web) -> None:
        self._browser = browser
        self._web = web
        self._icons: set[str] = set()
        self.stored: dict[tuple[str, str], Stored] = {}

    def run(self) -> None:
        """Make the whole tour; tabs stay open at its end."""
        browser = self._browser
        main = browser.new_tab()
        for host in CAST:
            if host.pages:
                main.navigate(f"{host.origin}/")
                self._settle(main)
        self._redirects(main)
        self._links(main)
        self._search(main)
        for page, file in (
            (f"{COM}/invoices", f"{COM}/download/invoice.bin"),
            (f"{ORG}/reports", f"{ORG}/download/report.bin"),
        ):
            main.navigate(page)
            self._settle(main)
            browser.download(main, file)
        self._other_tabs()

    def _redirects(self, tab: Tab) -> None:
        for url, end in (
            ("http://amazon.co.jp/", f"{JP}/"),
            (f"https://na.account.amazon.com/go-to?to={ORG}/after-login", f"{ORG}/after-login"),
            (f"{ORG}/go-to?to={JP}/deal", f"{JP}/deal"),
            (f"{EXAMPLE}/moved-to?to={COM}/moved-here", f"{COM}/moved-here"),
            (f"{COM}/moved-to?to={EXAMPLE}/moved-here", f"{EXAMPLE}/moved-here"),
        ):
            tab.navigate(url, arrive_at=end)
            self._settle(tab)

    def _links(self, tab: Tab) -> None:
        tab.navigate(f"{EXAMPLE}/", typed=True)
        self._settle(tab)
        for url in (f"{JP}/gp/cart", f"{ORG}/review", f"{COM}/dp/B000", f"{COM}/dp/B001"):
            tab.click(url)
            self._settle(tab)
        tab.back()
        tab.click("https://news.example.co.jp/amazon-story")
        self._settle(tab)
        for _ in range(2):
            tab.navigate(f"{JP}/", typed=True)
            self._settle(tab)

    def _search(self, tab: Tab) -> None:
        tab.navigate("https://search.example/?q=www.amazon.co.jp")
        self._settle(tab)
        tab.click(f"{JP}/found")
        self._settle(tab)

    def _other_tabs(self) -> None:
        shopping = self._browser.new_tab()
        for url in (f"{JP}/", "https://shop.example.net/", f"{JP}/gp/history"):
            shopping.navigate(url)
            self._settle(shopping)
        reading = self._browser.new_tab()
        for url in (f"{ORG}/", "https://news.example.co.jp/", f"{ORG}/last"):
            reading.navigate(url)
            self._settle(reading)
        contained = self._browser.new_tab(container=True)
        for url in ("https://www.primevideo.com/", "https://shop.example.net/"):
            contained.navigate(url)
            self._settle(contained, note=False)

    def visit_in_containers(self) -> None:
        """Visit the target and others in two more containers of Firefox, with their frames."""
        for container in (1, 3):
            tab = self._browser.new_tab(container=container)
            for url in (f"{JP}/", f"{EXAMPLE}/", "https://console.aws.amazon.com/"):
                tab.navigate(url)
                self._settle(tab, note=False)

    def _settle(self, tab: Tab, *, note: bool = True) -> None:
        """Wait until the page has stored everything and its icon was asked for."""
        reports: list[dict[str, Any]] = tab.evaluate("window.ready")
        top = reports[0]["origin"]
        for report in reports:
            if report["errors"]:
                raise RuntimeError(f"{report['origin']} in {top}: {report['errors']}")
            key = (report["origin"], top)
            before = self.stored[key].loaded if key in self.stored else ()
            loaded = tuple(sorted({*before, *report["loaded"]}))
            if note:
                self.stored[key] = Stored(report["origin"], top, loaded)
        self._wait_for_icon(top)

    def _wait_for_icon(self, origin: str) -> None:
        host = HOSTS[origin.removeprefix("https://")]
        icon = host.icon if "//" in host.icon else f"{host.origin}{host.icon}"
        deadline = time.monotonic() + ICON_SECONDS
        while icon not in self._icons and time.monotonic() < deadline:
            if icon in self._web.asked():
                self._icons.add(icon)
            time.sleep(0.02)
        # The icon is stored some moments after its last byte; nothing tells when.
        time.sleep(0.25)
