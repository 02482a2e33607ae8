"""Collecting the things that a finding counts."""

import string
from collections.abc import Iterable
from datetime import datetime

from loginfix.stores.model import Item, Span, Wish

_OF_A_SCHEME = frozenset(string.ascii_lowercase + string.digits + "+.-")
_NOT_FIRST = string.digits + "+.-"


def known_by(text: str) -> str:
    """What a person knows a key by: the address that it ends in, without what is before it.

    In one pass: a page chooses its addresses, and they may be as long as it likes.
    """
    word = text[text.rfind(" ") + 1 :]
    colon = word.find("://")
    start = colon
    while start > 0 and word[start - 1] in _OF_A_SCHEME:
        start -= 1
    scheme = word[start:colon].lstrip(_NOT_FIRST) if colon > 0 else ""
    return scheme + word[colon:] if scheme else text


class Listing:
    """The items of a finding as they are found: all times, and the names where they are wanted."""

    def __init__(self, wish: Wish, items: Iterable[Item] = ()) -> None:
        self._is_itemised = wish.itemised
        self._items: list[Item] = []
        self._span: Span | None = None
        for item in items:
            self.add(item)

    def add(self, item: Item) -> None:
        """Count an item in."""
        self.note(item.used)
        if self._is_itemised:
            self._items.append(item)

    def note(self, used: datetime | None) -> None:
        """Count in only when something was used."""
        if used is None:
            return
        if self._span is None:
            self._span = Span(used, used)
        elif not self._span.oldest <= used <= self._span.newest:
            self._span = Span(min(self._span.oldest, used), max(self._span.newest, used))

    @property
    def used(self) -> Span | None:
        """From when to when."""
        return self._span

    @property
    def items(self) -> tuple[Item, ...]:
        """The items, where they are wanted."""
        return tuple(self._items)
