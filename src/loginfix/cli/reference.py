"""Makes ``docs/reference/commands.md`` from the help: ``python -m loginfix.cli.reference``."""

from collections.abc import Iterator

import click

from loginfix.cli.program import main

# What is left of 80 columns: click keeps two free.
_WIDTH = 78
_HEAD = """# Commands

What every command prints with `--help`. Made by `python -m loginfix.cli.reference`; a test holds
the two together. The options that most commands have are explained under [loginfix](#loginfix),
how a command can end in [exit codes](exit-codes.md).

Every option can also be given as an environment variable: `LOGINFIX_`, the command and the option
in capitals, with `_` between the words, such as `LOGINFIX_CLEAR_CACHE_BROWSER=chrome`.
"""


def reference() -> str:
    """The whole document."""
    return "\n".join([_HEAD, *_sections()])


def commands() -> Iterator[click.Context]:
    """The program and every command of it, each as the context its help needs."""
    settings = main.context_settings
    yield from _below(click.Context(main, None, main.name, terminal_width=_WIDTH, **settings))


def _below(ctx: click.Context) -> Iterator[click.Context]:
    yield ctx
    if isinstance(ctx.command, click.Group):
        for name in ctx.command.list_commands(ctx):
            command = ctx.command.get_command(ctx, name)
            if command is not None:
                yield from _below(click.Context(command, ctx, name))


def _sections() -> Iterator[str]:
    for ctx in commands():
        yield f"## {ctx.command_path}\n\n```text\n{ctx.get_help().rstrip()}\n```\n"


if __name__ == "__main__":
    click.echo(reference(), nl=False)
