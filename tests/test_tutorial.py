"""The tutorial, typed at a terminal as it is printed, on recorded profiles."""

import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from recorder.recordings import unpack
from test_docs import DOCS, blocks

if sys.platform != "linux":
    pytest.skip("pseudo-terminals, homes in Linux' layout", allow_module_level=True)

from terminals import Terminal, printed

TUTORIAL = DOCS / "tutorial" / "log-in-again.md"
LEFT_OUT = "…"
QUESTION = re.compile(r"(?P<question>.*: )(?P<answer>y)")


@dataclass(frozen=True)
class Typed:
    """A command, what is answered to its question, and what it should print."""

    words: list[str]
    answer: tuple[str, str] | None
    lines: list[str]


def typed() -> Iterator[Typed]:
    for block in blocks(TUTORIAL, "console"):
        command, *lines = block.splitlines()
        asked = next((found for line in lines if (found := QUESTION.fullmatch(line))), None)
        yield Typed(
            shlex.split(command.removeprefix("$ "))[1:],
            (asked["question"], asked["answer"]) if asked else None,
            lines,
        )


def wanted(line: str) -> str:
    """A pattern for a line: numbers, sizes and what is left out may be anything."""
    parts = (re.escape(part.rstrip()) for part in line.split(LEFT_OUT))
    return re.sub(r"\d+(\\\.\d+)?", r"\\d+(\\.\\d+)?", ".*".join(parts)) + r"\s*"


def test_the_tutorial_works_as_printed(tmp_path: Path) -> None:
    for recording in ("chromium-156", "firefox-esr-153"):
        unpack(recording, tmp_path)
    sessions = list(typed())
    assert [each.words[0] for each in sessions] == [
        "browsers",
        "doctor",
        "clear-cache",
        "clear-cache",
        "restore",
    ]
    for session in sessions:
        with Terminal(tmp_path, *session.words, NO_COLOR="1") as terminal:
            seen = ""
            if session.answer:
                question, answer = session.answer
                seen = terminal.until(question)
                terminal.type(f"{answer}\n")
            seen += terminal.rest()
        assert terminal.code == 0, seen
        shown = iter(printed(seen))
        for line in session.lines:
            pattern = re.compile(wanted(line))
            assert any(pattern.fullmatch(each) for each in shown), (line, seen)
