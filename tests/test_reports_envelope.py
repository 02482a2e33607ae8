import json
from pathlib import Path

import pytest

from loginfix import __version__
from loginfix.errors import ExitCode, Problem
from loginfix.reports.envelope import SCHEMA, envelope, to_json

PROBLEM = Problem("damaged-file", "It is damaged.", "Nothing to do.", Path("/a/b"))
RUNNING = Problem("browser-running", "It is open.", "Close it.")


def test_the_envelope_has_exactly_these_keys() -> None:
    assert envelope("sites", ExitCode.DONE, data={"sites": []}, problems=[PROBLEM]) == {
        "schema": "loginfix/1",
        "version": __version__,
        "command": "sites",
        "status": "ok",
        "exit_code": 0,
        "data": {"sites": []},
        "problems": [
            {
                "code": "damaged-file",
                "message": "It is damaged.",
                "next_step": "Nothing to do.",
                "path": str(Path("/a/b")),
            }
        ],
        "error": None,
    }
    assert SCHEMA == "loginfix/1"


@pytest.mark.parametrize("code", ExitCode)
def test_the_status_follows_from_the_exit_code(code: ExitCode) -> None:
    status = {0: "ok", 3: "nothing-found", 4: "partial", 17: "leftovers-found"}.get(code, "error")
    assert envelope("x", code, problems=[RUNNING])["status"] == status


@pytest.mark.parametrize("code", ExitCode)
def test_there_is_an_error_exactly_when_the_status_says_so(code: ExitCode) -> None:
    made = envelope("x", code, problems=[RUNNING])
    assert (made["error"] is not None) == (made["status"] == "error")


def test_the_error_of_a_run_that_a_browser_stopped_names_the_browser() -> None:
    made = envelope("x", ExitCode.BROWSER_RUNNING, problems=[PROBLEM, RUNNING])
    assert made["error"]["code"] == "browser-running"


def test_an_error_without_a_path_has_none() -> None:
    made = envelope("x", ExitCode.USAGE, error=RUNNING)
    assert made["error"]["path"] is None
    assert made["data"] is None


def test_json_is_ascii_whatever_the_text() -> None:
    name = "\x1b[2J\u202eアマゾン\udcff"
    text = to_json(envelope("x", ExitCode.DONE, data={"name": name}))
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)["data"]["name"] == name
