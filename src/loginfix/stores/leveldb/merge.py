"""Putting saved records back into a database that may have been used since.

A record that stands by itself is decided by itself; what hangs on it follows. Numbers that somebody
else has taken since are exchanged for new ones, in the record and in all that goes by them.
"""

import heapq
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from loginfix.stores.leveldb.records import Counter, Link, Record, RecordSpec, read_record
from loginfix.stores.leveldb.selection import link_names, links_of

Pair = tuple[bytes, bytes]

_UNSPOKEN_OF = RecordSpec(re.compile(rb".*", re.DOTALL))


@dataclass(slots=True)
class Merged:
    """``changes`` are values by key from now on, None where there is none any more.

    ``back`` are records that came back and what they became. ``gone`` are present records that had
    to make room. ``there`` are saved records that the database still has as they were.
    """

    changes: dict[bytes, bytes | None] = field(default_factory=dict)
    back: list[tuple[Record, Record]] = field(default_factory=list)
    gone: list[Record] = field(default_factory=list)
    there: list[Record] = field(default_factory=list)
    kept_newer: list[bytes] = field(default_factory=list)

    def applied(self, live: Iterable[Pair]) -> Iterator[Pair]:
        """The pairs from now on, by key; ``live`` are those until now, sorted by key."""
        staying = (pair for pair in live if pair[0] not in self.changes)
        changed = sorted((key, value) for key, value in self.changes.items() if value is not None)
        return heapq.merge(staying, changed)


class Merger:
    """One merge of saved pairs into the live ones.

    Of those, which can be many, only what can matter is remembered. ``is_taken`` tells of a number
    whether something beside the database goes by it.
    """

    def __init__(
        self,
        specs: tuple[RecordSpec, ...],
        live: Iterable[Pair],
        saved: Iterable[Pair],
        *,
        is_taken: Callable[[Link], bool],
    ) -> None:
        """All pairs are read.

        Raises:
            ValueError: A value is not as declared.
        """
        self._specs = specs
        self._names = link_names(specs)
        self._is_taken = is_taken
        self._saved = list(self._read(saved))
        self._values: dict[bytes, bytes | None] = {record.key: None for record in self._saved}
        self._present = list(self._relevant(live))
        self._merged = Merged()
        self._joined: set[Link] = set()

    def run(self, *, overwrite: bool) -> Merged:
        """Merge.

        Raises:
            ValueError: A value is not as declared.
        """
        merged = self._merged
        returning = self._decide(self._saved, overwrite=overwrite)
        new = self._numbers(returning, self._saved)
        for record in returning:
            key, value = record.renumbered(new)
            merged.changes[key] = value
            merged.back += ((record, again) for again in self._read([(key, value)]))
        if returning:
            self._count()
        return merged

    def _relevant(self, live: Iterable[Pair]) -> Iterator[Record]:
        """Present records that saved ones may meet, or that other things go by."""
        identities = {record.identity for record in self._saved}
        for record in self._read(live):
            if record.key in self._values:
                self._values[record.key] = record.value
            if record.identity in identities:
                yield record
            elif record.spec.counter or links_of(record, self._names):
                yield record if record.spec.counter else replace(record, value=None)

    def _value(self, key: bytes) -> bytes | None:
        """What a key that was saved has at this moment."""
        return self._merged.changes.get(key, self._values[key])

    def _decide(self, records: list[Record], *, overwrite: bool) -> list[Record]:
        merged = self._merged
        identities = {record.identity: record for record in self._present}
        returning, following, joining = [], set[Link](), set[Link]()
        for record in records:
            if record.spec.through:
                continue
            present = identities.get(record.identity)
            if present is not None and (present.key, present.value) == (record.key, record.value):
                merged.there.append(record)
                joining |= links_of(record, self._names)
                continue
            if present is not None and not overwrite:
                merged.kept_newer.append(record.key)
                continue
            if present is not None:
                self._make_room(present)
            returning.append(record)
            following |= links_of(record, self._names)
        self._joined = joining
        hanging = [record for record in records if record.spec.through]
        while ready := [record for record in hanging if _through(record) in following | joining]:
            for record in ready:
                hanging.remove(record)
                value = self._value(record.key)
                # Beside what is there as it was, each record is decided by itself.
                is_joining = _through(record) in joining
                if is_joining and value == record.value:
                    merged.there.append(record)
                    joining |= links_of(record, self._names)
                elif is_joining and value is not None and not overwrite:
                    merged.kept_newer.append(record.key)
                else:
                    returning.append(record)
                    following |= links_of(record, self._names)
        # What hung on nothing any more when it was taken out comes back as it was.
        with_head = self._reach(records)
        returning += (
            record
            for record in hanging
            if _through(record) not in with_head and self._value(record.key) is None
        )
        return returning

    def _reach(self, records: list[Record]) -> set[Link]:
        """All numbers by which something hangs on a record that stands by itself."""
        reached = set[Link]()
        for record in records:
            if not record.spec.through:
                reached |= links_of(record, self._names)
        before = -1
        while before != len(reached):
            before = len(reached)
            for record in records:
                if _through(record) in reached:
                    reached |= links_of(record, self._names)
        return reached

    def _make_room(self, head: Record) -> None:
        """Take out a present record and what hangs on it alone."""
        merged = self._merged
        self._drop(head)
        others = {
            link
            for record in self._present
            if record is not head and not record.spec.through
            for link in links_of(record, self._names)
        }
        free = links_of(head, self._names) - others
        changed = True
        while changed:
            changed = False
            for record in self._present:
                if _through(record) in free and record.key not in merged.changes:
                    self._drop(record)
                    free |= links_of(record, self._names)
                    changed = True

    def _drop(self, record: Record) -> None:
        self._merged.changes[record.key] = None
        self._merged.gone.append(record)

    def _numbers(self, returning: list[Record], saved: list[Record]) -> dict[Link, bytes]:
        """New numbers for those that are taken by others, and none for the rest."""
        gone = {record.key for record in self._merged.gone}
        there = {record.key for record in self._merged.there}
        staying = [r for r in self._present if r.key not in gone and r.key not in there]
        taken = {link for record in staying for link in links_of(record, self._names)}
        wanted = {link for record in returning for link in links_of(record, self._names)}
        freed = {link for record in self._merged.gone for link in links_of(record, self._names)}
        highest = self._highest([*self._present, *saved])
        new = {}
        for name, digits in sorted(wanted, key=lambda link: (link[0], int(link[1]))):
            link = (name, digits)
            if link in self._joined:
                continue
            if link in taken or (link not in freed and self._is_taken(link)):
                highest[name] += 1
                new[link] = b"%0*d" % (len(digits), highest[name])
        return new

    def _highest(self, records: Iterable[Record]) -> dict[str, int]:
        highest = dict.fromkeys(self._names, 0)
        for record in records:
            for name, digits in links_of(record, self._names):
                highest[name] = max(highest[name], int(digits))
            if record.spec.counter:
                last = _last(record.spec.counter, record)
                highest[record.spec.counter.group] = max(highest[record.spec.counter.group], last)
        return highest

    def _count(self) -> None:
        """Let every counter stand behind the highest number in use."""
        changes = self._merged.changes
        staying = [record for record in self._present if record.key not in changes]
        highest = self._highest([*staying, *(now for _, now in self._merged.back)])
        for record in self._present:
            counter = record.spec.counter
            if counter and record.value and highest[counter.group] > _last(counter, record):
                number = highest[counter.group] + (0 if counter.last else 1)
                changes[record.key] = b"%0*d" % (len(record.value), number)

    def _read(self, pairs: Iterable[Pair]) -> Iterator[Record]:
        return (
            read_record(self._specs, key, value) or Record(_UNSPOKEN_OF, key, value, {})
            for key, value in pairs
        )


def _through(record: Record) -> Link | None:
    name = record.spec.through
    return (name, record.groups[name]) if name and name in record.groups else None


def _last(counter: Counter, record: Record) -> int:
    """The last number given, by a counter's record; a strange value counts for nothing."""
    value = record.value or b""
    return int(value) - (0 if counter.last else 1) if value.isdigit() else 0
