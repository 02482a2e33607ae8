"""A login that fails in the live browser, what the doctor says, and the login that works again."""

import json
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from live.binaries import chromium_binary, firefox_binary
from recorder.chromium import Chromium
from recorder.content import Response
from recorder.firefox import Firefox
from recorder.recording import CHROMIUM, FIREFOX, FIREFOX_PROFILE, PROFILES_INI
from recorder.web import Web

pytestmark = pytest.mark.live

SHOP = "www.amazon.co.jp"
SIGN_IN = f"https://{SHOP}/ap/signin"
ACCOUNT = f"https://{SHOP}/account"
# As nginx and Apache: a longer line is refused.
LONGEST_HEADER = 8190
WORKER = b"""
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(clients.claim()));
self.addEventListener("fetch", (event) => event.respondWith(new Response(
  "<title>The shop of last year</title>", { headers: { "Content-Type": "text/html" } })));
"""
REGISTER = b"""<title>Shop</title><script>
navigator.serviceWorker.register("/worker.js").then(() => navigator.serviceWorker.ready)
  .then(() => { document.title = "Registered"; });
</script>"""


class ShopWeb(Web):
    """A shop with a login: who has its cookies is signed in."""

    def respond(self, host: str, path: str, headers: Message) -> Response:
        sent = headers.get("Cookie", "")
        if len(sent) > LONGEST_HEADER:
            return Response(400, body=b"<title>Bad Request</title>")
        known = "session-id=" in sent and "session-token=" in sent
        title = "Signed in" if known else "Please enable cookies"
        session = [cookie(name, host) for name in ("session-id", "session-token")]
        pages = {
            "/ap/signin": Response(302, headers=[("Location", "/account"), *session]),
            "/account": Response(body=f"<title>{title}</title>".encode()),
            "/fill": Response(
                headers=[cookie(f"offer{n}", "x" * 2000) for n in range(5)],
                body=b"<title>Filled</title>",
            ),
            "/worker.js": Response(content_type="text/javascript", body=WORKER),
            "/register": Response(body=REGISTER),
        }
        return pages.get(path, Response(404, body=b"<title>Not here</title>"))


def cookie(name: str, value: str) -> tuple[str, str]:
    return ("Set-Cookie", f"{name}={value}; Path=/; Secure; Max-Age=9999999")


@dataclass
class Shopper:
    """A person's home with one browser."""

    home: Path
    engine: str
    web: Web

    @property
    def profile(self) -> Path:
        chromium = self.home / CHROMIUM / "Default"
        return chromium if self.engine == "chromium" else self.home / FIREFOX / FIREFOX_PROFILE

    def browser(self) -> Chromium | Firefox:
        if self.engine == "chromium":
            return Chromium(chromium_binary(), self.home, self.home / CHROMIUM, self.web)
        self.profile.mkdir(parents=True, exist_ok=True)
        (self.home / FIREFOX / "profiles.ini").write_text(PROFILES_INI, "utf-8")
        return Firefox(firefox_binary(), self.home, self.profile, self.web)

    def visit(self, *pages: tuple[str, str]) -> list[str]:
        """The titles of pages, each given with the URL that it leads to."""
        titles = []
        with self.browser() as browser:
            tab = browser.new_tab()
            for url, arrive_at in pages:
                tab.navigate(url, arrive_at=arrive_at)
                titles.append(str(tab.evaluate("document.title")))
        return titles

    def sign_in(self) -> str:
        (title,) = self.visit((SIGN_IN, ACCOUNT))
        return title

    def loginfix(self, *arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "loginfix", *arguments, "--json"],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        envelope: dict[str, Any] = json.loads(done.stdout)
        assert envelope["exit_code"] in (0, 3, 4), envelope
        data: dict[str, Any] = envelope["data"]
        return data

    def ask_doctor(self) -> dict[str, Any]:
        return self.loginfix("doctor", "--site", "amazon", "--home", str(self.home))

    def follow(self, diagnosis: dict[str, Any]) -> None:
        """Do what the doctor printed."""
        program, *words = shlex.split(diagnosis["next_step"]["command"])
        assert program == "loginfix"
        assert self.loginfix(*words, "--yes")["cleared"]


@pytest.fixture(scope="module")
def shop() -> Iterator[Web]:
    with ShopWeb() as running:
        yield running


@pytest.fixture(params=["chromium", "firefox"])
def shopper(request: pytest.FixtureRequest, tmp_path: Path, shop: Web) -> Shopper:
    return Shopper(tmp_path / "home", request.param, shop)


def test_a_healthy_browser_signs_in_and_has_no_problem(shopper: Shopper) -> None:
    assert shopper.sign_in() == "Signed in"
    diagnosis = shopper.ask_doctor()
    assert [each for each in diagnosis["checks"] if each["verdict"] == "problem"] == []
    assert diagnosis["help"].startswith("https://www.amazon.co.jp/")


def test_cookies_that_are_too_long(shopper: Shopper) -> None:
    fill = f"https://{SHOP}/fill"
    assert shopper.visit((fill, fill), (ACCOUNT, ACCOUNT)) == ["Filled", "Bad Request"]
    diagnosis = shopper.ask_doctor()
    assert diagnosis["findings"][0]["check"] == "cookie-size"
    assert diagnosis["findings"][0]["verdict"] == "problem"
    shopper.follow(diagnosis)
    assert shopper.sign_in() == "Signed in"


def test_cookies_that_are_blocked_for_the_site(shopper: Shopper) -> None:
    with shopper.browser():
        pass
    if shopper.engine == "chromium":
        path = shopper.profile / "Preferences"
        settings = json.loads(path.read_text("utf-8"))
        exceptions = (
            settings["profile"].setdefault("content_settings", {}).setdefault("exceptions", {})
        )
        exceptions["cookies"] = {f"https://{SHOP}:443,*": {"setting": 2}}
        path.write_text(json.dumps(settings), "utf-8")
    else:
        with closing(sqlite3.connect(shopper.profile / "permissions.sqlite")) as database, database:
            database.execute(
                "INSERT INTO moz_perms (origin, type, permission, expireType, expireTime,"
                " modificationTime) VALUES (?, 'cookie', 2, 0, 0, 1795494844800)",
                (f"https://{SHOP}",),
            )
    assert shopper.sign_in() == "Please enable cookies"
    diagnosis = shopper.ask_doctor()
    assert diagnosis["findings"][0]["check"] == "blocked"
    shopper.follow(diagnosis)
    assert shopper.sign_in() == "Signed in"


def test_a_damaged_cookie_database(shopper: Shopper) -> None:
    assert shopper.sign_in() == "Signed in"
    name = "Cookies" if shopper.engine == "chromium" else "cookies.sqlite"
    (shopper.profile / name).write_bytes(b"torn" * 5_000)
    diagnosis = shopper.ask_doctor()
    assert diagnosis["findings"][0]["check"] == "databases"
    assert diagnosis["next_step"]["command"] is None
    assert "Start the browser once and close it" in diagnosis["next_step"]["sentence"]
    with shopper.browser():
        pass
    assert shopper.sign_in() == "Signed in"
    again = [each for each in shopper.ask_doctor()["findings"] if each["verdict"] == "problem"]
    assert [each["evidence"] for each in again if name not in str(each["evidence"])] == []


def test_a_service_worker_of_last_year(shopper: Shopper) -> None:
    register = f"https://{SHOP}/register"
    with shopper.browser() as browser:
        tab = browser.new_tab()
        tab.navigate(register)
        tab.evaluate(
            "new Promise((resolve) => { const look = () => document.title === 'Registered'"
            " ? resolve() : setTimeout(look, 50); look(); })"
        )
        tab.navigate(ACCOUNT)
        assert tab.evaluate("document.title") == "The shop of last year"
    diagnosis = shopper.ask_doctor()
    assert diagnosis["findings"][0]["check"] == "service-workers"
    shopper.follow(diagnosis)
    assert shopper.sign_in() == "Signed in"
