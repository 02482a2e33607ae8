"""Bring the catalogues up to date with the sentences in the code and in the declarations.

    python tools/catalogue.py

Collects every message, keeps the translations that there are, adds what is new without one, drops
what is gone, compiles, and prints what still has to be translated. ``tests/test_catalogue.py``
holds that nothing is left to do.
"""

import ast
import io
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from loginfix.cli.help import plain

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "loginfix"
PROFILES = ROOT / "profiles"
LOCALES = SOURCE / "locales"
DOMAIN = "loginfix"
LANGUAGE = "ja"
_DOORS = {"say": 1, "message": 1, "say_count": 2}  # and how many texts go through each
# The words of declarations that a person is told. Sites have names in both languages themselves.
_DECLARED = {"stores": ("title", "restored", "category"), "traces": ("name",)}
_PURE = SOURCE / "formats"  # details for whoever mends a codec, in English
_HEADER = r"""# Japanese for loginfix.
#
# Written by people; tools/catalogue.py keeps the list of messages. The words to use are in
# docs/explanation/japanese.md.
msgid ""
msgstr ""
"Project-Id-Version: loginfix\n"
"POT-Creation-Date: 2026-11-27 00:00+0000\n"
"Language: ja\n"
"Plural-Forms: nplurals=1; plural=0;\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""

Message = str | tuple[str, str]
"""What is translated; with a plural form, both."""


def messages() -> dict[Message, list[str]]:
    """Every message and the files it is in, in a stable order."""
    found: dict[Message, set[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        if path.is_relative_to(_PURE):
            continue
        for each in _in_code(path):
            found.setdefault(each, set()).add(path.relative_to(ROOT).as_posix())
    for folder, words in _DECLARED.items():
        for path in sorted((PROFILES / folder).rglob("*.toml")):
            for each in _declared(tomllib.loads(path.read_text("utf-8")), words):
                found.setdefault(each, set()).add(path.relative_to(ROOT).as_posix())
    return {each: sorted(paths) for each, paths in sorted(found.items(), key=_place)}


def _place(found: tuple[Message, set[str]]) -> tuple[str, str]:
    message, paths = found
    return min(paths), str(message)


def _in_code(path: Path) -> Iterator[Message]:
    """What goes through ``say`` and its relatives, and what commands and options say in help."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef) and any(map(_makes_command, node.decorator_list)):
            yield plain(ast.get_docstring(node) or "")
        elif isinstance(node, ast.Call):
            yield from _said(node)
            for keyword in node.keywords:
                if keyword.arg == "help" and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value)


def _said(call: ast.Call) -> Iterator[Message]:
    if isinstance(call.func, ast.Name) and (count := _DOORS.get(call.func.id)):
        texts = [it.value for it in call.args[:count] if isinstance(it, ast.Constant)]
        match texts:
            case [str(one)]:
                yield one
            case [str(one), str(many)]:
                yield one, many


def _makes_command(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and called.attr in ("command", "group")


def _declared(content: object, words: tuple[str, ...]) -> Iterator[str]:
    if isinstance(content, list):
        for each in content:
            yield from _declared(each, words)
    elif isinstance(content, dict):
        for key, value in content.items():
            if key in words and isinstance(value, str):
                yield value
            elif key != "table":  # tables of a database have names too
                yield from _declared(value, words)


def catalogue(language: str = LANGUAGE) -> Path:
    """Where the translations into a language stand."""
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(path: Path) -> Catalog:
    """A catalogue as it stands in its file."""
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, domain=DOMAIN)


def updated(old: Catalog) -> Catalog:
    """A catalogue with exactly the messages of now, and the translations that there are."""
    new = Catalog(LANGUAGE, DOMAIN, fuzzy=False)
    for message, paths in messages().items():
        known = old.get(message if isinstance(message, str) else message[0])
        new.add(
            message,
            string=known.string if known else None,
            locations=[(path, 0) for path in paths],
        )
    return new


def text_of(new: Catalog) -> bytes:
    """The file of a catalogue; the same for the same messages, whoever makes it and when."""
    out = io.BytesIO()
    write_po(out, new, width=100, include_lineno=False, omit_header=True)
    return _HEADER.encode() + out.getvalue()


def compiled(it: Catalog) -> bytes:
    """What ``gettext`` reads."""
    out = io.BytesIO()
    write_mo(out, it)
    return out.getvalue()


def main() -> int:
    """Bring everything up to date; 1 where something has to be translated."""
    path = catalogue()
    new = updated(read(path))
    path.write_bytes(text_of(new))
    path.with_suffix(".mo").write_bytes(compiled(read(path)))
    untranslated = [each for each in new if each.id and not each.string]
    for each in untranslated:
        print(each.id if isinstance(each.id, str) else each.id[0])
    return 1 if untranslated else 0


if __name__ == "__main__":
    sys.exit(main())
