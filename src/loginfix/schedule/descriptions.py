"""The descriptions of schedules: one JSON file each, in the configuration directory."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from loginfix.clearing.selection import Selection
from loginfix.errors import ConfigurationError, UsageError
from loginfix.files.durable import private_directory, sync_directory, write_private_file
from loginfix.files.plain import read_plain
from loginfix.schedule.model import Schedule, valid_name
from loginfix.schedule.scheduler import unwritable
from loginfix.schedule.timing import Timing
from loginfix.stores.model import Category
from loginfix.words import say

T = TypeVar("T")
_FORMAT = 1
_SUFFIX = ".json"


class UnknownScheduleError(UsageError):
    """No schedule goes by the name given."""

    code = "unknown-schedule"


class ScheduleExistsError(UsageError):
    """A schedule of the name given is there already."""

    code = "schedule-exists"


class Descriptions:
    """The files in ``directory``, which need not exist yet."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def names(self) -> list[str]:
        """The names of all, readable or not."""
        return sorted(path.stem for path in self.directory.glob(f"[!.]*{_SUFFIX}"))

    def path(self, name: str) -> Path:
        """Where the description of a schedule is, or would be."""
        return self.directory / (valid_name(name) + _SUFFIX)

    def exists(self, name: str) -> bool:
        """Whether there is one."""
        return self.path(name).is_file()

    def read(self, name: str) -> Schedule:
        """Read one.

        Raises:
            UnknownScheduleError: There is none.
            ConfigurationError: It cannot be understood.
        """
        path = self.path(name)
        try:
            data = json.loads(read_plain(path))
            return _schedule(name, data)
        except FileNotFoundError:
            known = ", ".join(self.names())
            raise UnknownScheduleError(
                say("There is no schedule {name!r}.", name=name),
                next_step=say("There are these: {known}.", known=known)
                if known
                else say("Add one: loginfix schedule add."),
            ) from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, UsageError) as error:
            raise ConfigurationError(
                say("{path} cannot be understood: {error!r}.", path=path, error=error),
                next_step=say("Correct the file, or add the schedule again with --replace."),
                path=path,
            ) from error

    def write(self, schedule: Schedule) -> None:
        """Write one, whole or not at all.

        Raises:
            SchedulerError: It cannot be written.
        """
        path = self.path(schedule.name)
        text = json.dumps(_data(schedule), ensure_ascii=False, indent=2) + "\n"
        try:
            private_directory(self.directory)
            write_private_file(path, text.encode("utf-8"))
        except OSError as error:
            raise unwritable(path, error) from error

    def delete(self, name: str) -> None:
        """Remove one; none is fine.

        Raises:
            SchedulerError: It cannot be removed.
        """
        path = self.path(name)
        try:
            path.unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                sync_directory(self.directory)
        except OSError as error:
            raise unwritable(path, error) from error


def _data(it: Schedule) -> dict[str, Any]:
    chosen = it.selection
    return {
        "format": _FORMAT,
        "sites": list(chosen.sites),
        "groups": list(chosen.groups),
        "without_groups": list(chosen.without_groups),
        "browsers": list(chosen.browsers),
        "profiles": list(chosen.profiles),
        "only": sorted(chosen.only),
        "keep": sorted(chosen.keep),
        "keep_cookies": list(chosen.keep_cookies),
        "every": it.timing.every,
        "at": it.timing.at,
        "window_minutes": it.window,
        "keep_backups": it.keep_backups,
        "encrypt_to": list(it.encrypt_to),
        "close_browser": it.close_browser,
        "notify": it.notify,
        "paused": it.paused,
        "scheduler": it.scheduler,
    }


def _schedule(name: str, data: dict[str, Any]) -> Schedule:
    # Schedules from before there were encrypted backups do not say so.
    left = {"encrypt_to": [], **data}
    if left.pop("format") != _FORMAT:
        raise ValueError("format is not 1")
    selection = Selection(
        sites=_texts(left, "sites"),
        groups=_texts(left, "groups"),
        without_groups=_texts(left, "without_groups"),
        browsers=_texts(left, "browsers"),
        profiles=_texts(left, "profiles"),
        only=frozenset(map(Category, _texts(left, "only"))),
        keep=frozenset(map(Category, _texts(left, "keep"))),
        keep_cookies=_texts(left, "keep_cookies"),
    )
    if not selection.sites:
        raise ValueError("sites is empty")
    schedule = Schedule(
        name=name,
        selection=selection,
        timing=Timing.parse(_is(str, left, "every"), _is(str, left, "at")),
        window=_is(int, left, "window_minutes"),
        keep_backups=_is(int, left, "keep_backups"),
        encrypt_to=_texts(left, "encrypt_to"),
        close_browser=_is(bool, left, "close_browser"),
        notify=_is(bool, left, "notify"),
        paused=_is(bool, left, "paused"),
        scheduler=_is(str, left, "scheduler"),
    )
    if left:
        raise ValueError(f"nothing is called {', '.join(sorted(left))}")
    if schedule.window < 0 or schedule.keep_backups < 1:
        raise ValueError("window_minutes or keep_backups is too small")
    return schedule


def _texts(data: dict[str, Any], key: str) -> tuple[str, ...]:
    value = data.pop(key)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError(f"{key} is not a list of texts")
    return tuple(value)


def _is(kind: type[T], data: dict[str, Any], key: str) -> T:
    value = data.pop(key)
    if type(value) is not kind:
        raise TypeError(f"{key} is not of the kind {kind.__name__}")
    return value
