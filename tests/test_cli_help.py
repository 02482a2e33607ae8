import re
from pathlib import Path

import click
import pytest

from loginfix.cli.exit_codes import ANY_COMMAND, IN_SHORT, MEANINGS
from loginfix.cli.program import main
from loginfix.cli.reference import commands, reference
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode
from loginfix.stores.model import CATEGORIES

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
CONTEXTS = list(commands())
VERBS = [ctx for ctx in CONTEXTS if isinstance(ctx.command, Verb)]
MOST_LINES = 58
"""What a terminal shows that is as high as the screen of a laptop."""

every_command = pytest.mark.parametrize("ctx", CONTEXTS, ids=lambda ctx: ctx.command_path)
every_verb = pytest.mark.parametrize("ctx", VERBS, ids=lambda ctx: ctx.command_path)


def test_the_verbs_are_these() -> None:
    assert {ctx.command_path.removeprefix("loginfix ") for ctx in VERBS} >= {
        "browsers",
        "sites",
        "clear-cache",
        "restore",
        "recover",
        "backups list",
        "backups show",
        "backups verify",
        "backups delete",
        "backups prune",
    }


@every_command
def test_help_fits_80_columns(ctx: click.Context) -> None:
    assert max(map(len, ctx.get_help().splitlines())) <= 80


@every_command
def test_help_fits_the_height_of_a_screen(ctx: click.Context) -> None:
    assert len(ctx.get_help().splitlines()) <= MOST_LINES


@every_command
def test_help_ends_with_an_example_and_the_exit_codes(ctx: click.Context) -> None:
    ending = ctx.get_help().partition("\nExamples:\n")[2]
    examples, _, codes = ending.partition("\nExit status:\n")
    assert all(line.startswith("  loginfix ") for line in examples.strip("\n").splitlines())
    listed = [int(code) for code in re.findall(r"(?:^  |, )(\d+) ", codes, re.MULTILINE)]
    wanted = ctx.command.exit_codes if isinstance(ctx.command, Verb) else ANY_COMMAND
    assert listed == [int(code) for code in wanted]


@every_verb
def test_an_option_is_explained_in_the_help_of_the_verb_or_of_the_program(
    ctx: click.Context,
) -> None:
    for param in ctx.command.get_params(ctx):
        if isinstance(param, click.Option):
            name = max(param.opts, key=len)
            assert re.search(rf"(?<!\S){name}(?!\S)", ctx.get_help()), name
            both = ctx.get_help() + CONTEXTS[0].get_help()
            assert re.search(rf"^  (-\w, )?{name} .*\S", both, re.MULTILINE), name


@every_command
def test_every_option_is_explained(ctx: click.Context) -> None:
    for param in ctx.command.params:
        if isinstance(param, click.Option):
            assert param.help, param.name
            assert param.help.endswith("."), param.name


@every_command
def test_every_command_is_explained_in_a_line_that_is_not_cut(ctx: click.Context) -> None:
    assert ctx.command.help
    assert ctx.parent is None or not ctx.command.get_short_help_str(60).endswith("...")


@every_verb
def test_every_example_is_a_command_that_is_understood(ctx: click.Context) -> None:
    assert isinstance(ctx.command, Verb)
    for example in ctx.command.examples:
        words = example.replace("~/old-profile", "/").removeprefix(ctx.command_path).split()
        ctx.command.make_context(ctx.info_name, words, parent=ctx.parent)


@every_command
def test_every_environment_variable_is_called_like_its_option(ctx: click.Context) -> None:
    for param in ctx.command.params:
        if isinstance(param, click.Option) and param.name not in ("help", "version"):
            assert f"--{str(param.name).replace('_', '-')}" in param.opts


@every_verb
def test_every_verb_speaks_json_and_shows_unexpected_errors(ctx: click.Context) -> None:
    assert {"json", "debug"} <= {param.name for param in ctx.command.params}


def test_the_categories_in_the_help_are_those_that_stores_have() -> None:
    (verb,) = (ctx.command for ctx in VERBS if ctx.command.name == "clear-cache")
    options = {param.name: param for param in verb.params}
    known = {str(each) for each in CATEGORIES}
    for name in ("only", "keep"):
        option = options[name]
        assert isinstance(option, click.Option)
        listed = (option.help or "").partition(": ")[2].partition(".")[0]
        assert set(re.split(r", | or ", listed)) == known


def test_every_exit_code_has_a_meaning() -> None:
    assert set(MEANINGS) == set(IN_SHORT) == set(ExitCode)


def test_the_document_lists_exactly_the_exit_codes() -> None:
    text = REFERENCE.joinpath("exit-codes.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| (.*) \|$", text, re.MULTILINE)
    assert rows == [(str(int(code)), code.name, MEANINGS[code]) for code in sorted(ExitCode)]


def test_the_document_of_the_commands_is_what_the_help_says() -> None:
    text = REFERENCE.joinpath("commands.md").read_text("utf-8")
    assert text == reference(), "run: python -m loginfix.cli.reference > docs/reference/commands.md"


def test_the_program_is_the_group_of_all() -> None:
    assert CONTEXTS[0].command is main
