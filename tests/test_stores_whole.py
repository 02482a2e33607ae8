"""A file or directory that goes whole when it mentions the site."""

import zlib
from pathlib import Path

import pytest

from loginfix.errors import DamagedFileError
from loginfix.stores.model import Category, Identity, State
from loginfix.stores.whole import WholeStore
from store_doubles import WISH, MemoryBackup, place_of, workspace_for

STORE = WholeStore("chromium.test", "Test", Category.CACHE)
NAMING = "https://www.amazon.com/x".encode("utf-16-le")

Contents = dict[str, bytes]


def contents(path: Path) -> Contents:
    if path.is_file():
        return {"": path.read_bytes()}
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()}


@pytest.fixture(params=["file", "directory"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "profile" / "thing"
    path.parent.mkdir()
    if request.param == "file":
        path.write_bytes(b"x" + NAMING)
    else:
        (path / "deep").mkdir(parents=True)
        (path / "plain").write_bytes(b"nothing")
        (path / "deep" / "naming").write_bytes(NAMING)
    return path


def clear(path: Path, scratch: Path) -> MemoryBackup:
    place, backup = place_of(path), MemoryBackup()
    work = workspace_for(place, scratch)
    assert STORE.clear(place, WISH, work, backup).state is State.FOUND
    work.apply()
    return backup


def restore(path: Path, backup: MemoryBackup, scratch: Path, *, overwrite: bool = False) -> int:
    place = place_of(path)
    work = workspace_for(place, scratch)
    outcome = STORE.restore(place, backup, work, overwrite=overwrite)
    work.apply()
    return outcome.restored


def test_it_goes_and_comes_back_as_it_was(path: Path, tmp_path: Path) -> None:
    before = contents(path)
    backup = clear(path, tmp_path / "scratch")
    assert not path.exists()
    assert restore(path, backup, tmp_path / "scratch") == len(before)
    assert contents(path) == before
    assert restore(path, backup, tmp_path / "scratch") == 0
    assert contents(path) == before


def test_what_the_browser_has_made_since_stays_unless_overwritten(
    path: Path, tmp_path: Path
) -> None:
    before = contents(path)
    backup = clear(path, tmp_path / "scratch")
    if "" in before:
        path.write_bytes(b"new")
    else:
        path.mkdir()
        (path / "new").write_bytes(b"new")
    made = contents(path)
    assert restore(path, backup, tmp_path / "scratch") == 0
    assert contents(path) == made
    assert restore(path, backup, tmp_path / "scratch", overwrite=True) == len(before)
    assert contents(path) == before


def test_without_a_mention_it_stays(path: Path, tmp_path: Path) -> None:
    for each in (path, *path.rglob("*")):
        if each.is_file():
            each.write_bytes(b"https://notamazon.com/ https://aws.amazon.com/")
    place, work = place_of(path), workspace_for(place_of(path), tmp_path / "scratch")
    assert STORE.find(place, WISH).state is State.CLEAN
    assert STORE.clear(place, WISH, work, MemoryBackup()).state is State.CLEAN
    assert work.operations == []


def test_a_decoder_shows_whom_a_file_names(tmp_path: Path) -> None:
    tickets = WholeStore.declared(
        Identity("firefox.test", "Test", Category.SECURITY), {"decoder": "ssl-tokens"}
    )
    path = tmp_path / "tickets.bin"
    for host, state in (("www.amazon.com", State.FOUND), ("www.example.com", State.CLEAN)):
        path.write_bytes(b"STCF\x02" + zlib.compress(f"{host}:443".encode() * 9))
        assert b"amazon" not in path.read_bytes()
        assert tickets.find(place_of(path), WISH).state is state
    path.write_bytes(b"STCF\x07")
    with pytest.raises(DamagedFileError, match=r"tickets\.bin"):
        tickets.find(place_of(path), WISH)


def test_an_unknown_decoder_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown decoder 'x'"):
        WholeStore.declared(Identity("firefox.test", "T", Category.CACHE), {"decoder": "x"})
