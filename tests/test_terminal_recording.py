"""A recording of the whole job at 80 columns, kept for people to play, and checked.

``pytest --artefacts DIR tests/test_terminal_recording.py`` leaves ``loginfix.cast`` in a directory,
in version 2 of asciinema's format (https://docs.asciinema.org/manual/asciicast/v2/).
"""

import json
import re
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from recorder.recordings import unpack

if sys.platform != "linux":
    pytest.skip("pseudo-terminals, homes in Linux' layout", allow_module_level=True)

from terminals import COLUMNS, ROWS, Terminal, printed

CLEAR = ("clear-cache", "--site", "amazon")
SURE = "Remove this from your browsers? Type y for yes: "
JOB: tuple[tuple[tuple[str, ...], dict[str, str]], ...] = (
    ((*CLEAR, "--dry-run"), {}),
    (CLEAR, {SURE: "y"}),
    (("restore",), {"Put this back? Type y for yes: ": "y"}),
    ((), {"(Enter for amazon): ": "", "Type 1 or 2 (Enter for 1): ": "2", SURE: "y"}),
)
"""The words of each command, and what is answered to its questions."""

KNOWN_ESCAPES = re.compile(
    r"\x1b\[(?:"
    r"[0-9;]*m"  # styles
    r"|\?25[lh]"  # the cursor hidden while a line moves, and shown again
    r"|1A|2K"  # back to that line, to erase it
    r")"
)
_SECONDS_BETWEEN = 1.0


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[float, str]]:
    """What appears while somebody does the whole job, each piece with its time in seconds."""
    home = tmp_path_factory.mktemp("home")
    unpack("firefox-esr-153", home)
    events: list[tuple[float, str]] = []
    now = 0.0
    for words, answers in JOB:
        events.append((now, " ".join(("$ loginfix", *words)) + "\r\n"))
        with Terminal(home, *words) as terminal:
            for question, answer in answers.items():
                terminal.until(question)
                terminal.type(f"{answer}\n")
        assert terminal.code == 0
        begin = terminal.output[0][0] - now
        events += [(moment - begin, text) for moment, text in terminal.output]
        now = events[-1][0] + _SECONDS_BETWEEN
    return events


def test_the_recording_can_be_played(recording: list[tuple[float, str]], artefacts: Path) -> None:
    header = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "loginfix"}
    lines = [header, *([round(moment, 6), "o", text] for moment, text in recording)]
    cast = artefacts / "loginfix.cast"
    cast.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    assert json.loads(cast.read_text("utf-8").splitlines()[0])["width"] == COLUMNS
    moments = [moment for moment, _ in recording]
    assert moments == sorted(moments)


def test_no_line_is_wider_than_the_screen(recording: list[tuple[float, str]]) -> None:
    for line in printed("".join(text for _, text in recording)):
        # A command or a path stays whole, to be copied.
        if not re.fullmatch(r" *(loginfix .*|\S+)", line):
            assert cell_len(line) <= COLUMNS, line


def test_nothing_reaches_the_terminal_but_text_and_known_escapes(
    recording: list[tuple[float, str]],
) -> None:
    everything = "".join(text for _, text in recording)
    rest = KNOWN_ESCAPES.sub("", everything).replace("\r", "").replace("\n", "")
    assert {each for each in rest if not each.isprintable()} == set()
    assert everything.count("\x1b[?25l") == everything.count("\x1b[?25h")


def test_what_is_worked_on_is_seen_and_then_erased(recording: list[tuple[float, str]]) -> None:
    everything = "".join(text for _, text in recording)
    for sentence in ("Looking at Firefox", "Backing up from Firefox", "Searching every byte"):
        assert sentence in everything
        assert not any(sentence in line for line in printed(everything))
