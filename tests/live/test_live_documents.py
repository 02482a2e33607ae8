"""The live browsers read the documents and tables that clearing edited, and keep to them."""

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

import recorder.chromium
from live.binaries import chromium_binary, firefox_binary
from live.test_live_clear import loginfix
from recorder.chromium import Chromium
from recorder.content import Response
from recorder.firefox import Firefox
from recorder.recordings import Recording
from recorder.web import Web

pytestmark = pytest.mark.live

Unpacked = Callable[[str], Recording]
# Not www.amazon.com: browsers are shipped with that in a list of secure hosts.
TARGET, OTHER, EXCLUDED = "payments.amazon.com", "www.example.com", "signin.aws.amazon.com"
VISITED = [f"https://{host}/" for host in (TARGET, OTHER, EXCLUDED)]


class AdvertisingWeb(Web):
    """The fake web, offering every host's pages over HTTP/3 at another host, too."""

    def respond(self, host: str, path: str, headers: Message) -> Response:
        response = super().respond(host, path, headers)
        other = 'h3=":443"; ma=86400, h3="media.amazon.com:443"; ma=86400'
        response.headers.append(("Alt-Svc", other))
        return response


@pytest.fixture
def advertising() -> Iterator[Web]:
    with AdvertisingWeb() as running:
        yield running


@pytest.fixture
def chromium(monkeypatch: pytest.MonkeyPatch) -> Callable[[Recording, Web], Chromium]:
    """Starts Chromium with HTTP/3, and without turning ``http`` into ``https`` by itself."""
    flags = [flag for flag in recorder.chromium.FLAGS if flag != "--disable-quic"]
    monkeypatch.setattr(recorder.chromium, "FLAGS", (*flags, "--disable-features=HttpsUpgrades"))
    binary = chromium_binary()
    return lambda recording, web: Chromium(binary, recording.home, recording.user_data, web)


@pytest.fixture
def firefox() -> Callable[[Recording, Web], Firefox]:
    """Starts Firefox without turning ``http`` into ``https`` by itself; it keeps tickets."""
    prefs: dict[str, bool | int | str] = {
        "dom.security.https_first": False,
        "network.ssl_tokens_cache_persistence": True,
        "test.datastorage.write_timer_ms": 500,
    }
    binary = firefox_binary()
    return lambda recording, web: Firefox(binary, recording.home, recording.profile, web, prefs)


def asks_plainly(browser: Chromium | Firefox, web: Web, host: str) -> bool:
    """Whether the browser goes to a host without encryption when told to."""
    # Secure hosts are read in the background: the first page must not be the one in question.
    browser.new_tab().navigate("https://www.example.org/")
    web.forget()
    browser.new_tab().navigate(f"http://{host}/", arrive_at=f"https://{host}/")
    return f"http://{host}/" in web.asked()


def document(recording: Recording, name: str) -> Any:
    return json.loads((recording.profile / name).read_text("utf-8"))


@pytest.mark.parametrize("name", ["chromium-156", "chromium-150"])
def test_chromium_forgets_the_targets_secure_hosts_and_keeps_its_preferences(
    name: str, unpacked: Unpacked, web: Web, chromium: Callable[[Recording, Web], Chromium]
) -> None:
    recording = unpacked(name)
    loginfix(recording, "clear-cache", "--site", "amazon")
    left = document(recording, "Preferences")
    with chromium(recording, web) as browser:
        assert asks_plainly(browser, web, TARGET)
        assert not asks_plainly(browser, web, OTHER)
        assert not asks_plainly(browser, web, EXCLUDED)
    after = document(recording, "Preferences")
    was, now = (each["profile"]["content_settings"]["exceptions"] for each in (left, after))
    assert now["client_hints"].keys() == {*was["client_hints"], f"https://{TARGET}:443,*"}
    assert now["media_engagement"].keys() >= was["media_engagement"].keys()
    assert now["site_engagement"].keys() >= was["site_engagement"].keys()
    assert after["extensions"]["settings"].keys() == left["extensions"]["settings"].keys()
    assert "preference_reset_time" not in after.get("prefs", {})
    assert after["enterprise_profile_guid"] == left["enterprise_profile_guid"]


def test_chromium_has_the_targets_secure_hosts_again_after_a_restore(
    unpacked: Unpacked, web: Web, chromium: Callable[[Recording, Web], Chromium]
) -> None:
    recording = unpacked("chromium-156")
    loginfix(recording, "clear-cache", "--site", "amazon")
    loginfix(recording, "restore")
    with chromium(recording, web) as browser:
        assert not asks_plainly(browser, web, TARGET)


def test_chromium_goes_on_with_what_it_knows_of_other_servers(
    unpacked: Unpacked, advertising: Web, chromium: Callable[[Recording, Web], Chromium]
) -> None:
    recording = unpacked("chromium-156")
    path = recording.profile / "Network Persistent State"

    def servers() -> dict[tuple[str, str], list[str]]:
        """The hosts of alternative services, by server and partition."""
        found = document(recording, path.name)["net"]["http_server_properties"]["servers"]
        return {
            (server["server"], _partition(server["anonymization"])): [
                service.get("host", "") for service in server["alternative_service"]
            ]
            for server in found
        }

    with chromium(recording, advertising) as browser:
        tab = browser.new_tab()
        for url in VISITED:
            tab.navigate(url)
    before, content = servers(), path.read_bytes()
    assert ("https://cdn.other.net", "https://example.com") in before
    assert ("https://www.amazon.com", "https://example.com") in before
    assert all("media.amazon.com" in hosts for hosts in before.values())
    loginfix(recording, "clear-cache", "--site", "amazon")
    kept = {
        key: [host for host in hosts if host != "media.amazon.com"]
        for key, hosts in before.items()
        if "aws" in key[0] or not any("amazon.com" in part for part in key)
    }
    assert len(kept) < len(before) - 1
    assert servers() == kept
    with chromium(recording, advertising) as browser:
        browser.new_tab().navigate("https://www.example.org/")
    assert servers().items() >= kept.items()
    loginfix(recording, "restore")
    assert servers().items() >= before.items()
    assert b"media.amazon.com" in content


def _partition(key: list[Any]) -> str:
    pickle = base64.b64decode(key[0])
    return pickle[8 : 8 + int.from_bytes(pickle[4:8], "little")].decode()


def is_secure(browser: Firefox, host: str) -> bool:
    """Whether Firefox would go to a host with encryption only."""
    site = ".".join(host.split(".")[-2:])
    return bool(
        browser.chrome(
            "Cc['@mozilla.org/ssservice;1'].getService(Ci.nsISiteSecurityService)"
            f".isSecureURI(Services.io.newURI('https://{host}/'),"
            f" {{partitionKey: '(https,{site})'}})"
        )
    )


def test_firefox_forgets_the_targets_secure_hosts(
    unpacked: Unpacked, web: Web, firefox: Callable[[Recording, Web], Firefox]
) -> None:
    recording = unpacked("firefox-esr-153-killed")
    with firefox(recording, web) as browser:
        assert [is_secure(browser, host) for host in (TARGET, OTHER, EXCLUDED)] == [True] * 3
        browser.kill()
    table = recording.profile / "SiteSecurityServiceState.bin"
    before = table.read_bytes()
    loginfix(recording, "clear-cache", "--site", "amazon")
    assert table.read_bytes() != before
    with firefox(recording, web) as browser:
        secure = [is_secure(browser, host) for host in (TARGET, OTHER, EXCLUDED)]
        assert secure == [False, True, True]
        assert asks_plainly(browser, web, TARGET)
        assert not asks_plainly(browser, web, OTHER)
        browser.kill()


def test_firefox_forgets_other_ways_to_the_target_and_its_tickets(
    unpacked: Unpacked, advertising: Web, firefox: Callable[[Recording, Web], Firefox]
) -> None:
    recording = unpacked("firefox-esr-153")
    tickets = recording.profile / "ssl_tokens_cache.bin"
    table = recording.profile / "AlternateServices.bin"

    def services() -> dict[str, str]:
        size = 6 + 256 + 1024
        content = table.read_bytes()
        slots = [content[i : i + size] for i in range(0, len(content), size)]
        return {
            slot[6:262].rstrip(b"\0").decode(): slot[262:].rstrip(b"\0").decode()
            for slot in slots
            if any(slot)
        }

    with firefox(recording, advertising) as browser:
        tab = browser.new_tab()
        for url in VISITED:
            tab.navigate(url)
        browser.chrome("void Services.obs.notifyObservers(null, 'idle-daily')")
        _wait_for(tickets)
        _wait_for(table)
        browser.kill()
    before, kept_tickets = services(), tickets.read_bytes()
    names = {re.split(r"[:^]", key)[1] for key in before}
    assert {TARGET, OTHER, EXCLUDED} <= names
    loginfix(recording, "clear-cache", "--site", "amazon")
    assert not tickets.exists()
    after = services()
    own = [key for key in before if f":{TARGET}:" in key or "amazon" in before[key]]
    assert after.keys() == before.keys() - {key for key in own if ".aws." not in key}
    assert own
    with firefox(recording, advertising) as browser:
        browser.new_tab().navigate("https://www.example.org/")
        browser.kill()
    assert services().keys() >= after.keys()
    loginfix(recording, "restore")
    assert tickets.read_bytes() == kept_tickets
    assert services().keys() >= before.keys()


# All tables but HSTS, each with the one way in which its keys name a host.
TABLES = {
    "SiteIntegrityServiceState": "{}",
    "ClientAuthRememberList": "{},AA:BB,",
    "AlternateServices": "https:{}:443:.::3",
}


def test_firefox_reads_the_tables_that_clearing_edited(
    unpacked: Unpacked, web: Web, firefox: Callable[[Recording, Web], Firefox]
) -> None:
    recording = unpacked("firefox-esr-153")
    keys = {table: [form.format(h) for h in (TARGET, OTHER)] for table, form in TABLES.items()}
    with firefox(recording, web) as browser:
        wrote = {
            table: browser.chrome(_in_table(table, f"data.put('{key}', 'x', 0)"))
            for table, both in keys.items()
            for key in both
        }
        written = [table for table, answer in wrote.items() if answer != "in use"]
        assert "SiteIntegrityServiceState" in written
        for table in written:
            _wait_for(recording.profile / f"{table}.bin")
        browser.kill()
    loginfix(recording, "clear-cache", "--site", "amazon", "--only", "security")
    with firefox(recording, web) as browser:
        for table in written:
            found = browser.chrome(_in_table(table, "data.getAll().map((entry) => entry.key)"))
            assert found == [keys[table][1]], table
        browser.kill()


def _in_table(name: str, expression: str) -> str:
    """An expression about a table; ``"in use"`` where its service has opened it."""
    return (
        "(() => { const manager = Cc['@mozilla.org/security/datastoragemanager;1']"
        ".getService(Ci.nsIDataStorageManager); let data;"
        " window.tables ??= {};"
        f" try {{ data = window.tables.{name} ??= manager.get(Ci.nsIDataStorageManager.{name}); }}"
        " catch { return 'in use'; }"
        f" return {expression} ?? null; }})()"
    )


def _wait_for(path: Path) -> None:
    for _ in range(200):
        if path.exists() and path.stat().st_size:
            return
        threading.Event().wait(0.1)
    raise TimeoutError(f"{path} was not written")
