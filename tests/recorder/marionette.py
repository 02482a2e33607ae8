"""A client for Marionette, Firefox's own remote protocol: ``<length>:<JSON>`` over TCP.

Marionette rather than WebDriver BiDi because ESR 140 offers the browser's own scope, where
bookmarks and logins can be read and written, over Marionette only.
"""

import json
import socket
from typing import Any, Self

from recorder.rpc import CALL_SECONDS, RemoteError


class Marionette:
    """A connection to a running Firefox; every wait has an end."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), CALL_SECONDS)
        self._buffer = b""
        self._last_id = 0
        self._receive()  # the greeting

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def call(self, command: str, params: dict[str, Any] | None = None) -> Any:
        """Call a command and return its result.

        Raises:
            RemoteError: Firefox refused, or hung up.
            TimeoutError: no answer in time.
        """
        self._last_id += 1
        data = json.dumps([0, self._last_id, command, params or {}]).encode()
        self._socket.sendall(b"%d:%s" % (len(data), data))
        while True:
            _, number, error, result = self._receive()
            if number != self._last_id:
                continue
            if error:
                raise RemoteError(f"{command}: {error['error']}: {error['message']}")
            return result.get("value", result) if isinstance(result, dict) else result

    def _receive(self) -> Any:
        while b":" not in self._buffer:
            self._fill()
        length, _, self._buffer = self._buffer.partition(b":")
        while len(self._buffer) < int(length):
            self._fill()
        data, self._buffer = self._buffer[: int(length)], self._buffer[int(length) :]
        return json.loads(data)

    def _fill(self) -> None:
        data = self._socket.recv(1 << 16)
        if not data:
            raise RemoteError("Firefox hung up")
        self._buffer += data
