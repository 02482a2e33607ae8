"""The person's own defaults: ``config.toml``, below what the environment and the options say.

Only what is written here can be set. What makes a run do more than it would ask for, such as
``--yes``, is always typed.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click
from click.core import ParameterSource

from loginfix.directories import Directories
from loginfix.errors import ConfigurationError
from loginfix.words import LANGUAGES, message, say

FILE = "config.toml"
LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value must be, and an example of one."""

    sentence: str
    example: str
    fits: Callable[[object], bool]


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each for each in value)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_TEXTS = Kind(message("must be a list of texts"), '["…"]', _is_texts)
_SWITCH = Kind(message("must be true or false"), "true", lambda value: isinstance(value, bool))
_NUMBER = Kind(message("must be a number, 0 or more"), "10", _is_number)
_PATH = Kind(
    message("must be a path from the root, or from ~"),
    '"~/folder"',
    lambda value: isinstance(value, str) and Path(value).expanduser().is_absolute(),
)
_LANGUAGE = Kind(message("must be one of the languages"), '"ja"', lambda value: value in LANGUAGES)
_LEVEL = Kind(message("must be one of the levels"), '"info"', lambda value: value in LOG_LEVELS)

SETTINGS: Mapping[str, Kind] = MappingProxyType(
    {
        "lang": _LANGUAGE,
        "site": _TEXTS,
        "group": _TEXTS,
        "without-group": _TEXTS,
        "browser": _TEXTS,
        "profile": _TEXTS,
        "only": _TEXTS,
        "keep": _TEXTS,
        "keep-cookie": _TEXTS,
        "encrypt-to": _TEXTS,
        "backup-dir": _PATH,
        "keep-backups": _NUMBER,
        "keep-days": _NUMBER,
        "log-file": _PATH,
        "log-level": _LEVEL,
        "quiet": _SWITCH,
        "no-color": _SWITCH,
    }
)
"""What can be set, named like the options."""

# An option that is not named like its setting, by its command and its name.
_NAMED_OTHERWISE = {
    ("backups prune", "keep"): "keep-backups",
    ("backups prune", "days"): "keep-days",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a file sets; nothing where there is none."""

    path: Path
    values: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Settings":
        """Read a file, all of which has to be understood.

        Raises:
            ConfigurationError: It cannot be read, or something in it is not understood.
        """
        try:
            text = path.read_text(encoding="utf-8")
            values = tomllib.loads(text)
        except FileNotFoundError:
            return cls(path, {})
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise ConfigurationError(
                say("{path} cannot be read: {reason}.", path=path, reason=reason),
                next_step=say("Mend it, or move it away: loginfix works without it."),
                path=path,
            ) from error
        for name, value in values.items():
            _check(path, text, name, value)
        return cls(path, values)

    def defaults(self, command: str, params: list[click.Parameter]) -> dict[str, Any]:
        """The defaults for the options of a command, by the names that click has for them."""
        found = {}
        for param in params:
            name = setting_of(command, param)
            if name not in self.values:
                continue
            value = self.values[name]
            if isinstance(value, list) and not param.multiple:
                if len(value) != 1:
                    continue  # a command about one site cannot choose one of several
                (value,) = value
            if SETTINGS[name] is _PATH:
                value = str(Path(value).expanduser())
            found[str(param.name)] = value
        return found


def setting_of(command: str, param: click.Parameter) -> str:
    """The setting for an option of a command; there may be none of that name."""
    name = str(param.name)
    return _NAMED_OTHERWISE.get((command, name), name.replace("_", "-"))


def settings_file() -> Path:
    """Where the person's settings are, or would be."""
    return Directories.current().config / FILE


def configured_language() -> str | None:
    """The language that the file asks for; None also where the file is not understood."""
    try:
        language: str | None = Settings.read(settings_file()).values.get("lang")
    except ConfigurationError:
        return None
    return language


def from_the_file(ctx: click.Context, name: str) -> bool:
    """Whether an option has its value from the settings."""
    return ctx.get_parameter_source(name) is ParameterSource.DEFAULT_MAP


def _check(path: Path, text: str, name: str, value: object) -> None:
    kind = SETTINGS.get(name)
    if kind is None:
        problem = say("is not known")
        remedy = say("There are these: {names}.", names=", ".join(SETTINGS))
    elif not kind.fits(value):
        problem = say(kind.sentence)
        remedy = say("Write {line}", line=f"{name} = {kind.example}")
    else:
        return
    raise ConfigurationError(
        say(
            "{path}, line {line}: {name} {problem}.",
            path=path,
            line=_line_of(text, name),
            name=name,
            problem=problem,
        ),
        next_step=remedy,
        path=path,
    )


def _line_of(text: str, name: str) -> int:
    """Where a key stands, counted from 1; 1 where it is written in a way that is not seen."""
    key = re.compile(rf"\s*\[*\s*[\"']?{re.escape(name)}[\"']?\s*[=.\]]")
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if key.match(line)), 1)
