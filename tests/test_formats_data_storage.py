"""Firefox's tables of slots: a recorded one, built ones, damaged ones."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.formats.data_storage import (
    KEY_SIZE,
    MAX_SLOTS,
    DataStorageError,
    build_slot,
    read_slot,
    slot_size,
    slots,
)
from recorder.recordings import unpack

KEYS = st.binary(min_size=1, max_size=KEY_SIZE).filter(lambda key: not key.endswith(b"\0"))
VALUES = st.binary(max_size=24).filter(lambda value: not value.endswith(b"\0"))


@given(st.lists(st.tuples(KEYS, VALUES, st.integers(0, 65535), st.integers(0, 65535)), max_size=5))
def test_what_is_built_is_read(entries: list[tuple[bytes, bytes, int, int]]) -> None:
    built = [
        build_slot(key, value, value_size=24, score=score, day=day)
        for key, value, score, day in entries
    ]
    empty = bytes(slot_size(24))
    found = list(slots(empty.join(built), 24))
    assert [(slot.key, slot.value) for slot in found] == [entry[:2] for entry in entries]
    assert [slot.raw for slot in found] == built
    assert [slot.number for slot in found] == list(range(0, 2 * len(built), 2))
    assert all(slot.is_sound for slot in found)


def test_a_real_table_is_read_and_built_again(tmp_path: Path) -> None:
    profile = unpack("firefox-esr-153-killed", tmp_path).profile
    data = (profile / "SiteSecurityServiceState.bin").read_bytes()
    found = list(slots(data, 24))
    assert len(found) == 24
    assert b"www.amazon.co.jp^partitionKey=%28https%2Camazon.co.jp%29" in {s.key for s in found}
    for slot in found:
        score, day = (int.from_bytes(slot.raw[at : at + 2], "big") for at in (2, 4))
        built = build_slot(slot.key, slot.value, value_size=24, score=score, day=day)
        assert built == slot.raw
        assert slot.is_sound


def test_other_sizes_are_refused() -> None:
    slot = build_slot(b"a", b"1", value_size=24)
    for data in (slot[:-1], slot + b"\0", slot * (MAX_SLOTS + 1)):
        with pytest.raises(DataStorageError, match="slots"):
            list(slots(data, 24))
    with pytest.raises(DataStorageError, match="too long"):
        build_slot(b"a" * (KEY_SIZE + 1), b"", value_size=24)
    assert list(slots(b"", 24)) == []


def test_a_table_of_another_kind_is_refused_and_a_damaged_slot_is_told() -> None:
    slot = build_slot(b"a.com", b"1" * 999, value_size=1024)
    with pytest.raises(DataStorageError, match="checksum"):
        list(slots(slot.ljust(5 * slot_size(24), b"\0"), 24))
    damaged = bytearray(slot)
    damaged[10] ^= 1
    found = list(slots(slot + bytes(damaged), 1024))
    assert [each.is_sound for each in found] == [True, False]
    assert not read_slot(0, bytes(damaged)).is_sound


def test_damage_is_refused_or_told() -> None:
    chance = random.Random(3)  # noqa: S311 - the same in every run
    base = b"".join(build_slot(b"h%d.com" % i, b"1", value_size=24) for i in range(3))
    for _ in range(2000):
        data = bytearray(base)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        try:
            found = list(slots(bytes(data), 24))
        except DataStorageError:
            continue
        for slot in found:
            assert slot.is_sound == (slot.raw in base)
