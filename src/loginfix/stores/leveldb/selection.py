"""Which records of a database are a site's, and which hang on them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from loginfix.formats.leveldb import Database
from loginfix.stores.leveldb.records import Link, Record, RecordSpec, read_record
from loginfix.stores.model import Wish


def links_of(record: Record, names: Collection[str]) -> set[Link]:
    """The numbers in a record that other records, or things beside the database, go by."""
    return {(name, text) for name, text in record.groups.items() if name in names}


def link_names(specs: Iterable[RecordSpec]) -> frozenset[str]:
    """The groups that are such numbers in any declared record."""
    return frozenset(name for spec in specs for name in spec.links)


@dataclass(slots=True)
class Chosen:
    """The site's records: the live ones with the host that each names, and traces of others.

    ``kept`` are the numbers that records of others go by.
    """

    live: dict[bytes, tuple[Record, str]] = field(default_factory=dict)
    traces: int = 0
    kept: set[Link] = field(default_factory=set)


@dataclass(slots=True)
class _State:
    """One stored state of one key."""

    record: Record
    is_live: bool
    host: str | None


def choose(specs: tuple[RecordSpec, ...], database: Database, wish: Wish) -> Chosen:
    """Choose the records.

    A record that hangs on others is the site's when one of them is, in whatever state it ever was,
    unless a live record of somebody else goes by the same number.

    Raises:
        ValueError: A value that should name a site cannot be read.
    """
    names = link_names(specs)
    states = _read(specs, database, wish)
    hanging = [state for state in states if state.record.spec.through]
    claimed: dict[Link, str] = {}
    kept: set[Link] = set()
    for state in states:
        if state.host is not None:
            claimed |= dict.fromkeys(links_of(state.record, names), state.host)
        elif state.is_live and not state.record.spec.through:
            kept |= links_of(state.record, names)
    _spread(hanging, names, claimed, kept)
    chosen = Chosen(kept=kept)
    for state in states:
        at = _through(state.record)
        host = state.host if state.host is not None or at is None else claimed.get(at)
        if host is None:
            continue
        if not state.is_live:
            chosen.traces += 1
        elif state.host is not None or at not in kept:
            chosen.live[state.record.key] = (state.record, host)
    return chosen


def _read(specs: tuple[RecordSpec, ...], database: Database, wish: Wish) -> list[_State]:
    states = []
    for version in database.all_versions():
        record = read_record(specs, version.key, version.value)
        if record is not None:
            is_live = version.value is not None and version == database.newest[version.key]
            states.append(_State(record, is_live, record.host(wish)))
    for key in database.manifest_keys - database.newest.keys():
        record = read_record(specs, key, None)
        if record is not None:
            states.append(_State(record, is_live=False, host=record.host(wish)))
    return states


def _spread(
    hanging: list[_State], names: frozenset[str], claimed: dict[Link, str], kept: set[Link]
) -> None:
    """Let what hangs on a record hand on whose it is, until nothing new is said."""
    before = -1
    while before != len(claimed) + len(kept):
        before = len(claimed) + len(kept)
        for state in hanging:
            at = _through(state.record)
            if at is None or state.host is not None:
                continue
            links = links_of(state.record, names)
            if state.is_live and at in kept:
                kept |= links
            elif at in claimed:
                for link in links:
                    claimed.setdefault(link, claimed[at])


def _through(record: Record) -> Link | None:
    """The number by which a record hangs on others."""
    name = record.spec.through
    return (name, record.groups[name]) if name and name in record.groups else None
