"""Makes ``docs/reference/loginfix.1`` from the help: ``python -m loginfix.cli.manual``.

In the macros of man(7), which every manual reader understands. One page: ``man loginfix`` has all
commands, and nobody has to guess how the page of one is called.
"""

import re
import sys
import textwrap
from collections.abc import Iterable, Iterator

import click

from loginfix import __version__
from loginfix.cli.exit_codes import MEANINGS
from loginfix.cli.reference import commands
from loginfix.cli.verb import Verb

_WIDTH = 72  # of the source, with room for escapes
_SEE = "https://github.com/loginfix/loginfix"
_ENVIRONMENT = (
    "Every option can also be given as an environment variable: LOGINFIX_, the command and the"
    " option in capitals, with _ between the words, such as LOGINFIX_CLEAR_CACHE_BROWSER=chrome."
)
_FILES = (
    ("~/.config/loginfix/config.toml", "Defaults for options; loginfix config shows them."),
    ("~/.config/loginfix/sites/*.toml", "Sites of your own."),
    ("~/.local/share/loginfix/backups/", "The backups."),
    ("~/.local/state/loginfix/log/loginfix.log", "The log, if one is kept."),
)


def manual() -> str:
    """The whole page."""
    program, *verbs = commands()
    return "\n".join([*_head(program), *_commands(verbs), *_ending()]) + "\n"


def _head(ctx: click.Context) -> Iterator[str]:
    help_ = ctx.command.help or ""
    first, _, rest = help_.partition("\n\n")
    yield f'.TH LOGINFIX 1 "" "loginfix {_text(__version__)}" "User commands"'
    yield ".SH NAME"
    yield f"loginfix \\- {_text(first).rstrip('.')}"
    yield ".SH SYNOPSIS"
    yield ".B loginfix"
    yield r"\fICOMMAND\fR [\fIOPTION\fR].\|.\|."
    yield ".SH DESCRIPTION"
    yield from _paragraphs(f"{rest}\n\n{_ENVIRONMENT}")
    yield ".SH OPTIONS"
    yield from _options(ctx)


def _commands(verbs: Iterable[click.Context]) -> Iterator[str]:
    yield ".SH COMMANDS"
    for ctx in verbs:
        usage = " ".join(ctx.command.collect_usage_pieces(ctx))
        yield f".SS {_text(ctx.command_path)} {_text(usage)}"
        yield from _paragraphs(ctx.command.help or "")
        if isinstance(ctx.command, Verb):
            yield from _options(ctx)
            yield ".PP"
            yield "Examples:"
            yield ".PP"
            yield ".nf"
            yield ".RS"
            yield from map(_text, ctx.command.examples)
            yield ".RE"
            yield ".fi"


def _options(ctx: click.Context) -> Iterator[str]:
    for param in ctx.command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None:
            names, what = record
            yield ".TP"
            yield rf"\fB{_text(names)}\fR"
            yield _text(what)


def _ending() -> Iterator[str]:
    yield ".SH EXIT STATUS"
    for code, meaning in MEANINGS.items():
        yield ".TP"
        yield rf"\fB{int(code)}\fR"
        yield _text(meaning)
    yield ".SH FILES"
    for name, what in _FILES:
        yield ".TP"
        yield rf"\fI{_text(name)}\fR"
        yield _text(what)
    yield ".SH SEE ALSO"
    yield _text(_SEE)


def _paragraphs(text: str) -> Iterator[str]:
    for number, part in enumerate(filter(None, text.split("\n\n"))):
        if number:  # a heading begins a paragraph by itself
            yield ".PP"
        yield _text(part)


def _text(text: str) -> str:
    r"""Text as roff takes it: a hyphen that can be copied, no escapes, no request by accident."""
    lines = textwrap.fill(" ".join(text.split()), _WIDTH, break_on_hyphens=False)
    escaped = lines.replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"^([.'])", r"\\&\1", escaped, flags=re.MULTILINE)


if __name__ == "__main__":
    sys.stdout.write(manual())
