"""Brands, read from one TOML file each.

``profiles/browsers/<id>.toml`` holds ``name``, ``engine``, a table ``processes`` (names of the
browser's processes by operating system) and ``[[places]]`` with ``os``, ``packaging``, ``data``
and, where they apply, ``cache`` and ``channel``. A file of the same name in the user's own
directory replaces ours; any other adds a brand.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn, TypeGuard

from loginfix.browsers.model import Brand, Engine, Place, Platform
from loginfix.browsers.places import unknown_placeholder
from loginfix.data import data_root
from loginfix.errors import ConfigurationError
from loginfix.files.plain import read_plain
from loginfix.words import say

_PLACE_KEYS = frozenset({"os", "packaging", "channel", "data", "cache"})
_BRAND_KEYS = frozenset({"name", "engine", "processes", "places"})


def load_brands(user_dir: Path | None = None) -> tuple[Brand, ...]:
    """Every brand that is known, in the order of their ids.

    Args:
        user_dir: the person's own ``*.toml`` files; it need not exist.

    Raises:
        ConfigurationError: a file is not TOML, or lacks or misspells a key.
    """
    files: dict[str, Path] = {}
    for directory in (data_root() / "browsers", user_dir):
        if directory is not None:
            files |= {path.stem: path for path in directory.glob("*.toml")}
    return tuple(_read(files[brand_id]) for brand_id in sorted(files))


def _read(path: Path) -> Brand:
    try:
        table = tomllib.loads(read_plain(path).decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            say("The brand file {path} cannot be read: {error}", path=path, error=error),
            next_step=say("Correct the file, or move it away to do without it."),
            path=path,
        ) from error
    _only(path, "", table, _BRAND_KEYS)
    engine = _text(path, "engine", table)
    if engine not in set(Engine):
        _refuse(path, "engine", say("must be one of {engine}", engine=", ".join(Engine)))
    places = table.get("places")
    if not _is_tables(places):
        _refuse(path, "places", say("must be one or more [[places]] tables"))
    return Brand(
        id=path.stem,
        name=_text(path, "name", table),
        engine=Engine(engine),
        processes=_processes(path, table.get("processes", {})),
        places=tuple(_place(path, number, place) for number, place in enumerate(places, 1)),
    )


def _place(path: Path, number: int, table: Mapping[str, object]) -> Place:
    where = f"places[{number}]."
    _only(path, where, table, _PLACE_KEYS)
    for key in ("data", "cache"):
        if key in table and (unknown := unknown_placeholder(_text(path, key, table, where))):
            _refuse(
                path,
                where + key,
                say("has a placeholder that is not known: {unknown}", unknown=unknown),
            )
    return Place(
        platform=_platform(path, where + "os", _text(path, "os", table, where)),
        packaging=_text(path, "packaging", table, where),
        channel=_text(path, "channel", table, where) if "channel" in table else "",
        data=_text(path, "data", table, where),
        cache=_text(path, "cache", table, where) if "cache" in table else "",
    )


def _processes(path: Path, table: object) -> dict[Platform, tuple[str, ...]]:
    if not isinstance(table, dict):
        _refuse(path, "processes", say("must be a table of lists of names"))
    found = {}
    for key, names in table.items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            _refuse(path, f"processes.{key}", say("must be a list of names"))
        found[_platform(path, f"processes.{key}", key)] = tuple(names)
    return found


def _platform(path: Path, key: str, value: str) -> Platform:
    if value not in set(Platform):
        _refuse(
            path,
            key,
            say(
                "names {value!r}, which is none of {platform}",
                value=value,
                platform=", ".join(Platform),
            ),
        )
    return Platform(value)


def _text(path: Path, key: str, table: Mapping[str, object], where: str = "") -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        _refuse(path, where + key, say("must be a text that is not empty"))
    return value


def _only(path: Path, where: str, table: Mapping[str, object], known: frozenset[str]) -> None:
    for key in table.keys() - known:
        _refuse(
            path,
            where + key,
            say("is not known; the keys are {known}", known=", ".join(sorted(known))),
        )


def _is_tables(value: object) -> TypeGuard[list[dict[str, object]]]:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _refuse(path: Path, key: str, trouble: str) -> NoReturn:
    raise ConfigurationError(
        say("In the brand file {path}, {key} {trouble}.", path=path, key=key, trouble=trouble),
        next_step=say(
            "Correct {key} in that file, or move the file away to do without it.", key=key
        ),
        path=path,
    )
