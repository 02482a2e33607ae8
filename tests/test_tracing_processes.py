"""Whether a search is shared among processes shows in nothing that it finds."""

from dataclasses import replace
from pathlib import Path

import pytest

from loginfix.api.machine import Machine
from loginfix.api.trace import trace
from loginfix.progress import Doing
from loginfix.tracing import found, search
from loginfix.tracing.found import Found
from loginfix.tracing.model import Encoding, Hit, Match, ProfileTrace, Verdict
from recorder.recordings import unpack
from traced import AMAZON, Made

HIT = Hit(7, "www.amazon.co.jp", Encoding.PLAIN)


def share(patch: pytest.MonkeyPatch, processes: int) -> None:
    patch.setattr(search, "_WORTH", 5)
    patch.setattr(search, "_AT_ONCE", 40)
    patch.setattr("loginfix.workers._processors", lambda: processes)


def traces(home: Path) -> list[ProfileTrace]:
    profiles = trace("amazon", machine=Machine(home)).profiles
    return [replace(each.trace, seconds=0) for each in profiles]


@pytest.mark.parametrize("name", ["chromium-156", "firefox-esr-153"])
def test_it_finds_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpack(name, tmp_path)
    share(monkeypatch, 1)
    alone = traces(tmp_path)
    assert alone[0].count(Verdict.LEFTOVER) > 100
    share(monkeypatch, 3)
    assert traces(tmp_path) == alone


def test_problems_and_hashes_of_every_part_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made(tmp_path)
    for number in range(20):
        made.put(f"folder/{number:02}", b"https://host-%02d.amazon.com/" % number)
        link = made.profile.path / f"folder/link-{number:02}"
        link.symlink_to("anything")
    share(monkeypatch, 1)
    alone = made.trace()
    share(monkeypatch, 3)
    shared = made.trace()
    assert len(alone.problems) == 20
    assert replace(shared, seconds=0) == replace(alone, seconds=0)


def test_only_one_process_speaks_and_counts_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made(tmp_path)
    for number in range(100):
        made.put(f"folder/{number:02}", b"x")
    share(monkeypatch, 3)
    told: list[int] = []

    def progress(doing: Doing) -> None:
        told.append(doing.done)
        assert doing.total == 100

    search.trace_profile(made.profile, AMAZON, progress=progress)
    assert told == sorted(told)
    assert told[-1] >= 80


def test_parts_of_a_search_are_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found, "_MOST_CANDIDATES", 3)
    parts = [Found(), Found()]
    for number, part in enumerate(parts):
        part.searched, part.size = 2, 30
        part.note((Path("/root"), f"file {number}"), Verdict.LEFTOVER, HIT)
        part.hashed.append((Path("/root"), f"hash {number}"))
        for letter in ("ab", "cd")[number]:
            host = f"{letter}.amazon.com"
            data = f"https://{host}/".encode()
            part.remember(data, Match(8, 8 + len(host), host, Encoding.PLAIN, is_excluded=False))
    whole, other = parts
    whole.add(other)
    assert (whole.searched, whole.size) == (4, 60)
    assert {path for _, path in whole.files} == {"file 0", "file 1"}
    assert [path for _, path in whole.hashed] == ["hash 0", "hash 1"]
    assert whole.hosts == {"a.amazon.com", "b.amazon.com", "c.amazon.com"}
    assert len(whole.urls) == 3
