"""Taking out of a report what identifies a person, so that it can be given away.

Addresses are cut behind the host; the home directory becomes ``~``; profiles are called by their
directories; user, computer and e-mail addresses by a mark. What the report is about stays: hosts,
names of cookies, numbers, times.
"""

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path, PurePath
from typing import Any, TypeVar

from loginfix.browsers.model import Profile

T = TypeVar("T")

_ADDRESS = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]{0,30}:)//(?:[^/\s?#@]*@)?([^/\s?#]*)(\S*)")
# Where a text begins with an address it is nothing else, whatever characters are in it.
_NOTHING_ELSE = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]*:)//(?:[^/\s?#@]*@)?([^/\s?#]*)(.*)", re.DOTALL
)
_WITHOUT_HOST = re.compile(r"\b(data|javascript|mailto):\S+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_HOMES = re.compile(r"(?:/home|/Users|[A-Za-z]:[\\/]Users)[\\/][^\\/\s\"']+")
_CUT = "…"
_LEAST = 3  # letters: a shorter name is part of too many words
_NOBODY = frozenset({"root", "user", "admin", "localhost"})


class Redaction:
    """What is taken out for a person with these ``homes`` and ``names`` (user, computer).

    ``profiles`` are all that they have.
    """

    def __init__(
        self, homes: Iterable[Path], names: Iterable[str], profiles: Iterable[Profile]
    ) -> None:
        self._homes = sorted({str(home) for home in homes}, key=len, reverse=True)
        known = {name for name in names if len(name) >= _LEAST and name.lower() not in _NOBODY}
        self._names = re.compile(rf"\b(?:{'|'.join(map(re.escape, known))})\b") if known else None
        self._labels = {each.label: replace(each, name=each.directory).label for each in profiles}

    def apply(self, shown: T) -> T:
        """The same document, data or text with less in it."""
        redacted: T = self._value(shown)
        return redacted

    def text(self, text: str) -> str:
        """The text with less in it."""
        for label, unnamed in self._labels.items():
            text = text.replace(label, unnamed)
        if whole := _NOTHING_ELSE.fullmatch(text):
            text = _without_path(whole)
        text = _ADDRESS.sub(_without_path, text)
        text = _WITHOUT_HOST.sub(rf"\1:{_CUT}", text)
        for home in self._homes:
            text = text.replace(home, "~")
        text = _HOMES.sub("~", text)
        text = _MAIL.sub(f"{_CUT}@{_CUT}", text)
        return self._names.sub(_CUT, text) if self._names else text

    def _value(self, value: Any) -> Any:
        match value:
            case Enum():
                return value
            case str():
                return self.text(value)
            case PurePath():
                return type(value)(self.text(str(value)))
            case tuple() | list():
                return type(value)(map(self._value, value))
        return self._made_of(value)

    def _made_of(self, value: Any) -> Any:
        match value:
            case {"name": _, "directory": directory}:  # a profile's, which the person chose
                return self._members({**value, "name": directory})
            case Mapping():
                return self._members(value)
            case _ if is_dataclass(value):
                return self._fields(value)
        return value

    def _members(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self._value(each) for key, each in value.items()}

    def _fields(self, value: Any) -> Any:
        changed = copy.copy(value)
        for each in fields(value):
            object.__setattr__(changed, each.name, self._value(getattr(value, each.name)))
        return changed


def _without_path(found: re.Match[str]) -> str:
    start, host, rest = found.groups()
    return f"{start}//{host}" + (rest if rest in ("", "/") else f"/{_CUT}")
