"""Every check of the doctor on a profile that triggers it and on one that does not.

The profiles are recordings of real browsers, as they are and then spoilt in one way.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from loginfix.browsers.brands import load_brands
from loginfix.browsers.installed import find_profiles
from loginfix.browsers.places import Home
from loginfix.doctor import policies as rules
from loginfix.doctor.checks import COMPUTER_CHECKS, PROFILE_CHECKS
from loginfix.doctor.checks import policies as policies_check
from loginfix.doctor.cookies import cookies
from loginfix.doctor.model import Answer, Verdict
from loginfix.doctor.subject import Computer, opened
from loginfix.sites.catalog import load_catalog
from recorder.recordings import unpack

CATALOG = load_catalog()
AMAZON = CATALOG.resolve("amazon")
LOGIN = CATALOG.login_of("amazon")
# A day after the recordings were made, so that their cookies and visits are of the past.
NOW = datetime(2026, 11, 25, tzinfo=UTC)
SHOP = "www.amazon.co.jp"
SECRET = "never-to-be-shown-4711"  # noqa: S105  made up, to be looked for in answers

ADD_TO_FIREFOX = (
    "INSERT INTO moz_cookies (name, value, host, path, expiry, lastAccessed, creationTime,"
    " isSecure, isHttpOnly) VALUES (?, ?, ?, '/', ?, 0, 0, 1, 0)"
)
ADD_TO_CHROMIUM = (
    "INSERT INTO cookies VALUES (1, ?, '', ?, '', ?, '/', ?, 1, 0, 0, 1, 1, 1, -1, 2, 443, 0, 1, 1)"
)
ADD_LOGIN = (
    "INSERT INTO logins (origin_url, username_value, password_value, signon_realm, date_created,"
    " date_password_modified, blacklisted_by_user, scheme)"
    " SELECT origin_url, 'other', ?, signon_realm, ?, ?, 0, 0 FROM logins LIMIT 1"
)

PROFILE = {check.id: check for check in PROFILE_CHECKS}
COMPUTER = {check.id: check for check in COMPUTER_CHECKS}
ENGINES = ("chromium-156", "firefox-esr-153")


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    homes: dict[str, Path] = {}

    def home(name: str) -> Path:
        if name not in homes:
            homes[name] = unpack(name, tmp_path_factory.mktemp(name)).home
        return homes[name]

    return home


class Patient:
    """A home of one profile that can be spoilt and looked at."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (self.profile,) = find_profiles(Home.at(home), load_brands()).profiles
        self.path = self.profile.path

    def ask(self, check: str, now: datetime = NOW) -> Answer:
        with opened(self.profile, AMAZON, LOGIN, now) as subject:
            answer = PROFILE[check].examine(subject)
        assert answer is not None
        assert SECRET not in str(answer)
        return answer

    def run(self, rel: str, *statements: tuple[Any, ...]) -> None:
        with closing(sqlite3.connect(self.path / rel)) as database, database:
            for sql, *values in statements:
                database.execute(sql, values)

    def edit(self, rel: str, change: Callable[[dict[str, Any]], None]) -> None:
        path = (self.path / rel).resolve()
        data = json.loads(path.read_text("utf-8"))
        change(data)
        path.write_text(json.dumps(data), "utf-8")

    def prefs(self, **values: Any) -> None:
        with (self.path / "prefs.js").open("a", encoding="utf-8") as file:
            for name, value in values.items():
                file.write(f'user_pref("{name}", {json.dumps(value)});\n')

    def set_content(self, kind: str, setting: int, pattern: str = f"https://{SHOP}:443,*") -> None:
        def change(data: dict[str, Any]) -> None:
            exceptions = data["profile"]["content_settings"]["exceptions"]
            exceptions.setdefault(kind, {})[pattern] = {"setting": setting}

        self.edit("Preferences", change)

    def add_cookie(self, name: str, size: int = 20, *, host: str = SHOP, days: int = 9) -> None:
        value = (SECRET * (size // len(SECRET) + 1))[:size]
        until = NOW + timedelta(days=days)
        if "firefox" in self.profile.brand:
            row = (name, value, host, int(until.timestamp() * 1000))
            self.run("cookies.sqlite", (ADD_TO_FIREFOX, *row))
            return
        expires = int((until.timestamp() + 11_644_473_600) * 1e6)
        blob = b"v10" + b"\0" * 32 + value.encode()
        self.run("Cookies", (ADD_TO_CHROMIUM, host, name, blob, expires))

    def forget_cookies(self) -> None:
        """Those that Firefox keeps with its tabs, too."""
        if "firefox" in self.profile.brand:
            self.run("cookies.sqlite", ("DELETE FROM moz_cookies",))
            for path in self.path.rglob("*.jsonlz4"):
                path.unlink()
        else:
            self.run("Cookies", ("DELETE FROM cookies",))


@pytest.fixture
def patient(pristine: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Patient]:
    return lambda name: Patient(
        Path(shutil.copytree(pristine(name), tmp_path / "home", symlinks=True))
    )


@pytest.fixture
def sick(engine: str, patient: Callable[[str], Patient]) -> Patient:
    return patient(engine)


@pytest.fixture
def chromium(patient: Callable[[str], Patient]) -> Patient:
    return patient("chromium-156")


@pytest.fixture
def firefox(patient: Callable[[str], Patient]) -> Patient:
    return patient("firefox-esr-153")


def test_a_healthy_profile_has_no_problem_and_every_check_can_tell(sick: Patient) -> None:
    for check in PROFILE:
        if check in ("stored-data", "web-cache") and sick.profile.engine == "firefox":
            continue
        verdict = sick.ask(check).verdict
        assert verdict in (Verdict.OK, Verdict.SUSPICIOUS), check


def test_no_check_changes_a_byte(sick: Patient) -> None:
    def state() -> list[tuple[str, int, int]]:
        files = sorted(path for path in sick.home.rglob("*"))
        return [(str(p), p.lstat().st_mtime_ns, p.lstat().st_size) for p in files]

    before = state()
    for check in PROFILE_CHECKS:
        with opened(sick.profile, AMAZON, LOGIN, NOW) as subject:
            check.examine(subject)
    assert state() == before


class TestCookies:
    def test_too_long_for_a_server(self, sick: Patient) -> None:
        assert sick.ask("cookie-size").verdict is Verdict.OK
        for number in range(3):
            sick.add_cookie(f"big{number}", 2_100)
        assert sick.ask("cookie-size").verdict is Verdict.SUSPICIOUS
        sick.add_cookie("big3", 2_500)
        answer = sick.ask("cookie-size")
        assert answer.verdict is Verdict.PROBLEM
        assert SHOP in answer.sentence
        assert answer.remedy
        assert answer.remedy.command[-2:] == ("--only", "cookies")

    def test_of_other_hosts_and_other_paths_do_not_count(self, sick: Patient) -> None:
        for number, host in enumerate(("notamazon.com", ".example.org", "sub.www.amazon.com")):
            sick.add_cookie(f"big{number}", 5_000, host=host)
        assert sick.ask("cookie-size").verdict is Verdict.OK

    def test_of_a_domain_count_for_every_host_under_it(self, sick: Patient) -> None:
        sick.add_cookie("wide", 4_000, host=".amazon.co.jp")
        sick.add_cookie("wider", 4_500, host=".amazon.co.jp")
        assert sick.ask("cookie-size").verdict is Verdict.PROBLEM

    def test_without_their_partner_or_run_out_or_twice(self, sick: Patient) -> None:
        sick.forget_cookies()
        assert sick.ask("stale-cookies").verdict is Verdict.OK
        for name in ("session-id", "session-token", "at-acbjp", "x-acbjp", "ubid-acbjp"):
            sick.add_cookie(name, host=".amazon.co.jp")
        assert sick.ask("stale-cookies").verdict is Verdict.OK

        sick.add_cookie("at-main", host=".amazon.com")
        assert sick.ask("stale-cookies").evidence == (
            "at-main of amazon.com is there without x-main",
        )
        sick.add_cookie("x-main", host=".amazon.com")
        assert sick.ask("stale-cookies").verdict is Verdict.OK
        sick.add_cookie("session-id", host=SHOP)
        (line,) = sick.ask("stale-cookies").evidence
        assert "session-id is there for www.amazon.co.jp and once more for .amazon.co.jp" in line
        sick.add_cookie("sst-main", host=".amazon.com", days=-400)
        answer = sick.ask("stale-cookies")
        assert answer.verdict is Verdict.SUSPICIOUS
        assert "sst-main of amazon.com has run out and is still there" in answer.evidence

    def test_of_several_marketplaces(self, sick: Patient) -> None:
        sick.forget_cookies()
        sick.add_cookie("session-id", host=".amazon.co.jp")
        sick.add_cookie("session-id", host="sellercentral.amazon.co.jp")
        assert sick.ask("marketplaces").verdict is Verdict.OK
        sick.add_cookie("session-id", host=".amazon.com")
        answer = sick.ask("marketplaces")
        assert answer.verdict is Verdict.SUSPICIOUS
        assert answer.evidence == ("amazon.co.jp", "amazon.com")

    def test_session_cookies_of_firefox_count(self, firefox: Patient) -> None:
        with opened(firefox.profile, AMAZON, LOGIN, NOW) as subject:
            assert any(each.expires is None for each in cookies(subject))


class TestSavedLogins:
    def test_one_that_is_young_is_fine(self, sick: Patient) -> None:
        assert sick.ask("saved-logins").verdict is Verdict.OK

    def test_a_second_and_an_old_one(self, sick: Patient) -> None:
        old = datetime(2019, 1, 2, tzinfo=UTC)
        if sick.profile.engine == "firefox":

            def change(data: dict[str, Any]) -> None:
                again = {**data["logins"][0], "encryptedPassword": SECRET}
                again["timePasswordChanged"] = int(old.timestamp() * 1000)
                data["logins"].append(again)

            sick.edit("logins.json", change)
        else:
            when = int((old.timestamp() + 11_644_473_600) * 1e6)
            sick.run("Login Data", (ADD_LOGIN, SECRET.encode(), when, when))
        answer = sick.ask("saved-logins")
        assert answer.verdict is Verdict.SUSPICIOUS
        assert any("2 saved logins" in line for line in answer.evidence)
        assert any("2019" in line for line in answer.evidence)


class TestBlocked:
    @pytest.mark.parametrize("kind", ["cookies", "javascript", "images", "popups"])
    def test_for_the_site_in_chromium(self, kind: str, chromium: Patient) -> None:
        chromium.set_content(kind, 2, "[*.]notamazon.com,*")
        chromium.set_content(kind, 1)
        assert chromium.ask("blocked").verdict is Verdict.OK
        chromium.set_content(kind, 2, "[*.]amazon.co.jp,*")
        answer = chromium.ask("blocked")
        assert answer.verdict is Verdict.PROBLEM
        assert answer.remedy
        assert answer.remedy.command[-2:] == ("--only", "permissions")

    def test_for_all_sites_in_chromium(self, chromium: Patient) -> None:
        def change(data: dict[str, Any]) -> None:
            data["profile"].setdefault("default_content_setting_values", {})["javascript"] = 2

        chromium.edit("Preferences", change)
        answer = chromium.ask("blocked")
        assert answer.verdict is Verdict.PROBLEM
        assert answer.remedy
        assert not answer.remedy.command
        chromium.set_content("javascript", 1)
        assert chromium.ask("blocked").verdict is Verdict.OK

    @pytest.mark.parametrize("origin", [f"https://{SHOP}", "http://amazon.com^userContextId=2"])
    def test_for_the_site_in_firefox(self, origin: str, firefox: Patient) -> None:
        insert = "INSERT INTO moz_perms (origin, type, permission) VALUES (?, 'cookie', ?)"
        firefox.run("permissions.sqlite", (insert, "https://notamazon.com", 2))
        firefox.run("permissions.sqlite", (insert, "https://www.amazon.com", 1))
        assert firefox.ask("blocked").verdict is Verdict.OK
        firefox.run("permissions.sqlite", (insert, origin, 2))
        assert firefox.ask("blocked").verdict is Verdict.PROBLEM

    @pytest.mark.parametrize(
        ("name", "value"), [("network.cookie.cookieBehavior", 2), ("javascript.enabled", False)]
    )
    def test_for_all_sites_in_firefox(self, name: str, value: Any, firefox: Patient) -> None:
        firefox.prefs(**{name: value})
        assert firefox.ask("blocked").verdict is Verdict.PROBLEM

    def test_by_an_administrator(
        self, sick: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            policies_check, "policies_of", lambda brand: rules.policies_of(brand, root=tmp_path)
        )
        is_firefox = sick.profile.engine == "firefox"
        folder = tmp_path / (
            "etc/firefox/policies" if is_firefox else "etc/chromium/policies/managed"
        )
        folder.mkdir(parents=True)
        harmless: dict[str, Any] = {"HomepageLocation": "https://example.org"}
        (folder / "a.json").write_text(
            json.dumps({"policies": harmless} if is_firefox else harmless)
        )
        assert sick.ask("policies").verdict is Verdict.OK
        bad: dict[str, Any] = (
            {"policies": {"Cookies": {"Block": [f"https://{SHOP}"]}}}
            if is_firefox
            else {"CookiesBlockedForUrls": ["[*.]amazon.co.jp"]}
        )
        (folder / "b.json").write_text(json.dumps(bad))
        assert sick.ask("policies").verdict is Verdict.PROBLEM


class TestStrictModes:
    def test_of_firefox(self, firefox: Patient) -> None:
        assert firefox.ask("isolation").verdict is Verdict.OK
        firefox.prefs(**{"privacy.firstparty.isolate": True})
        assert firefox.ask("isolation").verdict is Verdict.SUSPICIOUS

    def test_of_brave(self, chromium: Patient) -> None:
        chromium.set_content("shieldsCookiesV3", 2, "https://notamazon.com,*")
        assert chromium.ask("isolation").verdict is Verdict.OK
        chromium.set_content("shieldsCookiesV3", 2, f"https://{SHOP},*")
        assert chromium.ask("isolation").verdict is Verdict.SUSPICIOUS


class TestExtensions:
    @pytest.mark.parametrize(
        ("host", "expected"),
        [
            ("<all_urls>", Verdict.SUSPICIOUS),
            ("*://*.amazon.co.jp/*", Verdict.SUSPICIOUS),
            ("https://example.org/*", Verdict.OK),
        ],
    )
    def test_a_blocker_that_can_see_the_site(
        self, host: str, expected: Verdict, sick: Patient
    ) -> None:
        assert sick.ask("extensions").verdict is Verdict.OK
        if sick.profile.engine == "firefox":

            def add(data: dict[str, Any]) -> None:
                data["addons"].append(
                    {
                        "id": "uBlock0@raymondhill.net",
                        "type": "extension",
                        "active": True,
                        "location": "app-profile",
                        "defaultLocale": {"name": "uBlock Origin"},
                        "userPermissions": {"origins": [host]},
                    }
                )

            sick.edit("extensions.json", add)
        else:

            def install(data: dict[str, Any]) -> None:
                data.setdefault("extensions", {}).setdefault("settings", {})[
                    "cjpalhdlnbpafiamejdnhcphjbkeiagm"
                ] = {
                    "location": 1,
                    "manifest": {"name": "uBlock Origin"},
                    "active_permissions": {"explicit_host": [host]},
                }

            sick.edit("Preferences", install)
        answer = sick.ask("extensions")
        assert answer.verdict is expected
        assert any("uBlock" in line for line in answer.evidence) == (expected is not Verdict.OK)


class TestBrokenState:
    def test_a_database_with_a_torn_page(self, sick: Patient) -> None:
        rel = "cookies.sqlite" if sick.profile.engine == "firefox" else "Cookies"
        path = sick.path / rel
        content = bytearray(path.read_bytes())
        page = int.from_bytes(content[16:18], "big")
        content[page : page + 300] = b"\xff" * 300
        path.write_bytes(content)
        answer = sick.ask("databases")
        assert answer.verdict is Verdict.PROBLEM
        assert any(rel in line for line in answer.evidence)

    def test_a_database_that_is_none(self, sick: Patient) -> None:
        rel = "places.sqlite" if sick.profile.engine == "firefox" else "History"
        (sick.path / rel).write_bytes(b"not a database" * 100)
        assert sick.ask("databases").verdict is Verdict.PROBLEM

    def test_a_hot_journal(self, chromium: Patient) -> None:
        # Killed in the middle of a change that no longer fits into memory.
        program = (
            "import os, sqlite3; run = sqlite3.connect('History').execute;"
            "run('PRAGMA cache_size = 1'); run('BEGIN IMMEDIATE');"
            "run('UPDATE urls SET title = hex(zeroblob(9999))'); os._exit(0)"
        )
        subprocess.run([sys.executable, "-c", program], cwd=chromium.path, check=True)
        answer = chromium.ask("leftovers")
        assert answer.verdict is Verdict.SUSPICIOUS
        assert answer.evidence == ("History-journal",)

    def test_no_hot_journal(self, sick: Patient) -> None:
        assert sick.ask("leftovers").verdict is Verdict.OK

    def test_a_service_worker(self, sick: Patient) -> None:
        answer = sick.ask("service-workers")
        assert answer.verdict is Verdict.SUSPICIOUS
        assert SHOP in answer.evidence
        assert all(AMAZON.owns_host(host) for host in answer.evidence)
        gone = "serviceworker.txt" if sick.profile.engine == "firefox" else "Service Worker"
        path = sick.path / gone
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        assert sick.ask("service-workers").verdict is Verdict.OK

    def test_a_leveldb_whose_manifest_is_gone(self, chromium: Patient) -> None:
        assert chromium.ask("stored-data").verdict is Verdict.OK
        for path in (chromium.path / "Local Storage/leveldb").glob("MANIFEST-*"):
            path.unlink()
        answer = chromium.ask("stored-data")
        assert answer.verdict is Verdict.PROBLEM
        assert "Local Storage/leveldb" in answer.evidence[0]

    def test_a_damaged_index_of_the_web_cache(self, chromium: Patient) -> None:
        assert chromium.ask("web-cache").verdict is Verdict.OK
        index = chromium.profile.cache_path / "Cache/Cache_Data/index-dir/the-real-index"
        index.write_bytes(index.read_bytes()[:-3])
        answer = chromium.ask("web-cache")
        assert answer.verdict is Verdict.SUSPICIOUS
        assert answer.remedy
        assert answer.remedy.command[-2:] == ("--only", "cache")


class TestDisk:
    def test_almost_full(self, sick: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
        assert sick.ask("disk").verdict is Verdict.OK
        for free, verdict in ((100 << 20, Verdict.SUSPICIOUS), (1 << 20, Verdict.PROBLEM)):
            usage = shutil.disk_usage(sick.path)._replace(free=free)
            monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
            assert sick.ask("disk").verdict is verdict

    def test_not_writable(self, sick: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "access", lambda *_: False)
        assert sick.ask("disk").verdict is Verdict.PROBLEM


class TestSettings:
    def test_a_clock_that_is_behind(self, sick: Patient) -> None:
        assert sick.ask("clock").verdict is Verdict.OK
        answer = sick.ask("clock", now=NOW - timedelta(days=400))
        assert answer.verdict is Verdict.PROBLEM

    def test_a_server_that_told_another_time(self, chromium: Patient) -> None:
        def change(data: dict[str, Any]) -> None:
            told = (NOW + timedelta(hours=2)).timestamp() * 1000
            data["network_time"] = {"network_time_mapping": {"network": told}}

        assert chromium.ask("clock").verdict is Verdict.OK
        chromium.edit("../Local State", change)
        assert chromium.ask("clock").verdict is Verdict.PROBLEM

    def test_an_old_version(self, sick: Patient) -> None:
        assert sick.ask("version").verdict is Verdict.OK
        assert sick.ask("version", now=NOW + timedelta(days=900)).verdict is Verdict.SUSPICIOUS

    def test_a_proxy(self, sick: Patient) -> None:
        assert sick.ask("proxy").verdict is Verdict.OK
        if sick.profile.engine == "firefox":
            sick.prefs(**{"network.proxy.type": 1, "network.proxy.ssl": "10.0.0.1"})
        else:
            proxy = {"mode": "fixed_servers", "server": "10.0.0.1:3128"}
            sick.edit("Preferences", lambda data: data.update(proxy=proxy))
        assert sick.ask("proxy").verdict is Verdict.SUSPICIOUS

    def test_a_name_service_of_its_own(self, sick: Patient) -> None:
        assert sick.ask("name-service").verdict is Verdict.OK
        server = "https://dns.example/query"
        if sick.profile.engine == "firefox":
            sick.prefs(**{"network.trr.mode": 3, "network.trr.uri": server})
        else:
            chosen = {"mode": "secure", "templates": server}
            sick.edit("../Local State", lambda data: data.update(dns_over_https=chosen))
        answer = sick.ask("name-service")
        assert answer.verdict is Verdict.SUSPICIOUS
        assert server in answer.evidence

    def test_synchronisation_is_told_and_is_no_fault(self, sick: Patient) -> None:
        before = sick.ask("sync").sentence
        if sick.profile.engine == "firefox":
            sick.prefs(**{"services.sync.username": "a@example.org"})
        else:
            account = {"services": {"last_username": "a@example.org"}}
            sick.edit("Preferences", lambda data: data.setdefault("google", {}).update(account))
        after = sick.ask("sync")
        assert after.verdict is Verdict.OK
        assert after.sentence != before


class TestComputer:
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        (tmp_path / "etc").mkdir()
        return tmp_path

    def test_hosts_file(self, root: Path) -> None:
        hosts = root / "etc" / "hosts"
        check = COMPUTER["hosts-file"]

        def ask() -> Answer:
            answer = check.examine(Computer(AMAZON, root=root, platform="linux"))
            assert answer
            return answer

        assert ask().verdict is Verdict.OK
        hosts.write_text(
            "127.0.0.1 localhost\n# 0.0.0.0 www.amazon.com\n0.0.0.0 notamazon.com aws.amazon.com\n"
        )
        assert ask().verdict is Verdict.OK
        hosts.write_text("127.0.0.1 localhost\n0.0.0.0\tads.example www.amazon.co.jp # old\n")
        answer = ask()
        assert answer.verdict is Verdict.PROBLEM
        assert answer.evidence == ("0.0.0.0  www.amazon.co.jp",)

    @pytest.mark.parametrize(
        ("interfaces", "environment", "expected"),
        [
            (("lo", "eth0", "wlan0"), {}, Verdict.OK),
            (("lo", "tun0"), {}, Verdict.SUSPICIOUS),
            (("wg-home",), {}, Verdict.SUSPICIOUS),
            (("lo",), {"https_proxy": "http://10.0.0.1"}, Verdict.SUSPICIOUS),
        ],
    )
    def test_network(
        self, interfaces: tuple[str, ...], environment: dict[str, str], expected: Verdict
    ) -> None:
        computer = Computer(
            AMAZON, environment=environment, platform="linux", interfaces=interfaces
        )
        answer = COMPUTER["network"].examine(computer)
        assert answer
        assert answer.verdict is expected
        assert "10.0.0.1" not in str(answer)
