"""What a dry run and a clear look like on a terminal of 80 columns, in every language.

Kept in the directory that ``LOGINFIX_ARTIFACTS`` names, to be looked at.
"""

import io
import os
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

import reports_to_keep as made
from loginfix import words
from loginfix.api.results import Result
from loginfix.reports.sizes import human_date
from loginfix.reports.views import view_of

COLUMNS = 80


def printed(result: Result, language: str, *, verbose: bool) -> str:
    """What a person sees who has this language."""
    out = io.StringIO()
    console = Console(file=out, width=COLUMNS, markup=False, emoji=False, highlight=False)
    view = view_of(result)
    try:
        words.use(language)
        for each in view.items(result) if verbose else view.text(result):
            console.print(each, crop=False)
    finally:
        words.use("en")
    return out.getvalue()


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("verbose", [False, True], ids=["summary", "items"])
@pytest.mark.parametrize("name", ["plan", "cleared", "hostile"])
def test_it_fits_and_controls_nothing(
    *, name: str, verbose: bool, language: str, tmp_path: Path
) -> None:
    results: dict[str, Result] = {
        "plan": made.dry_run(),
        "cleared": made.cleared(),
        "hostile": made.hostile(),
    }
    text = printed(results[name], language, verbose=verbose)
    artifacts = Path(os.environ.get("LOGINFIX_ARTIFACTS") or tmp_path)
    artifacts.mkdir(parents=True, exist_ok=True)
    form = "items" if verbose else "summary"
    (artifacts / f"terminal-{name}-{form}-{language}.txt").write_text(text, "utf-8")
    assert not [sign for sign in text if sign < " " and sign != "\n"]
    assert "\u202e" not in text
    # A path or a command stays whole, to be copied; so do names of profiles in headings.
    wide = [line for line in text.splitlines() if cell_len(line.rstrip()) > COLUMNS]
    assert all(len(line.split()) == 1 or "[chrome/Default]" in line for line in wide), wide


def test_a_dry_run_tells_kinds_amounts_times_and_hosts() -> None:
    lines = printed(made.dry_run(), "en", verbose=False).splitlines()
    (cookies,) = (line.split() for line in lines if line.split()[:2] == ["cookies", "6"])
    used = made.everyday()[0].findings[1].used
    assert used
    assert cookies[2:6] == ["4.3", "KiB", human_date(used.newest), human_date(used.oldest)]
    assert lines.index("What stays, and why") < lines.index("The backup")
    kinds = [line.split()[0] for line in lines if line.startswith("  ") and line.split()[0:1]]
    assert [kind for kind in kinds if kind in made.FILES][:8] == list(made.FILES)
