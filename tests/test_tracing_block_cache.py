"""The raw search knows whose each part of a block-file cache is, whatever is in it."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from block_caches import Files, new_entry, with_entries
from cache_fuzzing import Mutator, small_block_cache
from loginfix.formats.block_cache.addresses import BLOCK_SIZES, Kind
from loginfix.formats.block_cache.block_file import HEADER
from loginfix.sites.keys import deciding_part
from loginfix.tracing.model import UNKNOWN
from loginfix.tracing.readers.blockfile import Range, Read, ranges
from loginfix.tracing.readers.cache_entries import key_record
from test_sites_keys import PIECES


@pytest.fixture(scope="module")
def recorded() -> Files:
    """A recorded cache; only to be copied from."""
    return small_block_cache()


def reader(files: Files) -> Read:
    return lambda name, offset, size: bytes(
        files.contents.get(name, b"")[offset : offset + max(size, 0)]
    )


def expected(files: Files) -> dict[str, list[Range]]:
    """Every block of every entry that a chain leads to, but for its node."""
    found = defaultdict(list)
    for entry in files.opened().cache.entries:
        if entry.bucket is None:
            continue
        record = key_record(entry.key, UNKNOWN)
        for address, size in entry.pieces():
            if address.kind is Kind.EXTERNAL:
                found[address.external_name].append((0, size, record))
            elif address.kind is not Kind.RANKINGS:
                start = HEADER + address.block * BLOCK_SIZES[address.kind]
                found[f"data_{address.file}"].append((start, start + address.size, record))
    return {name: sorted(parts, key=lambda part: part[:2]) for name, parts in found.items()}


def test_every_part_is_its_entrys(recorded: Files) -> None:
    found = {name: [*parts] for name, parts in ranges(reader(recorded)).items()}
    assert found == expected(recorded)
    assert any(name.startswith("f_") for name in found)


@given(st.lists(st.lists(PIECES, min_size=1, max_size=8).map("".join), max_size=6, unique=True))
def test_keys_that_begin_alike_are_told_apart(texts: list[str]) -> None:
    files = with_entries(new_entry(text.encode(), [b"body"]) for text in texts)
    assert {name: [*parts] for name, parts in ranges(reader(files)).items()} == expected(files)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_what_decides_of_a_key_names_what_the_key_does(text: str) -> None:
    key = text.encode()
    begin = deciding_part("chromium_cache_key", key)
    assert begin is None or key_record(begin, UNKNOWN) == key_record(key, UNKNOWN)


def test_damage_does_not_stop_it(recorded: Files) -> None:
    mutate = Mutator(recorded, seed=3)
    for _ in range(300):
        for parts in ranges(reader(mutate())).values():
            assert [*parts] == sorted(parts, key=lambda part: part[:2])
            assert all(0 <= start <= end for start, end, _ in parts)
