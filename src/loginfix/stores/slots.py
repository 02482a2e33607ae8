"""Firefox's tables of security state: slots that name the site are emptied."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Self

from loginfix.errors import Problem
from loginfix.formats.data_storage import (
    MAX_SLOTS,
    DataStorageError,
    Slot,
    read_slot,
    slot_size,
    slots,
)
from loginfix.sites.forms import FORMS
from loginfix.sites.mentions import mentioned_hosts
from loginfix.sites.site import Site
from loginfix.stores.content import not_proven, read_content, stage_content, understood
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.model import (
    BackupSink,
    Category,
    Finding,
    Identity,
    Place,
    Restored,
    SavedStore,
    State,
    Wish,
    Workspace,
)
from loginfix.words import say

_TABLE = "slots"


@dataclass(frozen=True, slots=True)
class SlotsStore:
    """A ``data_storage`` table; ``key`` and ``value`` are the forms in which these name a site."""

    id: str
    title: str
    category: Category
    value_size: int
    key: str
    value: str | None

    @classmethod
    def declared(cls, identity: Identity, data: Mapping[str, Any]) -> Self:
        """Make the store that a declaration describes.

        Raises:
            KeyError, TypeError, ValueError: The declaration is wrong; the text says how.
        """
        refuse_unknown(data, ("value_size", "key", "value"))
        for form in (data["key"], data.get("value", data["key"])):
            if form not in FORMS:
                raise ValueError(f"unknown form {form!r}")
        return cls(*identity, int(data["value_size"]), data["key"], data.get("value"))

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say what the table holds of the site; see ``Store.find``."""
        with understood(place, DataStorageError):
            return self._describe(place, self._owned(self._read(place), wish))

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the table with the site's slots empty; see ``Store.clear``."""
        with understood(place, DataStorageError):
            before = self._read(place, work)
            owned = self._owned(before, wish)
            finding = self._describe(place, owned)
            if not owned:
                return finding
            size = slot_size(self.value_size)
            after = bytearray(before)
            for slot, _ in owned:
                after[slot.number * size : (slot.number + 1) * size] = bytes(size)
            gone = {slot.number for slot, _ in owned}
            kept = [slot for slot in slots(before, self.value_size) if slot.number not in gone]
            if list(slots(bytes(after), self.value_size)) != kept:
                raise not_proven(place)
        for slot, _ in owned:
            backup.row(_TABLE, "deleted", {"slot": slot.number, "raw": slot.raw})
        stage_content(place, work, bytes(after))
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the table with the saved slots in it; see ``Store.restore``.

        A slot comes back where it was if that place is free, otherwise where one is.
        """
        with understood(place, DataStorageError):
            table = _Table(self._read(place, work), self.value_size)
            restored = unchanged = lost = 0
            kept_newer = []
            for row in saved.rows(_TABLE):
                slot = read_slot(_number(row.before["slot"]), _bytes(row.before["raw"]))
                present = table.by_key.get(slot.key)
                if present and present.raw == slot.raw:
                    unchanged += 1
                elif present and not overwrite:
                    kept_newer.append(slot.key.decode("utf-8", "replace"))
                elif table.put(slot, present.number if present else slot.number):
                    restored += 1
                else:
                    lost += 1
        if restored:
            stage_content(place, work, bytes(table.content))
        return Restored(
            restored=restored,
            unchanged=unchanged,
            kept_newer=tuple(kept_newer),
            problems=_full(place, lost),
        )

    def _read(self, place: Place, work: Workspace | None = None) -> bytes:
        return read_content(place, work, limit=slot_size(self.value_size) * MAX_SLOTS)

    def _owned(self, content: bytes, wish: Wish) -> list[tuple[Slot, str]]:
        """The site's slots, and the host by which each is."""
        owners = ((slot, self._owner(slot, wish.site)) for slot in slots(content, self.value_size))
        return [(slot, owner) for slot, owner in owners if owner is not None]

    def _owner(self, slot: Slot, site: Site) -> str | None:
        if not slot.is_sound:  # nobody reads it, but the site's name may be in it
            return min(mentioned_hosts(BytesIO(slot.raw), site), default=None)
        names = FORMS[self.key](slot.key.decode("utf-8", "replace"))
        if site.owns(names):
            return names.host or names.partition or ""
        if self.value is None or site.excludes(names.host):
            return None
        other = FORMS[self.value](slot.value.decode("utf-8", "replace"))
        return other.host if site.owns(other) else None

    def _describe(self, place: Place, owned: list[tuple[Slot, str]]) -> Finding:
        return Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=State.FOUND if owned else State.CLEAN,
            items=len(owned),
            size=sum(len(slot.raw) for slot, _ in owned),
            hosts=dict(sorted(Counter(host for _, host in owned).items())),
            details={"entries": len(owned)} if owned else {},
        )


class _Table:
    """A table that slots are put back into."""

    def __init__(self, content: bytes, value_size: int) -> None:
        found = list(slots(content, value_size))
        self.content = bytearray(content)
        self.by_key = {slot.key: slot for slot in found}
        self._size = slot_size(value_size)
        self._taken = {slot.number for slot in found}

    def put(self, slot: Slot, number: int) -> bool:
        """Put a slot at ``number`` or, if another is there, where none is; False if all are taken.

        Raises:
            DataStorageError: The slot is of another size.
        """
        if len(slot.raw) != self._size:
            raise DataStorageError(say("it has slots of another size than the backup"))
        present = self.by_key.get(slot.key)
        if number in self._taken and not (present and present.number == number):
            free = (each for each in range(MAX_SLOTS) if each not in self._taken)
            number = next(free, MAX_SLOTS)
        if number >= MAX_SLOTS:
            return False
        start = number * self._size
        self.content.extend(bytes(max(0, start + self._size - len(self.content))))
        self.content[start : start + self._size] = slot.raw
        self._taken.add(number)
        self.by_key[slot.key] = slot._replace(number=number)
        return True


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a saved slot has no number")
    return value


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("a saved slot is not bytes")
    return value


def _full(place: Place, lost: int) -> tuple[Problem, ...]:
    if not lost:
        return ()
    return (
        Problem(
            "no-room",
            say(
                "{lost} entries could not be put back into {path}: it is full of newer ones.",
                lost=lost,
                path=place.path,
            ),
            say("Nothing needs to be done: the browser learns them again."),
            place.path,
        ),
    )
