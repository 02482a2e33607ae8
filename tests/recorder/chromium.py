"""Drives a real Chromium over the Chrome DevTools Protocol."""

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from recorder.browser import Browser, Tab
from recorder.process import Process
from recorder.rpc import Channel
from recorder.trust import trust
from recorder.web import Web

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--password-store=basic",
    "--remote-debugging-port=0",
)


class ChromiumTab(Tab):
    """A tab, over its own CDP session."""

    def __init__(self, channel: Channel, target: str = "") -> None:
        self._channel = channel
        if not target:
            target = channel.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        attach = {"targetId": target, "flatten": True}
        self._session: str = channel.call("Target.attachToTarget", attach)["sessionId"]

    def evaluate_text(self, expression: str) -> str:
        """See Tab."""
        answer = self.call(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression[:200]}: {answer['exceptionDetails']}")
        return str(answer["result"]["value"])

    def start_navigation(self, url: str, *, typed: bool) -> None:
        """See Tab."""
        self.call("Page.navigate", url=url, transitionType="typed" if typed else "link")

    def back(self) -> None:
        """See Tab."""
        history = self.call("Page.getNavigationHistory")
        entry = history["entries"][history["currentIndex"] - 1]
        self.call("Page.navigateToHistoryEntry", entryId=entry["id"])
        self.wait_for_page(entry["url"])

    def history(self) -> tuple[int, list[tuple[str, str]]]:
        """The tab's place in its history, and address and title of each page in that."""
        history = self.call("Page.getNavigationHistory")
        pages = [(entry["url"], entry["title"]) for entry in history["entries"]]
        return history["currentIndex"], pages

    def go_to(self, url: str) -> None:
        """Go to a page of the history."""
        entries = self.call("Page.getNavigationHistory")["entries"]
        entry = next(entry for entry in entries if entry["url"] == url)
        self.call("Page.navigateToHistoryEntry", entryId=entry["id"])
        self.wait_for_page(url)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a CDP method in this tab."""
        return self._channel.call(method, params, session=self._session)


class Chromium(Browser):
    """A context manager: a running Chromium whose web is the fake one.

    ``home`` is what the browser sees as ``$HOME``: with ``user_data_dir`` below its ``.config``
    the caches are below its ``.cache``, as for a real person. ``features`` are switched on;
    ``flags`` go on the command line; ``desktop`` are variables by which it finds the desktop's
    services.
    """

    def __init__(
        self,
        binary: Path,
        home: Path,
        user_data_dir: Path,
        web: Web,
        features: Iterable[str] = (),
        flags: Iterable[str] = (),
        desktop: Mapping[str, str] | None = None,
    ) -> None:
        self._desktop = desktop or {}
        self._flags = [*flags]
        self._features = [*features]
        self._binary = binary
        self._home = home
        self._user_data_dir = user_data_dir
        self._web = web

    def __enter__(self) -> Self:
        trust(self._web, self._home / ".pki" / "nssdb", f"fake web {self._web.port}")
        active_port = self._user_data_dir / "DevToolsActivePort"
        active_port.unlink(missing_ok=True)
        ports = {443: self._web.port, 8443: self._web.port, 80: self._web.plain_port}
        rules = ",".join(f"MAP *:{port} 127.0.0.1:{ours}" for port, ours in ports.items())
        self._process = Process(
            [
                str(self._binary),
                *FLAGS,
                f"--user-data-dir={self._user_data_dir}",
                f"--host-resolver-rules={rules}",
                *self._flags,
                *([f"--enable-features={','.join(self._features)}"] if self._features else []),
                "about:blank",
            ],
            self._home,
            self._desktop,
        )

        def address() -> str | None:
            with contextlib.suppress(FileNotFoundError, ValueError):
                port, path = active_port.read_text().splitlines()
                return f"ws://127.0.0.1:{port}{path}"
            return None

        self._channel = Channel(self._process.wait_until(address))
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self.kill()
        elif self._process.running:
            self.close()

    @property
    def version(self) -> str:
        """The product version, such as ``156.0.8078.79``."""
        product: str = self._channel.call("Browser.getVersion")["product"]
        return product.rpartition("/")[2]

    def close(self) -> None:
        """End the browser as a person does, so that everything is written."""
        self._channel.call("Browser.close")
        self._channel.close()
        self._process.wait_end()

    def kill(self) -> None:
        """End it without giving it a chance to write anything."""
        self._process.kill()
        self._channel.close()

    def new_tab(self, *, container: bool | int = False) -> ChromiumTab:
        """See Browser; Chromium has no containers."""
        del container
        return ChromiumTab(self._channel)

    def addresses(self) -> list[str]:
        """What every open tab shows."""
        return [page["url"] for page in self._pages()]

    def tabs(self) -> list[ChromiumTab]:
        """Every open tab, those that were restored too."""
        return [ChromiumTab(self._channel, page["targetId"]) for page in self._pages()]

    def _pages(self) -> list[dict[str, Any]]:
        targets = self._channel.call("Target.getTargets")["targetInfos"]
        return [target for target in targets if target["type"] == "page"]

    def download(self, tab: Tab, url: str) -> None:
        """See Browser."""
        downloads = self._home / "Downloads"
        downloads.mkdir(exist_ok=True)
        self._channel.call(
            "Browser.setDownloadBehavior",
            {"behavior": "allow", "downloadPath": str(downloads), "eventsEnabled": True},
        )
        tab.evaluate(f"void Object.assign(document.createElement('a'), {{href: '{url}'}}).click()")
        self._channel.wait_for(
            "Browser.downloadProgress", lambda event: event["state"] == "completed", seconds=15
        )

    def cookies(self) -> list[dict[str, Any]]:
        """See Browser."""
        return [
            {
                "host": cookie["domain"],
                "name": cookie["name"],
                "path": cookie["path"],
                "partition": cookie.get("partitionKey", {}).get("topLevelSite", ""),
                "container": 0,
                "persistent": not cookie["session"],
                "value": cookie["value"],
            }
            for cookie in self._channel.call("Storage.getCookies")["cookies"]
        ]
