"""Walking a database chooses what choosing among all of its states in memory would."""

import re
from collections import Counter
from dataclasses import replace
from operator import itemgetter
from typing import BinaryIO, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leveldbs import database_of, opener
from loginfix.formats.leveldb import Database, Version, read_database
from loginfix.formats.leveldb.merging import place
from loginfix.sites.forms import FORMS
from loginfix.stores.leveldb.records import Link, Record, RecordSpec, parse_record, read_record
from loginfix.stores.leveldb.selection import Selection, link_names, links_of
from store_doubles import WISH, declared_records

OWN = [b"https://www.amazon.com/", b"https://e.example/^0https://amazon.co.jp"]
OTHERS = [b"https://www.notamazon.com/", b"https://aws.amazon.com/^0https://amazon.com", b"x"]
TAB = b"00000001_0000_0000_0000_000000000000"


# Numbers that hang on numbers, and things beside the database.
_CHAIN = tuple(
    parse_record(each)
    for each in (
        {"key": "R:(?P<site>.+)", "value": "(?P<a>[0-9]+)", "site": "storage_key", "item": True}
        | {"folder": "{a}"},
        {"key": "S:(?P<site>[^:]+):(?P<a>[0-9]+)", "site": "host", "folder": "{a}"},
        {"key": "A:(?P<a>[0-9]+):(?P<b>[0-9]+)", "through": "a", "cache_entry": "C/{b}"},
        {"key": "B:(?P<b>[0-9]+):.*", "through": "b"},
        # Says in its key alone whose a number is, and is not what declares that others go by it.
        {"key": "K:(?P<a>[0-9]+):(?P<site>.+)", "site": "host", "item": True},
    )
)
# What says whose it is stands in the value, there alone or there as well.
_VALUES = tuple(
    parse_record(each)
    for each in (
        {"key": "V:.*", "value": "(?P<site>.+)", "site": "host", "item": True},
        {"key": "U:(?P<site>.+)", "site": "host", "urls_in": "value"},
    )
)
SPECS = {
    "local": declared_records("local_storage"),
    "session": declared_records("session_storage"),
    "chain": _CHAIN,
    "values": _VALUES,
}

_SITES = st.sampled_from([*OWN, *OTHERS])
_HOSTS = st.sampled_from([b"www.amazon.com", b"www.example.org"])
_NUMBERS = st.sampled_from([b"0", b"1", b"2", b"3"])
_CHANGES = {
    "local": st.tuples(
        st.builds(lambda site, name: b"_" + site + b"\0" + name, _SITES, st.binary(max_size=1))
        | st.builds(lambda site: b"META:" + site, _SITES)
        | st.just(b"VERSION"),
        st.binary(max_size=3),
    ),
    "session": st.tuples(
        st.builds(lambda site: b"namespace-" + TAB + b"-" + site, _SITES), _NUMBERS
    )
    | st.tuples(st.builds(lambda number: b"map-" + number + b"-k", _NUMBERS), st.just(b"v")),
    "values": st.tuples(_NUMBERS.map(b"V:".__add__), _HOSTS)
    | st.tuples(_HOSTS.map(b"U:".__add__), _SITES.map(lambda url: b"\x0a%c%b" % (len(url), url))),
    "chain": st.tuples(st.builds(lambda site: b"R:" + site, _SITES), _NUMBERS)
    | st.tuples(st.builds(lambda host, a: b"S:" + host + b":" + a, _HOSTS, _NUMBERS), st.just(b"v"))
    | st.tuples(st.builds(lambda a, b: b"A:" + a + b":" + b, _NUMBERS, _NUMBERS), st.just(b"v"))
    | st.tuples(st.builds(lambda b: b"B:" + b + b":k", _NUMBERS), st.just(b"v"))
    | st.tuples(st.builds(lambda a, host: b"K:" + a + b":" + host, _NUMBERS, _HOSTS), st.just(b"")),
}


@st.composite
def databases(draw: st.DrawFn, kind: str) -> Database:
    changes = draw(st.lists(st.tuples(_CHANGES[kind], st.booleans()), max_size=20))
    versions = [
        Version(key, number, None if is_deleted else value)
        for number, ((key, value), is_deleted) in enumerate(changes, 1)
    ]
    cut = draw(st.integers(0, len(versions)))
    old = sorted(versions[:cut], key=place)
    files = database_of([old] if old else [], versions[cut:])
    database = read_database(files, opener(files))
    # A manifest names keys of tables that are gone.
    named = frozenset(draw(st.lists(_CHANGES[kind].map(itemgetter(0)), max_size=3)))
    return replace(database, manifest_keys=database.manifest_keys | named)


class Plain(NamedTuple):
    """What ``Selection`` comes to, chosen among everything."""

    keys: set[bytes]
    traces: int
    hosts: Counter[str]
    size: int
    owners: set[bytes]


def _own_host(record: Record) -> str | None:
    named = []
    if record.spec.form is not None and "site" in record.groups:
        named.append(FORMS[record.spec.form](record.groups["site"].decode()))
    if record.spec.in_value and record.value and record.value.count(b":"):
        named.append(FORMS["url"](record.value[2:].decode()))
    own = (names.host or names.partition for names in named if WISH.site.owns(names))
    return next(own, None)


def _at(record: Record) -> Link | None:
    name = record.spec.through
    return (name, record.groups[name]) if name else None


class State(NamedTuple):
    """A state of a key, read."""

    record: Record
    is_live: bool
    host: str | None
    links: set[Link]


def _all_states(specs: tuple[RecordSpec, ...], database: Database) -> list[State]:
    walked = list(database.states())
    named = database.manifest_keys - {version.key for version, _ in walked}
    return [
        State(
            record,
            is_newest and version.value is not None,
            _own_host(record),
            links_of(record, link_names(specs)),
        )
        for version, is_newest in [*walked, *((Version(key, 0, None), False) for key in named)]
        if (record := read_record(specs, version.key, version.value))
    ]


def _spread(states: list[State]) -> tuple[dict[Link, str], set[Link]]:
    """The numbers that are the site's, with a host, and those that are somebody else's."""
    claimed = {link: each.host for each in states if each.host for link in each.links}
    others = [each for each in states if each.host is None]
    kept = {
        link
        for each in others
        if each.is_live and not each.record.spec.through
        for link in each.links
    }
    before = None
    while before != (before := (len(claimed), len(kept))):
        for each in others:
            at = _at(each.record)
            if each.is_live and at in kept:
                kept |= each.links
            elif at in claimed:
                claimed = dict.fromkeys(each.links, claimed[at]) | claimed
    return claimed, kept


def plainly(specs: tuple[RecordSpec, ...], database: Database) -> Plain:
    states = _all_states(specs, database)
    claimed, kept = _spread(states)
    keys, owners, hosts = set(), set(), Counter[str]()
    traces = size = 0
    for record, is_live, own, links in states:
        at = _at(record)
        host = own or (claimed.get(at) if at else None)
        if host is not None and not is_live:
            traces += 1
        elif host is not None and (own or at not in kept):
            keys.add(record.key)
            size += len(record.key) + len(record.value or b"")
            hosts.update([host] * record.spec.item)
            if (record.spec.folder or record.spec.cache_entry) and kept.isdisjoint(links):
                owners.add(record.key)
    return Plain(keys, traces, hosts, size, owners)


@pytest.mark.parametrize("kind", SPECS)
@given(data=st.data())
def test_it_chooses_what_all_states_together_would(kind: str, data: st.DataObject) -> None:
    database = data.draw(databases(kind))
    selection = Selection(SPECS[kind], database, WISH)
    chosen = selection.chosen
    taken = {key for key, value in database.live() if selection.takes(key, value)}
    owners = {record.key for record in chosen.owners}
    found = Plain(taken, chosen.traces, chosen.hosts, chosen.size, owners)
    assert found == plainly(SPECS[kind], database)
    assert chosen.records == len(taken)


def test_what_goes_by_the_number_of_others_stays() -> None:
    keys = [
        b"S:www.amazon.com:1",
        b"S:www.amazon.com:2",
        b"S:www.example.org:1",
        b"A:1:3",
        b"A:2:4",
    ]
    versions = [Version(key, number, b"") for number, key in enumerate(sorted(keys), 1)]
    files = database_of([versions])
    database = read_database(files, opener(files))
    selection = Selection(SPECS["chain"], database, WISH)
    taken = {key for key, value in database.live() if selection.takes(key, value)}
    assert taken == {b"S:www.amazon.com:1", b"S:www.amazon.com:2", b"A:2:4"}
    assert [record.key for record in selection.chosen.owners] == [b"S:www.amazon.com:2", b"A:2:4"]


def test_what_goes_by_the_number_in_a_key_of_others_stays() -> None:
    keys = [b"A:1:3", b"A:2:4", b"K:1:www.amazon.com", b"K:1:www.example.org", b"K:2:amazon.com"]
    files = database_of([[Version(key, number, b"") for number, key in enumerate(keys, 1)]])
    database = read_database(files, opener(files))
    selection = Selection(SPECS["chain"], database, WISH)
    taken = {key for key, value in database.live() if selection.takes(key, value)}
    assert taken == {b"A:2:4", b"K:1:www.amazon.com", b"K:2:amazon.com"}


def test_what_does_not_hang_together_is_walked_once() -> None:
    files = database_of([[Version(b"_https://www.amazon.com\0k", 1, b"v")]])
    opened = []

    def counting(name: str) -> BinaryIO:
        opened.append(name)
        return opener(files)(name)

    Selection(SPECS["local"], read_database(files, counting), WISH)
    assert Counter(name for name in opened if re.fullmatch(r".*\.ldb", name)) == {"000010.ldb": 1}
