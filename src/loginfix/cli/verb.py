"""Commands whose help ends with examples and their exit codes."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from loginfix.cli.exit_codes import ANY_COMMAND, IN_SHORT
from loginfix.cli.help import Formatter, plain
from loginfix.cli.options import shared_options
from loginfix.cli.session import Session
from loginfix.cli.settings import Settings, from_the_file, settings_file
from loginfix.errors import ConfigurationError, ExitCode
from loginfix.reports.wrapping import wrap
from loginfix.words import message, say

_TOGETHER = "_"  # stands for a space at which no line breaks

_SHOW_HELP = message("Show this message and exit.")


class _Helpful(click.Command):
    """A command whose help is said in the person's language when it is shown."""

    _help: str | None = None

    @property
    def help(self) -> str | None:
        """What the command does."""
        return None if self._help is None else say(self._help)

    @help.setter  # noqa: A003  click calls it so
    def help(self, text: str | None) -> None:
        self._help = None if text is None else plain(text)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option, whose text click would keep in the language that made it."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = _SHOW_HELP
        return option

    def get_help(self, ctx: click.Context) -> str:
        """The whole page."""
        formatter = Formatter(width=ctx.terminal_width, max_width=ctx.max_content_width)
        self.format_help(ctx, formatter)
        return formatter.getvalue().rstrip("\n")

    def get_short_help_str(self, limit: int = 45) -> str:
        """Its first sentence, without the full stop."""
        return super().get_short_help_str(limit).removesuffix("。")


class Verb(_Helpful):
    """One verb. ``exit_codes`` are those besides the ones that every command has."""

    def __init__(
        self,
        name: str | None,
        *,
        examples: Sequence[str],
        exit_codes: Sequence[ExitCode] = (),
        **attributes: Any,
    ) -> None:
        super().__init__(name, **attributes)
        self.examples = tuple(examples)
        self.exit_codes = tuple(sorted({*ANY_COMMAND, *exit_codes}))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note which verb this is, and take its settings, before any argument can be wrong."""
        command = ctx.command_path.partition(" ")[2]
        session = ctx.find_object(Session)
        if session is not None and not ctx.resilient_parsing:
            session.command = command
        if not {*ctx.help_option_names} & {*args}:  # help is to be had whatever the settings are
            ctx.default_map = self._defaults(ctx, command)
        return super().parse_args(ctx, args)

    def _defaults(self, ctx: click.Context, command: str) -> dict[str, Any]:
        try:
            return Settings.read(settings_file()).defaults(command, self.params)
        except ConfigurationError:
            if ctx.resilient_parsing:  # somebody is typing
                return {}
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Do it: for oneself, or for the users that are named."""
        everybody, names = ctx.params.pop("all_users", False), ctx.params.pop("user", ())
        if not everybody and not names:
            ctx.ensure_object(Session).open_log()
            return super().invoke(ctx)
        if from_the_file(ctx, "backup_dir"):
            ctx.params["backup_dir"] = None  # it is that of one person
        from loginfix.cli.all_users import for_each_user  # noqa: PLC0415  only root needs it

        work = super().invoke
        return for_each_user(ctx, names, lambda: work(ctx), everybody=everybody)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the options do; of those that most verbs have, only that they are there."""
        shared = {each.name for each in shared_options()}
        records = {each: each.get_help_record(ctx) for each in self.get_params(ctx)}
        own = [each for param, each in records.items() if each and param.name not in shared]
        with formatter.section(say("Options")):
            formatter.write_dl(own)
        with formatter.section(say("Further options, see loginfix --help")):
            names = [max(param.opts, key=len) for param in records if param.name in shared]
            formatter.write_text(" ".join(names))

    def format_epilog(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then the exit codes."""
        _write_ending(formatter, self.examples, self.exit_codes)


class VerbGroup(_Helpful, click.Group):
    """A group of verbs, listed in their order; alone, it shows its help.

    Each of ``verbs`` is in a module of its own, which is imported when the verb is used: a run
    starts without what only other verbs need. Others can be added as usual.
    """

    def __init__(
        self,
        name: str | None,
        *,
        examples: Sequence[str],
        verbs: Sequence[str] = (),
        **attributes: Any,
    ) -> None:
        super().__init__(name, invoke_without_command=True, **attributes)
        self.examples = tuple(examples)
        self._verbs = tuple(verbs)

    def list_commands(self, _: click.Context) -> list[str]:
        """The names of the verbs."""
        return list(dict.fromkeys((*self._verbs, *self.commands)))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb; where there is none of that name, all, for click to say what is close."""
        for verb in (cmd_name,) if cmd_name in self._verbs else self._verbs:
            if verb not in self.commands:
                name = verb.replace("-", "_")
                self.add_command(getattr(import_module(f"loginfix.cli.{name}"), name), verb)
        return super().get_command(ctx, cmd_name)

    def format_epilog(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then the exit codes."""
        _write_ending(formatter, self.examples, ANY_COMMAND)


def show_help(ctx: click.Context) -> None:
    """What a group does when no verb is named."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
        ctx.exit(ExitCode.USAGE)


def _write_ending(
    formatter: click.HelpFormatter, examples: Sequence[str], exit_codes: Sequence[ExitCode]
) -> None:
    with formatter.section(say("Examples")):
        for example in examples:
            formatter.write(f"{'':{formatter.current_indent}}{example}\n")
    with formatter.section(say("Exit status")):
        # A number stays on one line with what it means.
        codes = [f"{int(code)} {say(IN_SHORT[code])}" for code in exit_codes]
        text = ", ".join(code.replace(" ", _TOGETHER) for code in codes)
        lines = wrap(text, formatter.width, " " * formatter.current_indent)
        formatter.write("\n".join(lines).replace(_TOGETHER, " ") + "\n")
