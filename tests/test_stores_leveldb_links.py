"""Records that hang on numbers, on any database: nobody loses anything, nobody gets another's."""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from leveldbs import opener
from loginfix.browsers.model import Engine
from loginfix.formats.leveldb import Database, build, read_database
from loginfix.stores.catalog import declared_stores
from loginfix.stores.leveldb.merge import Merger
from loginfix.stores.leveldb.records import RecordSpec
from loginfix.stores.leveldb.selection import Selection
from loginfix.stores.leveldb.store import LevelDBStore
from store_doubles import WISH

Pairs = dict[bytes, bytes]

OWN = ["https://www.amazon.com/", "https://e.example/^0https://amazon.co.jp"]
OTHERS = [
    "https://www.notamazon.com/",
    "https://amazon.com.evil.example/",
    "https://aws.amazon.com/^0https://amazon.com",
    "https://a.example/",
]
TABS = [f"{number:08x}_0000_0000_0000_000000000000" for number in range(3)]


class Seen(NamedTuple):
    """What a site sees in a tab."""

    tab: str
    key: str


View = dict[Seen, dict[bytes, bytes]]

NAMES = st.binary(min_size=1, max_size=3)
MAPS = st.dictionaries(NAMES, st.binary(max_size=3), max_size=3)


def specs() -> tuple[RecordSpec, ...]:
    stores = {each.store.id: each.store for each in declared_stores(Engine.CHROMIUM)}
    store = stores["chromium.session_storage"]
    assert isinstance(store, LevelDBStore)
    return store.records


SPECS = specs()


@st.composite
def databases(draw: st.DrawFn, keys: list[str]) -> Pairs:
    """Tabs of sites with maps; copies of a tab share one."""
    pairs: Pairs = {b"version": b"1"}
    numbers = draw(st.permutations(range(24)))
    for key in draw(st.lists(st.sampled_from(keys), unique=True)):
        groups = draw(st.lists(st.sampled_from(TABS), unique=True, min_size=1))
        shared = draw(st.booleans())
        number = -1
        for tab in groups:
            if number < 0 or not shared:
                number, *numbers = numbers
                for name, value in draw(MAPS).items():
                    pairs[b"map-%d-%b" % (number, name)] = value
            pairs[f"namespace-{tab}-{key}".encode()] = b"%d" % number
    return pairs


def view(pairs: Pairs) -> View:
    found: View = {}
    for key, number in pairs.items():
        if key.startswith(b"namespace-"):
            _, tab, storage_key = key.decode().split("-", 2)
            prefix = b"map-" + number + b"-"
            found[Seen(tab, storage_key)] = {
                each[len(prefix) :]: value
                for each, value in pairs.items()
                if each.startswith(prefix)
            }
    return found


def database(pairs: Pairs) -> Database:
    files = dict(build(sorted(pairs.items()), last_sequence=1, next_file_number=2))
    return read_database(files, opener(files))


def cleared(pairs: Pairs) -> tuple[Pairs, Pairs]:
    """What stays and what goes."""
    selection = Selection(SPECS, database(pairs), WISH)
    gone = {key for key, value in pairs.items() if selection.takes(key, value)}
    stays = {key: value for key, value in pairs.items() if key not in gone}
    return stays, {key: pairs[key] for key in gone}


def merged(live: Pairs, saved: Pairs, *, overwrite: bool = False) -> Pairs:
    merger = Merger(SPECS, live.items(), saved.items(), is_taken=lambda _: False)
    return dict(merger.run(overwrite=overwrite).applied(sorted(live.items())))


@given(databases([*OWN, *OTHERS]))
def test_only_what_the_site_sees_goes_and_all_of_it_comes_back(pairs: Pairs) -> None:
    stays, saved = cleared(pairs)
    before = view(pairs)
    assert view(stays) == {at: each for at, each in before.items() if at.key not in OWN}
    assert merged(stays, saved) == pairs
    assert merged(pairs, saved) == pairs


@given(databases([*OWN, *OTHERS]), databases(OTHERS))
def test_numbers_that_others_took_since_stay_theirs(pairs: Pairs, since: Pairs) -> None:
    _, saved = cleared(pairs)
    after = view(merged(since, saved))
    own = {at: each for at, each in view(pairs).items() if at.key in OWN}
    assert after == {**view(since), **own}


@given(databases([*OWN, *OTHERS]), databases([*OWN, *OTHERS]), st.booleans())
def test_what_is_there_by_now_stays_unless_overwritten(
    pairs: Pairs,
    since: Pairs,
    overwrite: bool,  # noqa: FBT001  drawn
) -> None:
    _, saved = cleared(pairs)
    now = view(since)
    old = {at: each for at, each in view(pairs).items() if at.key in OWN}
    after = view(merged(since, saved, overwrite=overwrite))
    assert after.keys() == {*now, *old}
    first, second = (old, now) if overwrite else (now, old)
    for at, each in after.items():
        if at.key not in OWN:
            assert each == now[at], at
        else:  # copies of a tab may share what comes back beside what is there
            assert each.items() >= first.get(at, second.get(at, {})).items(), at
