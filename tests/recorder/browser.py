"""What the tour and the probes ask of a browser, whichever engine it is."""

import json
import time
from abc import ABC, abstractmethod
from typing import Any

from recorder.rpc import RemoteError

PAGE_SECONDS = 30.0


class Tab(ABC):
    """One tab of a running browser."""

    @abstractmethod
    def evaluate_text(self, expression: str) -> str:
        """Return the string a JavaScript promise resolves to."""

    @abstractmethod
    def start_navigation(self, url: str, *, typed: bool) -> None:
        """Start to load a URL; ``typed`` as if entered in the address bar."""

    @abstractmethod
    def back(self) -> None:
        """Go one step back in the tab's history."""

    def evaluate(self, expression: str) -> Any:
        """Return the JSON value of a JavaScript expression; a promise is awaited."""
        text = self.evaluate_text(f"(async () => JSON.stringify([await ({expression})]))()")
        return json.loads(text)[0]

    def navigate(self, url: str, *, arrive_at: str = "", typed: bool = False) -> None:
        """Load a URL and wait until the page, wherever redirects lead, is complete."""
        self.start_navigation(url, typed=typed)
        self.wait_for_page(arrive_at or url)

    def click(self, url: str, *, arrive_at: str = "") -> None:
        """Follow a link to a URL, as a person does: with a gesture and a referrer."""
        self.evaluate(
            "(() => { const link = document.createElement('a');"
            f" link.href = {json.dumps(url)}; document.body.append(link);"
            " setTimeout(() => link.click()); })()"
        )
        self.wait_for_page(arrive_at or url)

    def wait_for_page(self, url: str) -> None:
        """Wait until the tab shows a complete page at this URL.

        Raises:
            TimeoutError: it does not in time.
        """
        deadline = time.monotonic() + PAGE_SECONDS
        seen: Any = None
        while time.monotonic() < deadline:
            try:
                seen = self.evaluate("[location.href, document.readyState]")
            except RemoteError:
                seen = None  # between two documents
            if seen == [url, "complete"]:
                return
            time.sleep(0.02)
        raise TimeoutError(f"{url} did not load: {seen}")


class Browser(ABC):
    """A running browser."""

    @abstractmethod
    def new_tab(self, *, container: bool | int = False) -> Tab:
        """Open a tab; in a container of its own where the engine has such."""

    @abstractmethod
    def download(self, tab: Tab, url: str) -> None:
        """Follow a link to a file and wait until it is complete."""

    @abstractmethod
    def cookies(self) -> list[dict[str, Any]]:
        """Return the cookies of all partitions, session cookies included.

        Each has ``host`` (with a leading dot for domain cookies), ``name``, ``path``,
        ``partition`` (as the engine writes it), ``container``, ``persistent`` and ``value``.
        """
