"""Running the programs of the system: schedulers are asked by their own tools."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from loginfix.errors import SchedulerError
from loginfix.words import say

_NOT_FOUND = 127
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Completed:
    """How a program ended; ``error`` is what it said to standard error, on one line."""

    code: int
    output: bytes = b""
    error: str = ""

    @property
    def text(self) -> str:
        """Its output as text, without surrounding space."""
        return self.output.decode("utf-8", "replace").strip()


class Run(Protocol):
    """Something that runs programs; tests have their own."""

    def __call__(
        self,
        *command: str,
        content: bytes = b"",
        environment: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run one with ``content`` on standard input, and ``environment`` on top of ours."""


def run_program(
    *command: str, content: bytes = b"", environment: Mapping[str, str] | None = None
) -> Completed:
    """Run a program, in the C locale so that what it says can be recognised.

    A program that is not there is one that failed.

    Raises:
        SchedulerError: It does not come to an end.
    """
    try:
        done = subprocess.run(  # noqa: S603  a list, no shell
            command,
            input=content,
            env={**os.environ, "LC_ALL": "C", **(environment or {})},
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except OSError as error:
        return Completed(_NOT_FOUND, error=f"{command[0]}: {error.strerror}")
    except subprocess.TimeoutExpired as error:
        raise SchedulerError(
            say("{command} did not answer.", command=command[0]), next_step=say("Try again later.")
        ) from error
    said = " ".join(done.stderr.decode("utf-8", "replace").split())
    return Completed(done.returncode, done.stdout, said)
