"""Drives a real Firefox over Marionette."""

import contextlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from recorder.browser import Browser, Tab
from recorder.marionette import Marionette
from recorder.process import Process
from recorder.rpc import RemoteError
from recorder.trust import trust
from recorder.web import Web

DOWNLOAD_SECONDS = 15.0

# Quiet, and otherwise as people have it: the remote protocols' own recommended preferences make
# storage behave as in Mozilla's tests.
QUIET: dict[str, bool | int | str] = {
    "remote.prefs.recommended": False,
    "marionette.port": 0,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "app.shield.optoutstudies.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.contentblocking.category": "standard",
    "browser.newtabpage.activity-stream.feeds.topsites": False,
    "browser.newtabpage.activity-stream.feeds.section.topstories": False,
    "browser.region.network.url": "",
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.tabs.warnOnClose": False,
    "browser.topsites.contile.enabled": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.cookie.cookieBehavior": 5,
    "privacy.userContext.enabled": True,
    "services.settings.server": "data:,",
    "termsofuse.bypassNotification": True,
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "",
    "toolkit.telemetry.unified": False,
    "trailhead.firstrun.didSeeAboutWelcome": True,
}


class FirefoxTab(Tab):
    """A tab, by its window handle."""

    def __init__(self, firefox: "Firefox", handle: str) -> None:
        self._firefox = firefox
        self._handle = handle

    def evaluate_text(self, expression: str) -> str:
        """See Tab."""
        text = self._call("WebDriver:ExecuteScript", script=f"return {expression}", args=[])
        if not isinstance(text, str):
            raise RemoteError("the page went away during the script")
        return text

    def start_navigation(self, url: str, *, typed: bool) -> None:
        """See Tab."""
        if typed:
            self._firefox.chrome(
                f"PlacesUtils.history.markPageAsTyped(Services.io.newURI({json.dumps(url)}))"
            )
        self._call("WebDriver:Navigate", url=url)

    def back(self) -> None:
        """See Tab."""
        self._call("WebDriver:Back")

    def _call(self, command: str, **params: Any) -> Any:
        return self._firefox.call_in(self._handle, command, params)


class Firefox(Browser):
    """A context manager: a running Firefox whose web is the fake one.

    ``home`` is what the browser sees as ``$HOME``; ``profile`` must be registered by a relative
    path in its ``profiles.ini``, so that the caches are below ``.cache``, as for a real person.
    ``prefs`` are added to ``user.js``.
    """

    def __init__(
        self,
        binary: Path,
        home: Path,
        profile: Path,
        web: Web,
        prefs: Mapping[str, bool | int | str] | None = None,
    ) -> None:
        self._binary = binary
        self._home = home
        self._profile = profile
        self._web = web
        self._prefs = prefs or {}
        self._current = ""

    def __enter__(self) -> Self:
        trust(self._web, self._profile, f"fake web {self._web.port}")
        ports = {443: self._web.port, 8443: self._web.port, 80: self._web.plain_port}
        forced = ";".join(f"{port}={ours}" for port, ours in ports.items())
        prefs = {
            **QUIET,
            "network.dns.forceResolve": "127.0.0.1",
            "network.socket.forcePort": forced,
            "browser.download.folderList": 2,
            "browser.download.dir": str(self._home / "Downloads"),
            **self._prefs,
        }
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(prefs[name])});" for name in prefs]
        user_js = self._profile / "user.js"
        user_js.write_text("\n".join(lines) + "\n", encoding="utf-8")
        active_port = self._profile / "MarionetteActivePort"
        active_port.unlink(missing_ok=True)
        self._process = Process(
            [
                str(self._binary),
                "--headless",
                "--no-remote",
                "--profile",
                str(self._profile),
                "--marionette",
                "--remote-allow-system-access",
            ],
            self._home,
            {"MOZ_CRASHREPORTER_DISABLE": "1", "MOZ_HEADLESS": "1"},
        )

        def port() -> int | None:
            with contextlib.suppress(FileNotFoundError, ValueError):
                return int(active_port.read_text())
            return None

        self._remote = Marionette(self._process.wait_until(port))
        self._remote.call("WebDriver:NewSession", {"capabilities": {}})
        self._remote.call(
            "WebDriver:SetTimeouts", {"script": 30000, "pageLoad": 30000, "implicit": 0}
        )
        self._current = self._remote.call("WebDriver:GetWindowHandle")
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self.kill()
        elif self._process.running:
            self.close()

    @property
    def version(self) -> str:
        """The version, such as ``153.7.0``."""
        return str(self.chrome("Services.appinfo.version"))

    def close(self) -> None:
        """End the browser as a person does, so that everything is written."""
        self._remote.call("Marionette:Quit", {"flags": ["eAttemptQuit"]})
        self._remote.close()
        self._process.wait_end()

    def kill(self) -> None:
        """End it without giving it a chance to write anything."""
        self._process.kill()
        self._remote.close()

    def new_tab(self, *, container: bool | int = False) -> FirefoxTab:
        """See Browser; ``container`` may be the number of one."""
        number = 2 if container is True else int(container)
        before = set(self._remote.call("WebDriver:GetWindowHandles"))
        self.chrome(
            "void (gBrowser.selectedTab = gBrowser.addTab('about:blank', {"
            "triggeringPrincipal: Services.scriptSecurityManager.getSystemPrincipal(),"
            f" userContextId: {number}}}))"
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            new = set(self._remote.call("WebDriver:GetWindowHandles")) - before
            if new:
                return FirefoxTab(self, new.pop())
            time.sleep(0.05)
        raise TimeoutError("no new tab")

    def call_in(self, handle: str, command: str, params: dict[str, Any]) -> Any:
        """Call a Marionette command in the tab with this handle."""
        if handle != self._current:
            self._remote.call("WebDriver:SwitchToWindow", {"handle": handle, "focus": True})
            self._current = handle
        return self._remote.call(command, params)

    def chrome(self, expression: str) -> Any:
        """Return the JSON value of an expression in the browser's own scope."""
        script = f"return (async () => JSON.stringify([await ({expression})]))()"
        self._remote.call("Marionette:SetContext", {"value": "chrome"})
        try:
            text = self._remote.call("WebDriver:ExecuteScript", {"script": script, "args": []})
        finally:
            self._remote.call("Marionette:SetContext", {"value": "content"})
        return json.loads(text)[0]

    def query_places(self, sql: str) -> list[list[Any]]:
        """Return the rows of a query on the live Places database (``favicons`` attached)."""
        columns = "[...Array(row.numEntries).keys()].map((i) => row.getResultByIndex(i))"
        found: list[list[Any]] = self.chrome(
            f"PlacesUtils.promiseDBConnection().then((db) => db.execute({json.dumps(sql)}))"
            f".then((rows) => rows.map((row) => {columns}))"
        )
        return found

    def download(self, tab: Tab, url: str) -> None:
        """See Browser."""
        target = self._home / "Downloads" / url.rpartition("/")[2]
        target.parent.mkdir(exist_ok=True)
        tab.evaluate(f"void Object.assign(document.createElement('a'), {{href: '{url}'}}).click()")
        deadline = time.monotonic() + DOWNLOAD_SECONDS
        while not (target.exists() and target.stat().st_size):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{url} was not downloaded")
            time.sleep(0.05)

    def cookies(self) -> list[dict[str, Any]]:
        """See Browser; ``partition`` is the ``partitionKey`` of the origin attributes."""
        found: list[dict[str, Any]] = self.chrome(
            "Services.cookies.cookies.map((cookie) => ({host: cookie.host, name: cookie.name,"
            " path: cookie.path, partition: cookie.originAttributes.partitionKey,"
            " container: cookie.originAttributes.userContextId,"
            " persistent: !cookie.isSession, value: cookie.value}))"
        )
        return found
