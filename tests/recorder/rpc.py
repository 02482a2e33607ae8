"""Calls and events over one WebSocket: what CDP and WebDriver BiDi have in common."""

import json
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect

CALL_SECONDS = 30.0


class RemoteError(Exception):
    """The browser answered a call with an error."""


class Channel:
    """A connection to a browser; every wait has an end."""

    def __init__(self, url: str) -> None:
        self._stack = ExitStack()
        self._socket: ClientConnection = self._stack.enter_context(
            connect(url, max_size=None, open_timeout=CALL_SECONDS, ping_interval=None)
        )
        self._last_id = 0
        self._events: deque[dict[str, Any]] = deque(maxlen=2000)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._stack.close()

    def call(
        self,
        method: str,
        params: dict[str, Any] | None = None,
        *,
        session: str | None = None,
        seconds: float = CALL_SECONDS,
    ) -> dict[str, Any]:
        """Call a method and return its result.

        Raises:
            RemoteError: the browser refused.
            TimeoutError: no answer in time.
        """
        self._last_id += 1
        message: dict[str, Any] = {"id": self._last_id, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        self._socket.send(json.dumps(message))
        deadline = time.monotonic() + seconds
        while True:
            answer = self._receive(deadline)
            if answer.get("id") == self._last_id:
                if "error" in answer:
                    raise RemoteError(f"{method}: {answer['error']} {answer.get('message', '')}")
                result: dict[str, Any] = answer["result"]
                return result
            if "method" in answer:
                self._events.append(answer)

    def wait_for(
        self, method: str, accept: Callable[[dict[str, Any]], bool], *, seconds: float
    ) -> dict[str, Any]:
        """Return the parameters of the first event that is accepted, past ones included.

        Raises:
            TimeoutError: no such event in time.
        """
        deadline = time.monotonic() + seconds
        while True:
            event = self._events.popleft() if self._events else self._receive(deadline)
            if event.get("method") == method and accept(event["params"]):
                params: dict[str, Any] = event["params"]
                return params

    def _receive(self, deadline: float) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(
            self._socket.recv(timeout=max(0.0, deadline - time.monotonic()))
        )
        return message
