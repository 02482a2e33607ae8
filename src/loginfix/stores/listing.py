"""Collecting the things that a finding counts."""

import re
from collections.abc import Iterable
from datetime import datetime

from loginfix.stores.model import Item, Span, Wish

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S*\Z")


def known_by(text: str) -> str:
    """What a person knows a key by: the address that it ends in, without what is before it."""
    found = _ADDRESS.search(text)
    return found[0] if found else text


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
