"""Which language to speak: what the command says, else the settings, else the system."""

import locale
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

import click

from loginfix.words import LANGUAGES

R = TypeVar("R")

OPTION = "--lang"
VARIABLE = "LOGINFIX_LANG"
_ENGLISH = LANGUAGES[0]
# In the order of gettext(3). LANGUAGE is a list, and not looked at in the C locale.
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
_PREFERRED = "LANGUAGE"
_C = frozenset({"C", "POSIX"})
_MAC_SETTINGS = Path("Library/Preferences/.GlobalPreferences.plist")


def language_option(verb: Callable[..., R]) -> Callable[..., R]:
    """``--lang``, which has been read before; here it is checked and explained."""
    return click.option(
        OPTION,
        type=click.Choice(LANGUAGES),
        metavar="LANGUAGE",
        expose_value=False,
        help="The language: en or ja. If not given, that of the system.",
    )(verb)


def asked_for(arguments: Sequence[str]) -> str | None:
    """The language that a command line names; help and errors need it before it is parsed."""
    found = None
    for word, following in zip_longest(arguments, arguments[1:], fillvalue=""):
        if word == "--":
            break
        if word == OPTION:
            found = following
        elif word.startswith(f"{OPTION}="):
            found = word.partition("=")[2]
    return _known(found)


def chosen(
    arguments: Sequence[str], environment: Mapping[str, str], configured: str | None = None
) -> str:
    """The language for a run, by its command line, its environment, the settings or the system."""
    return (
        asked_for(arguments)
        or _known(environment.get(VARIABLE))
        or _known(configured)
        or of_the_system(environment)
    )


def of_the_system(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """The person's language as the system has it; English where there is no catalogue for it."""
    tags = _of_the_locale(environment)
    if tags is None:
        tags = _of_windows() if platform == "win32" else _of_macos() if platform == "darwin" else []
    return next((tag[:2].lower() for tag in tags if tag[:2].lower() in LANGUAGES), _ENGLISH)


def _known(language: str | None) -> str | None:
    return language if language in LANGUAGES else None


def _of_the_locale(environment: Mapping[str, str]) -> list[str] | None:
    """What the environment says, most wanted first; None where it says nothing."""
    name = next((environment[each] for each in _LOCALES if environment.get(each)), None)
    if name is None:
        return None
    if name.partition(".")[0] in _C:
        return [_ENGLISH]
    return [*environment.get(_PREFERRED, "").split(":"), name]


def _of_windows() -> list[str]:
    """GetUserDefaultUILanguage: the language of the person's menus, as a number."""
    import ctypes  # noqa: PLC0415  where it is needed: it takes longer than all the rest

    kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009  only there on Windows
    return [locale.windows_locale.get(kernel.GetUserDefaultUILanguage(), _ENGLISH)]


def _of_macos() -> list[str]:
    """AppleLanguages of the global domain (NSUserDefaults), in the person's order."""
    import plistlib  # noqa: PLC0415  as above

    try:
        settings = plistlib.loads((Path.home() / _MAC_SETTINGS).read_bytes())
        return [str(each) for each in settings["AppleLanguages"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
