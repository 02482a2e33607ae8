"""Whose a row is, for SQL: functions that ask the site, and what is given to them.

A history has hundreds of thousands of addresses of a few thousand hosts. Of an address only what
decides is handed over, and what was answered once is remembered.
"""

import sqlite3
from collections.abc import Callable

from loginfix.formats import protobuf
from loginfix.sites.forms import FORMS, Names
from loginfix.stores.model import Value, Wish
from loginfix.stores.sqlite.binding import Bound
from loginfix.stores.sqlite.schema import quote
from loginfix.stores.sqlite.spec import Alternative, Drop

# Browsers keep no longer URL (url/url_constants.h: 2 MiB); more is a message, not a name.
_LONGEST_NAME = 2 << 20
_OF_URLS = frozenset(("frame_origin", "host_and_path", "partition_site", "schemeful_site", "url"))
"""The forms that read nothing of a web address but its host."""
_MOST_KNOWN, _LONGEST_KNOWN = 1 << 14, 512


def names_site(bound: Bound) -> str:
    """SQL condition on ``t``: the row names the site by itself."""
    return "(" + " OR ".join(f"loginfix_owns({_arguments(each)})" for each in bound.spec.site) + ")"


def column_names_site(form: str, column: str) -> str:
    """SQL condition on ``t``: one column names the site."""
    return f"loginfix_owns({_arguments(((column, form),))})"


def host_sql(bound: Bound) -> str:
    """SQL for the host that the row ``t`` names, NULL where it names none."""
    calls = ", ".join(f"loginfix_host({_arguments(each)})" for each in bound.spec.site)
    return f"coalesce({calls}, NULL)"


def without_site(form: str, drop: Drop, column: str) -> str:
    """SQL for a column of ``t``, a protocol buffer, without what in it names the site."""
    return f"loginfix_without('{form}', '{drop}', t.{quote(column)})"


def is_kept_cookie(column: str) -> str:
    """SQL condition on ``t``: the cookie is one that the person keeps."""
    return f"loginfix_kept_cookie(t.{quote(column)})"


def add_functions(connection: sqlite3.Connection, wish: Wish) -> None:
    """Make what the SQL of this module calls known to a connection."""

    def own_names(*arguments: object) -> Names | None:
        names = names_of(arguments)
        return names if wish.site.owns(names) else None

    remembered = _remembering(own_names)

    def owns(*arguments: object) -> bool:
        return remembered(arguments) is not None

    def host(*arguments: object) -> str | None:
        names = remembered(arguments)
        return names.host if names else None

    def without(form: str, drop: Drop, message: Value) -> Value:
        if not isinstance(message, bytes):
            return message

        def goes(text: bytes) -> bool:
            if len(text) > _LONGEST_NAME:
                return False
            return wish.site.owns(FORMS[form](text.decode("utf-8", "replace")))

        return protobuf.without(message, goes, drop=drop)

    def kept_cookie(name: object) -> bool:
        return name in wish.keep_cookies

    connection.create_function("loginfix_owns", -1, owns, deterministic=True)
    connection.create_function("loginfix_host", -1, host, deterministic=True)
    connection.create_function("loginfix_without", 3, without, deterministic=True)
    connection.create_function("loginfix_kept_cookie", 1, kept_cookie, deterministic=True)


def names_of(arguments: tuple[object, ...]) -> Names:
    """Bring together what several columns say: form, value, form, value, …."""
    host = partition = frame = None
    for form, value in zip(arguments[::2], arguments[1::2], strict=True):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        if not isinstance(text, str):
            continue
        names = FORMS[str(form)](text)
        host = host or names.host
        partition = partition or names.partition
        frame = frame or names.frame
    return Names(host, partition, frame)


def _arguments(alternative: Alternative) -> str:
    return ", ".join(f"'{form}', {_deciding(column, form)}" for column, form in alternative)


def _deciding(column: str, form: str) -> str:
    """SQL for what in a column of ``t`` decides which hosts it names.

    Of a web address that is the text up to the slash behind its host: where the host begins with
    such a character, nothing that follows a slash is read (URL Standard § 4.4).
    """
    text = f"t.{quote(column)}"
    if form not in _OF_URLS:
        return text
    plain = " OR ".join(f"{text} GLOB '{scheme}://[a-z0-9]*'" for scheme in ("https", "http"))
    begin = f"substr({text}, 1, 8 + nullif(instr(substr({text}, 9), '/'), 0))"
    # Of a blob, positions are counted in bytes here and in characters there.
    plain = f"typeof({text}) = 'text' AND ({plain})"
    return f"CASE WHEN {plain} THEN coalesce({begin}, {text}) ELSE {text} END"


def _remembering(
    ask: Callable[..., Names | None],
) -> Callable[[tuple[object, ...]], Names | None]:
    """The same function of its arguments, which is not asked twice in a row for what is short."""
    known: dict[tuple[object, ...], Names | None] = {}

    def remembered(arguments: tuple[object, ...]) -> Names | None:
        try:
            return known[arguments]
        except KeyError:
            answer = ask(*arguments)
        if sum(len(each) for each in arguments if isinstance(each, str | bytes)) <= _LONGEST_KNOWN:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known[arguments] = answer
        return answer

    return remembered
