import gc
import os
import socket
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loginfix.errors import UnsafePathError
from loginfix.files import anchor
from loginfix.files.tree import Tree


@pytest.fixture(params=["by descriptor", "by path"])
def tree(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    if request.param == "by path":
        monkeypatch.setattr(anchor, "BY_DESCRIPTOR", False)
    elif not anchor.BY_DESCRIPTOR:
        pytest.skip("this system opens by path only")
    root = tmp_path / "profile"
    (root / "Cache/Cache_Data").mkdir(parents=True)
    (root / "Cookies").write_bytes(b"cookies")
    (root / "Cache/Cache_Data/entry").write_bytes(b"entry")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    return Tree(root)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def read(tree: Tree, rel: str) -> bytes:
    with tree.open(rel) as file:
        return file.read()


def test_files_are_read_at_any_depth(tree: Tree) -> None:
    assert read(tree, "Cookies") == b"cookies"
    assert read(tree, "Cache/Cache_Data/entry") == b"entry"


def test_status_and_existence(tree: Tree) -> None:
    assert tree.stat("Cookies").st_size == 7
    assert tree.stat("").st_ino == tree.root.stat().st_ino
    assert tree.exists("Cache/Cache_Data/entry")
    assert not tree.exists("missing")
    assert not tree.exists("missing/below")
    assert not tree.exists("Cookies/below")
    with pytest.raises(FileNotFoundError):
        tree.stat("missing")
    with pytest.raises(FileNotFoundError):
        tree.open("missing")


def test_a_listing_tells_kinds_and_paths(tree: Tree) -> None:
    (tree.root / "link").symlink_to("Cookies")
    found = {entry.name: entry for entry in tree.list("")}
    assert list(found) == ["Cache", "Cookies", "link"]
    assert (found["Cache"].is_dir(), found["Cache"].is_file()) == (True, False)
    assert (found["Cookies"].is_dir(), found["Cookies"].is_file()) == (False, True)
    assert (found["link"].is_dir(), found["link"].is_file()) == (False, False)
    assert found["Cookies"].stat().st_size == 7
    assert [entry.path for entry in tree.list("Cache/Cache_Data")] == ["Cache/Cache_Data/entry"]


def test_a_walk_finds_everything_that_is_not_a_directory(tree: Tree, tmp_path: Path) -> None:
    (tree.root / "Cache/away").symlink_to(tmp_path / "outside")
    found = {path: status.st_size for path, status in tree.walk("")}
    assert found.keys() == {"Cookies", "Cache/Cache_Data/entry", "Cache/away"}
    assert found["Cookies"] == 7


@pytest.mark.parametrize(
    "rel",
    ["/etc/passwd", "..", "../outside/secret", "Cache/../../outside/secret", ".", "Cache/.",
     "Cache//Cache_Data", "Cache/", "/", "a\0b"],
)  # fmt: skip
def test_paths_that_could_lead_out_are_refused(tree: Tree, rel: str) -> None:
    for action in (tree.stat, tree.open, tree.local_path, tree.exists):
        with pytest.raises(UnsafePathError):
            action(rel)
    with pytest.raises(UnsafePathError):
        list(tree.list(rel))


def test_a_link_to_a_file_is_described_but_not_opened(tree: Tree) -> None:
    (tree.root / "link").symlink_to("Cookies")
    assert tree.exists("link")
    with pytest.raises(UnsafePathError, match="link"):
        tree.open("link")
    with pytest.raises(UnsafePathError, match="link"):
        tree.local_path("link")


def test_a_link_on_the_way_is_refused_with_its_name(tree: Tree, tmp_path: Path) -> None:
    (tree.root / "Cache/away").symlink_to(tmp_path / "outside")
    for action in (tree.stat, tree.open, tree.exists, tree.local_path):
        with pytest.raises(UnsafePathError, match="Cache/away") as caught:
            action("Cache/away/secret")
        assert caught.value.next_step
    with pytest.raises(UnsafePathError):
        list(tree.list("Cache/away"))


def test_a_link_that_leads_nowhere_exists(tree: Tree) -> None:
    (tree.root / "SingletonLock").symlink_to("host-123")
    assert tree.exists("SingletonLock")


def test_a_directory_swapped_for_a_link_leads_nowhere(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "outside/entry").write_bytes(b"secret")
    assert read(tree, "Cache/Cache_Data/entry") == b"entry"
    (tree.root / "Cache/Cache_Data").rename(tmp_path / "moved")
    (tree.root / "Cache/Cache_Data").symlink_to(tmp_path / "outside")
    try:
        assert read(tree, "Cache/Cache_Data/entry") == b"entry"
    except UnsafePathError:
        assert not anchor.BY_DESCRIPTOR


def test_the_path_of_the_root_may_lead_through_links(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tree.root)
    with Tree(tmp_path / "link") as linked:
        assert read(linked, "Cookies") == b"cookies"
        assert linked.local_path("Cookies") == tmp_path / "link" / "Cookies"


def test_a_root_that_is_not_a_directory_is_an_error(tree: Tree, tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        Tree(tree.root / "Cookies")
    with pytest.raises(FileNotFoundError):
        Tree(tmp_path / "missing")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_at_once(tree: Tree) -> None:
    os.mkfifo(tree.root / "pipe")
    caught: list[BaseException] = []

    def open_it() -> None:
        try:
            tree.open("pipe")
        except UnsafePathError as error:
            caught.append(error)

    thread = threading.Thread(target=open_it, daemon=True)
    thread.start()
    thread.join(5)
    assert caught


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs sockets in files")
def test_sockets_and_directories_are_not_opened(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree.root)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        for rel in ("socket", "Cache", ""):
            with pytest.raises(UnsafePathError):
                tree.open(rel)


def test_local_path_is_the_ordinary_path(tree: Tree) -> None:
    assert tree.local_path("Cache/Cache_Data/entry").read_bytes() == b"entry"
    assert tree.local_path("Cache") == tree.root / "Cache"
    with pytest.raises(FileNotFoundError):
        tree.local_path("missing")


@pytest.mark.skipif(not anchor.BY_DESCRIPTOR, reason="a path cannot tell")
def test_local_path_notices_that_the_root_was_exchanged(tmp_path: Path) -> None:
    root = tmp_path / "profile"
    root.mkdir()
    (root / "Cookies").touch()
    with Tree(root) as tree:
        root.rename(tmp_path / "moved")
        root.mkdir()
        (root / "Cookies").touch()
        with pytest.raises(UnsafePathError, match="exchanged"):
            tree.local_path("Cookies")


def test_a_directory_of_many_entries_is_opened_once(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(300):
        (tree.root / "Cache/Cache_Data" / f"{number}").touch()
    opened: list[object] = []
    real = os.open

    def counting(path: str, *args: int, **kwargs: int) -> int:
        opened.append(path)
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", counting)
    for entry in tree.list("Cache/Cache_Data"):
        tree.open(entry.path).close()
    assert len(opened) <= 301 + 4


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads /proc")
def test_few_descriptors_stay_open_and_none_after_closing(tmp_path: Path) -> None:
    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    gc.collect()  # what other tests have forgotten
    before = count()
    tree = Tree(tmp_path)
    for number in range(100):
        (tmp_path / f"{number}/deep/er").mkdir(parents=True)
        (tmp_path / f"{number}/deep/er/file").touch()
        tree.open(f"{number}/deep/er/file").close()
    (tmp_path / "link").symlink_to("0")
    with pytest.raises(UnsafePathError):
        tree.stat("link/deep")
    assert len(list(tree.walk(""))) == 101
    assert count() < before + 40
    tree.close()
    tree.close()
    assert count() == before
    forgotten = Tree(tmp_path)
    forgotten.open("1/deep/er/file").close()
    del forgotten
    gc.collect()
    assert count() == before


names = st.binary(min_size=1, max_size=40).filter(
    lambda name: not set(b"/\0") & set(name) and name not in (b".", b"..")
)


@pytest.mark.skipif(os.name == "nt" or not anchor.BY_DESCRIPTOR, reason="names there are text")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(name=names, content=st.binary(max_size=20))
def test_a_name_may_be_any_bytes(tmp_path: Path, name: bytes, content: bytes) -> None:
    (tmp_path / os.fsdecode(name)).write_bytes(content)
    with Tree(tmp_path) as tree:
        (entry,) = tree.list("")
        assert os.fsencode(entry.path) == name
        assert read(tree, entry.path) == content
    (tmp_path / os.fsdecode(name)).unlink()


def test_parts_of_many_files_are_read_and_nothing_of_what_is_no_plain_file(tree: Tree) -> None:
    (tree.root / "Cache/link").symlink_to("../Cookies")
    (tree.root / "Cache/short").write_bytes(b"ab")
    (tree.root / "Cache/long").write_bytes(b"0123456789")
    names = ["short", "Cache_Data", "long", "link", "missing", "..", "long"]
    starts = list(tree.starts("Cache", names, 4))
    assert starts == [b"ab", b"", b"0123", b"", b"", b"", b"0123"]
    nothing = (0, b"")
    ends = list(tree.ends("Cache", names, 4))
    assert ends == [(2, b"ab"), nothing, (10, b"6789"), nothing, nothing, nothing, (10, b"6789")]
    with pytest.raises(FileNotFoundError):
        list(tree.starts("missing", ["x"], 4))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders here")
def test_parts_of_many_files_are_nothing_for_a_pipe(tree: Tree) -> None:
    os.mkfifo(tree.root / "Cache/pipe")
    assert list(tree.starts("Cache", ["pipe"], 4)) == [b""]
    assert list(tree.ends("Cache", ["pipe"], 4)) == [(0, b"")]


def test_parts_of_a_file_are_not_read_through_a_linked_folder(tree: Tree) -> None:
    (tree.root / "Cache/away").symlink_to("Cache_Data")
    assert (tree.root / "Cache/away/entry").read_bytes()
    assert list(tree.starts("Cache", ["away/entry"], 4)) == [b""]


def test_names_and_paths_are_sorted_and_say_nothing_of_kinds(tree: Tree) -> None:
    (tree.root / "link").symlink_to("Cache")
    assert tree.names("") == ["Cache", "Cookies", "link"]
    assert list(tree.paths("")) == ["Cache/Cache_Data/entry", "Cookies", "link"]
    assert [name for name in tree.names("") if tree.is_dir(name)] == ["Cache"]
    assert [name for name in tree.names("") if tree.is_file(name)] == ["Cookies"]


@pytest.fixture
def listed(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The directories that were really listed, with the names as the browser left them an hour ago.

    So far ahead is the clock here: the times of what is written now are old.
    """
    asked: list[str] = []
    names = tree._anchor.names

    def noted(rel: str) -> list[str]:
        asked.append(rel)
        return names(rel)

    monkeypatch.setattr(tree._anchor, "names", noted)
    monkeypatch.setattr(time, "time_ns", lambda now=time.time_ns: now() + 3_600_000_000_000)
    return asked


def test_the_longest_directory_is_listed_once_for_all_who_ask(
    tree: Tree, listed: list[str]
) -> None:
    for rel in ("Cache", "Cache", "", "Cache", "", "Cache/Cache_Data", ""):
        assert set(tree.names_as_kept(rel)) == names_in(tree.root / rel)
    assert listed == ["Cache", "", "Cache", "Cache/Cache_Data"]


@pytest.mark.parametrize("change", ["come", "gone", "renamed", "a link"])
def test_a_directory_that_changed_is_listed_again(
    tree: Tree, listed: list[str], change: str
) -> None:
    folder = tree.root / "Cache/Cache_Data"
    before = folder.stat()
    assert list(tree.names_as_kept("Cache/Cache_Data")) == ["entry"]
    match change:
        case "come":
            (folder / "new").touch()
        case "gone":
            (folder / "entry").unlink()
        case "renamed":
            (folder / "entry").rename(folder / "renamed")
        case _:
            folder.rename(tree.root / "away")
            folder.symlink_to("../away")
            tree._anchor.forget("Cache/Cache_Data")
            with pytest.raises(UnsafePathError):
                tree.names_as_kept("Cache/Cache_Data")
            return
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))  # as a careful program does
    assert set(tree.names_as_kept("Cache/Cache_Data")) == names_in(folder)
    assert len(listed) == 2


def test_a_directory_that_has_just_changed_is_listed_for_each_who_asks(
    tree: Tree, listed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = max(tree.stat("Cache").st_mtime_ns, tree.stat("Cache").st_ctime_ns)
    for ago, times in ((-1_000_000_000, 2), (1_900_000_000, 2), (2_100_000_000, 1)):
        listed.clear()
        monkeypatch.setattr(time, "time_ns", lambda now=changed + ago: now)
        for _ in range(2):
            assert list(tree.names_as_kept("Cache")) == ["Cache_Data"]
        assert len(listed) == times


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_statuses_are_those_of_each_entry_and_none_of_a_directory(
    tree: Tree, tmp_path: Path
) -> None:
    (tree.root / "link").symlink_to(tmp_path / "outside")
    (tree.root / "dangling").symlink_to("nowhere")
    os.mkfifo(tree.root / "pipe")
    for rel in ("", "Cache", "Cache/Cache_Data"):
        each = {entry.name: None if entry.is_dir() else entry.stat() for entry in tree.list(rel)}
        assert dict(tree.statuses(rel)) == each
    with pytest.raises(UnsafePathError):
        list(tree.statuses("link"))
    with pytest.raises(UnsafePathError, match="too many folders"):
        list(tree.statuses("/".join(["deep"] * 200)))


def test_what_goes_while_its_directory_is_read_is_left_out(tree: Tree) -> None:
    (tree.root / "Session").touch()
    statuses = tree.statuses("")
    seen = {next(statuses)[0]}
    gone = {"Cookies", "Session"} - seen
    for name in gone:
        (tree.root / name).unlink()
    assert {*seen, *(name for name, _ in statuses)} == {"Cache", "Cookies", "Session"} - gone
