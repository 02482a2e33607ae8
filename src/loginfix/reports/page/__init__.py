"""A document as one page of HTML that needs nothing else: no network, and no script to read it.

``report.html`` is the template, in which everything is escaped; ``report.css`` and ``report.js``
are put into the page, and the page's own policy lets nothing else run or load.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from loginfix import words
from loginfix.reports.document import (
    Bars,
    Command,
    Document,
    Note,
    Points,
    Table,
    Timeline,
)
from loginfix.reports.page.figures import buckets, in_words, segments
from loginfix.reports.safe import safe
from loginfix.reports.shown import shown, sort_key
from loginfix.words import say, say_count

MOST_ROWS = 1000
"""Of one table: a browser shows that many at once, and a person reads no more."""

_PARTS = {
    Bars: "bars",
    Command: "command",
    Note: "note",
    Points: "points",
    Table: "table",
    Timeline: "timeline",
}


def to_html(document: Document, *, made: str) -> str:
    """The whole page; ``made`` says when and by what."""
    style, script = _asset("report.css"), _asset("report.js")
    return (
        _environment()
        .get_template("report.html")
        .render(
            document=document,
            kind_of=lambda part: _PARTS[type(part)],
            language=words.language(),
            labels=_labels(),
            made=made,
            most=MOST_ROWS,
            style=style,
            script=script,
            policy="; ".join(
                (
                    "default-src 'none'",
                    f"style-src '{_digest(style)}'",
                    f"script-src '{_digest(script)}'",
                    "base-uri 'none'",
                    "form-action 'none'",
                )
            ),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("loginfix.reports.page", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "safe_text": safe,
        "shown": shown,
        "sort_key": sort_key,
        "segments": segments,
        "buckets": buckets,
        "in_words": in_words,
        "cut": _cut,
        "row_count": _row_count,
    }
    return environment


def _cut(table: Table) -> str:
    """What is said under a table of which only the first rows are shown."""
    more = len(table.rows) - MOST_ROWS
    if more <= 0:
        return ""
    return say(
        "The first {shown} of {all} rows; a report as .csv or .json has all.",
        shown=f"{MOST_ROWS:,}",
        all=f"{len(table.rows):,}",
    )


def _row_count(table: Table) -> str:
    count = len(table.rows)
    return say_count("{count} row", "{count} rows", count) if count else ""


def _labels() -> Mapping[str, str]:
    """What the template and its script say by themselves."""
    return {
        "contents": say("Contents"),
        "copy": say("Copy"),
        "copied": say("Copied"),
        "filter": say("Show only rows with"),
        "matching": say("{count} of {all} rows", count="%1", all="%2"),
        "sort": say("Sort by {column}", column="%1"),
        "when": say("When"),
        "number": say("Items"),
        "numbers": say("The numbers behind the picture"),
    }


def _asset(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text("utf-8").strip()


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
