"""What was changed in a file is enough to undo it, and to read what was there."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from loginfix.stores.caches.block_patches import TABLE, Before, differences, put_back
from loginfix.stores.model import SavedRow

SIZE = 200_000


@st.composite
def edits(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A file, and the same with some stretches changed."""
    before = bytearray(SIZE)
    stretch = st.tuples(st.integers(0, SIZE - 1), st.binary(min_size=1, max_size=40))
    for at, data in draw(st.lists(stretch, max_size=6)):
        before[at : at + len(data)] = data[: SIZE - at]
    after = bytearray(before)
    for at, data in draw(st.lists(stretch, max_size=6)):
        after[at : at + len(data)] = data[: SIZE - at]
    return bytes(before), bytes(after)


def saved(before: bytes, after: bytes) -> list[SavedRow]:
    rows = differences("data_1", io.BytesIO(before), io.BytesIO(after))
    return [SavedRow(TABLE, "deleted", row, None) for row in rows]


@given(edits())
def test_putting_back_gives_the_file_as_it_was(files: tuple[bytes, bytes]) -> None:
    before, after = files
    rows = saved(before, after)
    assert bool(rows) == (before != after)
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / "copy"
        path.write_bytes(after)
        put_back(rows, {"data_1": path})
        assert path.read_bytes() == before


@given(edits(), st.integers(0, SIZE), st.integers(0, 70_000))
def test_what_was_zeroed_can_be_read(files: tuple[bytes, bytes], offset: int, size: int) -> None:
    before, _ = files
    was = Before(saved(before, bytes(SIZE)), io.BytesIO())
    wanted = before[offset : offset + size]
    assert was.read("data_1", offset, size) == wanted + bytes(size - len(wanted))
    assert was.read("data_2", offset, 10) == bytes(10)
