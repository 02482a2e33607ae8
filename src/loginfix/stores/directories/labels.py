"""How a directory says whose it is: by its name, or in a file inside."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from loginfix.errors import NotUnderstoodError
from loginfix.files.tree import Entry
from loginfix.formats import quota_metadata
from loginfix.formats.protobuf import ProtobufError, fields
from loginfix.sites.forms import FORMS, Names
from loginfix.sites.mentions import is_mentioned
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.directories.quota import QuotaLabel
from loginfix.stores.model import Wish
from loginfix.words import say

_WHOLE_NAME = "(?P<site>.+)"
# Names and sizes of the caches of one site; a hostile one must not fill the memory.
_MAX_LABEL = 64 << 20


class Label(Protocol):
    """Tells whose an entry is."""

    def unit(self, name: str) -> str:
        """What the entries that stand or fall together have in common."""

    def names(self, entry: Entry, wish: Wish) -> Names | None:
        """The hosts that an entry names; None where it is nobody's.

        Raises:
            NotUnderstoodError: It is of the site, by all appearances, and does not say so.
            UnsafePathError: What should say so is not a plain file.
        """


@dataclass(frozen=True, slots=True)
class NameLabel:
    """By its name: entries that name their site in the same words are one thing."""

    entry: re.Pattern[str]
    form: str

    def unit(self, name: str) -> str:
        """See ``Label``."""
        match = self.entry.fullmatch(name)
        return match["site"] if match else name

    def names(self, entry: Entry, wish: Wish) -> Names | None:  # noqa: ARG002  one interface
        """See ``Label``."""
        match = self.entry.fullmatch(entry.name)
        return FORMS[self.form](match["site"]) if match else None


@dataclass(frozen=True, slots=True)
class FileLabel:
    """By a file inside it, a protocol buffer: the first of ``fields`` that is there counts."""

    file: str
    fields: tuple[tuple[int, str], ...]

    def unit(self, name: str) -> str:
        """See ``Label``."""
        return name

    def names(self, entry: Entry, wish: Wish) -> Names | None:
        """See ``Label``."""
        if not entry.is_dir():
            return None
        label = f"{entry.path}/{self.file}"
        try:
            with entry.tree.open(label) as file:
                content = file.read(_MAX_LABEL)
            said = {each.number: each.value for each in fields(content)}
        except (FileNotFoundError, ProtobufError):
            said = {}
        for number, form in self.fields:
            if isinstance(text := said.get(number), bytes):
                return FORMS[form](text.decode("utf-8", "replace"))
        if _mentions(entry, wish):
            path = entry.tree.root / entry.path
            raise NotUnderstoodError(
                say(
                    "{path} was left alone: it mentions the site, and nothing in it says whose"
                    " it is.",
                    path=path,
                ),
                next_step=say("Visit the site once and close the browser, or delete this folder."),
                path=path,
            )
        return None


def label_of(data: Mapping[str, Any]) -> Label:
    """Read how the entries of a declared store are labelled.

    Raises:
        KeyError, TypeError, ValueError: The declaration is wrong; the text says how.
    """
    if data.get("label") == quota_metadata.FILE_NAME:
        refuse_unknown(data, ("label",))
        return QuotaLabel()
    if "label" in data:
        refuse_unknown(data, ("label", "fields"))
        forms = tuple((int(number), form) for number, form in data["fields"])
        for _, form in forms:
            _check_form(form)
        return FileLabel(data["label"], forms)
    refuse_unknown(data, ("entry", "site"))
    _check_form(data["site"])
    try:
        entry = re.compile(data.get("entry", _WHOLE_NAME), re.DOTALL)
    except re.error as error:
        raise ValueError(f"'entry' is not a pattern ({error})") from error
    if "site" not in entry.groupindex:
        raise ValueError("'entry' wants a group 'site'")
    return NameLabel(entry, data["site"])


def _check_form(name: str) -> None:
    if name not in FORMS:
        raise ValueError(f"unknown form {name!r}")


def _mentions(entry: Entry, wish: Wish) -> bool:
    for path, _ in entry.tree.walk(entry.path):
        with entry.tree.open(path) as file:
            if is_mentioned(file, wish.site):
                return True
    return False
