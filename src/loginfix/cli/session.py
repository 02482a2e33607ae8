"""What one run knows of itself: which verb it is, how it prints, and who can be asked."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loginfix.api.results import Result
from loginfix.cli.reporting import Reports
from loginfix.directories import Directories
from loginfix.errors import NotConfirmedError
from loginfix.progress import Progress
from loginfix.reports import text_problems
from loginfix.reports.render import Renderer
from loginfix.words import say

if TYPE_CHECKING:
    from loginfix.cli.log import RunLog

_YES = frozenset({"y", "yes", "はい"})


@dataclass(slots=True)
class Session:
    """One run of the program.

    ``command`` is the verb as it is typed, such as ``backups list``, ``arguments`` all the words;
    ``journal`` is set by verbs that write into profiles, ``reports`` by those that can be kept.
    ``log`` is open while the verb is at work, if ``log_file`` or ``log_level`` asks for it.
    """

    renderer: Renderer = field(default_factory=Renderer)
    command: str = ""
    arguments: tuple[str, ...] = ()
    debug: bool = False
    journal: Path | None = None
    reports: Reports = field(default_factory=Reports)
    log_file: Path | None = None
    log_level: str | None = None
    log: "RunLog | None" = None

    @property
    def progress(self) -> Progress:
        """Shows what is being worked on, where a person is watching."""
        return self.log.following(self.renderer.progress) if self.log else self.renderer.progress

    def open_log(self) -> None:
        """Begin the log of this run, if one is asked for.

        Raises:
            UsageError: It cannot be written.
        """
        if self.log_file or self.log_level:
            from loginfix.cli.log import RunLog  # noqa: PLC0415  few runs are logged

            self.log = RunLog(self.log_file or Directories.log_file(), self.log_level or "info")
            self.log.began(self.command)

    @staticmethod
    def can_talk() -> bool:
        """Whether a person sees everything that is printed, and can answer."""
        return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))

    def ask(self, question: str) -> str:
        """Ask, and give the answer without spaces around it; empty where only Enter was pressed.

        Raises:
            NotConfirmedError: There is nobody any more to answer.
        """
        self.renderer.prompt(question)
        line = ""
        try:
            line = sys.stdin.readline()
        finally:
            if not line:  # Ctrl-C or Ctrl-D: what follows begins on a line of its own
                self.renderer.prompt("\n")
        if not line:
            raise _not_confirmed()
        return line.strip()

    def confirms(self, question: str) -> bool:
        """Whether the answer to a question is yes.

        Raises:
            NotConfirmedError: There is nobody any more to answer.
        """
        return self.ask(question).lower() in _YES

    def unfinished(self) -> bool:
        """Whether this run, or one before it, left something for ``recover``."""
        from loginfix.clearing.journal import read_all  # noqa: PLC0415  few runs are interrupted

        return self.journal is not None and any(read_all(self.journal))


@dataclass(frozen=True, slots=True)
class Consent:
    """The person's yes: ``given`` beforehand with ``--yes``, or to be asked for."""

    session: Session
    given: bool

    def require(self) -> None:
        """Make sure that the person has said yes or can be asked.

        Raises:
            NotConfirmedError: Neither.
        """
        if self.given:
            return
        if self.session.renderer.as_json:
            raise NotConfirmedError(
                say(text_problems.CANNOT_ASK_IN_JSON),
                next_step=say(text_problems.CANNOT_ASK_NEXT),
            )
        if not sys.stdin.isatty():
            raise NotConfirmedError(
                say(text_problems.CANNOT_ASK), next_step=say(text_problems.CANNOT_ASK_NEXT)
            )

    def asking(self, question: str) -> Callable[[Result], None] | None:
        """How a function of the library asks; None where the person has said yes."""
        return None if self.given else partial(self.ask, question=question)

    def ask(self, summary: Result, question: str) -> None:
        """Show what is about to happen and ask, unless the person has said yes.

        Raises:
            NotConfirmedError: The answer is anything but yes, or nobody can be asked.
        """
        if self.given:
            return
        self.require()
        self.session.renderer.summary(summary)
        if not self.session.confirms(say(question)):
            raise _not_confirmed()


def _not_confirmed() -> NotConfirmedError:
    return NotConfirmedError(
        say(text_problems.NOT_CONFIRMED), next_step=say(text_problems.NOT_CONFIRMED_NEXT)
    )


pass_session = click.make_pass_decorator(Session)
