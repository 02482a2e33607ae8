"""Text files: the site's lines go, the others stay as written, and they come back."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loginfix.errors import NotUnderstoodError
from loginfix.stores.lines import LinesStore
from loginfix.stores.model import Category, Finding, Identity, Place, Restored, State
from store_doubles import WISH, MemoryBackup, place_of, workspace_for

IDENTITY = Identity("firefox.test", "Test", Category.SECURITY)
STORE = LinesStore.declared(
    IDENTITY, {"separator": "\t", "site": {"0": "host_attributes", "2": "host"}, "key": [0]}
)


class Bench:
    def __init__(self, folder: Path, content: bytes) -> None:
        self.path = folder / "profile" / "file.txt"
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_bytes(content)
        self.scratch = folder / "scratch"

    @property
    def place(self) -> Place:
        return place_of(self.path)

    @property
    def content(self) -> bytes:
        return self.path.read_bytes()

    def clear(self) -> tuple[MemoryBackup, Finding]:
        place, backup = self.place, MemoryBackup()
        work = workspace_for(place, self.scratch)
        finding = STORE.clear(place, WISH, work, backup)
        work.apply()
        return backup, finding

    def restore(self, backup: MemoryBackup, *, overwrite: bool = False) -> Restored:
        place = self.place
        work = workspace_for(place, self.scratch)
        restored = STORE.restore(place, backup, work, overwrite=overwrite)
        work.apply()
        return restored


CONTENT = (
    b"# www.amazon.com in a comment\n"
    b"www.amazon.com:443\tOID\tx\t\n"
    b"b.example:443\tOID\tcdn.amazon.com\n"
    b"\n"
    b"a.example:443^userContextId=1\tOID\r\n"
    b"aws.amazon.com:443\tOID\tamazon.com\n"
    b"amazon.co.jp\n"
    b"not\xffamazon.com\n"
    b"c.example^partitionKey=%28https%2Camazon.co.jp%29:HSTS\t1"
)


def test_the_sites_lines_go_and_come_back_to_the_byte(tmp_path: Path) -> None:
    bench = Bench(tmp_path, CONTENT)
    backup, finding = bench.clear()
    assert (finding.state, finding.items) == (State.FOUND, 4)
    assert bench.content == (
        b"# www.amazon.com in a comment\n"
        b"\n"
        b"a.example:443^userContextId=1\tOID\r\n"
        b"aws.amazon.com:443\tOID\tamazon.com\n"
        b"not\xffamazon.com\n"
    )
    assert STORE.find(bench.place, WISH).state is State.CLEAN
    assert bench.restore(backup).restored == 4
    assert bench.content == CONTENT
    assert bench.restore(backup).restored == 0
    assert bench.content == CONTENT


def test_what_came_since_stays_unless_overwritten(tmp_path: Path) -> None:
    bench = Bench(tmp_path, b"a.example\t1\namazon.com\t1\nwww.amazon.com\t1\nb.example\t1\n")
    backup, _ = bench.clear()
    since = b"a.example\t2\nb.example\t1\nwww.amazon.com\t2"
    bench.path.write_bytes(since)
    result = bench.restore(backup)
    assert (result.restored, result.kept_newer) == (1, ("www.amazon.com",))
    assert sorted(bench.content.splitlines()) == [
        *(b"a.example\t2", b"amazon.com\t1", b"b.example\t1", b"www.amazon.com\t2")
    ]
    assert bench.restore(backup, overwrite=True).restored == 1
    assert b"www.amazon.com\t1\n" in bench.content


def test_a_line_comes_back_behind_the_one_before_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, b"1\na.example\namazon.com\nb.example\n")
    backup, _ = bench.clear()
    bench.path.write_bytes(b"1\na.example\nc.example\n")
    bench.restore(backup)
    assert bench.content == b"1\na.example\namazon.com\nc.example\n"


def test_what_is_no_text_is_left_alone(tmp_path: Path) -> None:
    bench = Bench(tmp_path, b"amazon.com\n\0")
    with pytest.raises(NotUnderstoodError, match="not text"):
        bench.clear()


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(CONTENT.splitlines(keepends=True)) | st.binary(max_size=9)))
def test_whatever_is_in_it_comes_back_to_the_byte(tmp_path: Path, lines: list[bytes]) -> None:
    content = b"".join(lines).replace(b"\0", b"")
    bench = Bench(tmp_path, content)
    backup, finding = bench.clear()
    if finding.state is State.FOUND:
        bench.restore(backup)
    assert bench.content == content


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown form 'x'"):
        LinesStore.declared(IDENTITY, {"separator": " ", "site": {"0": "x"}, "key": [0]})
