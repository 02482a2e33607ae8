"""cron, by the ``crontab`` program: crontab(1)."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import psutil

from loginfix.clearing.runlock import run_lock
from loginfix.errors import BusyError, SchedulerError
from loginfix.schedule.crontab_text import entries, with_entry, without_entry
from loginfix.schedule.model import Entry, Installed, Note
from loginfix.schedule.programs import Completed, Run, run_program
from loginfix.schedule.scheduler import refused
from loginfix.words import say

_DAEMONS = frozenset({"cron", "crond", "fcron", "systemd-cron"})
_NONE_YET = ("no crontab for", "No such file or directory")
_NOT_THERE = 127
_ESCAPES = {b"\b": b"\\b", b"\r": b"\\r"}
_LOCK_SECONDS = 30.0
_LOCK_STEP = 0.05


def next_second() -> None:
    """Sleep until a new second of the clock has begun."""
    time.sleep(1 - time.time() % 1)


class Cron:
    """The crontab of the person who runs this.

    ``lock`` is a directory: nothing else keeps two of us from losing each other's line.
    """

    name = "cron"
    title = "cron"

    def __init__(
        self, lock: Path, run: Run = run_program, wait: Callable[[], object] = next_second
    ) -> None:
        self._lock = lock
        self._run = run
        self._wait = wait

    def why_not(self) -> str | None:
        """Why it cannot be used."""
        done = self._run("crontab", "-l")
        if done.code == _NOT_THERE:
            return say("there is no program crontab")
        return done.error if _is_failure(done) else None

    def install(self, entry: Entry) -> None:
        """Add or change one line."""
        self._edit(lambda content: with_entry(content, entry))

    def remove(self, entry_id: str) -> None:
        """Remove one line."""
        self._edit(lambda content: without_entry(content, entry_id))

    def installed(self) -> list[Installed]:
        """Read the crontab."""
        return [Installed(each, "crontab -l", entry) for each, entry in entries(self._read())]

    def next_time(self, entry: Entry) -> datetime:
        """Reckoned: cron itself tells nobody."""
        return entry.timing.next_after(datetime.now().astimezone())

    def notes(self) -> tuple[Note, ...]:
        """Cron knows of no missed runs, and may not be running."""
        names = (process.info["name"] for process in psutil.process_iter(["name"]))
        seen = not _DAEMONS.isdisjoint(names)
        return (Note.NO_CATCH_UP,) if seen else (Note.NO_CATCH_UP, Note.DAEMON_NOT_SEEN)

    def _read(self) -> bytes:
        """The crontab, byte for byte.

        Debian's ``crontab -l`` shows two control characters as escapes; an editor gets the file.
        """
        done = self._run("crontab", "-l")
        if _is_failure(done):
            raise refused(self.title, say("show your crontab"), done)
        if done.code:
            return b""
        if not any(escape in done.output for escape in _ESCAPES.values()):
            return done.output
        edited = self._run("crontab", "-e", environment={"VISUAL": "cat", "EDITOR": "cat"})
        shown = edited.output
        for character, escape in _ESCAPES.items():
            shown = shown.replace(character, escape)
        if edited.code or done.output not in (shown, edited.output):
            raise SchedulerError(
                say(
                    "cron does not show your crontab as it is, so nothing can be changed in"
                    " it safely."
                ),
                next_step=say(
                    "Remove control characters from it (crontab -e), or choose another"
                    " scheduler with --with."
                ),
            )
        return edited.output

    def _edit(self, change: Callable[[bytes], bytes]) -> None:
        with self._alone():
            before = self._read()
            after = change(before)
            if after == before:
                return
            self._write(after)
            if self._read() != after:
                self._write(before)
                raise SchedulerError(
                    say("cron did not take the crontab as it was written."),
                    next_step=say("Look at it with crontab -l, then try again."),
                )

    def _write(self, content: bytes) -> None:
        # The daemon compares times in whole seconds. Had it read a change of this second already,
        # it would not see ours, and the entry would never run.
        self._wait()
        # An empty crontab is none; "-r" is the one way to say so that all of them know.
        done = self._run("crontab", "-", content=content) if content else self._run("crontab", "-r")
        if done.code:
            raise refused(self.title, say("install your crontab"), done)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        end = time.monotonic() + _LOCK_SECONDS
        with ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(run_lock(self._lock))
                    break
                except BusyError:
                    if time.monotonic() > end:
                        raise
                    time.sleep(_LOCK_STEP)
            yield


def _is_failure(done: Completed) -> bool:
    if done.code == _NOT_THERE:
        return True
    return done.code != 0 and not any(words in done.error for words in _NONE_YET)
