"""What click itself says, in the language in use.

click asks ``gettext`` for its words, which looks at nothing but the environment and at catalogues
that are not ours. Here its modules are given ours instead. Only what a person can be told by this
program is listed; anything else stays in English.
"""

from click import core, decorators, exceptions, formatting, parser, types

from loginfix.words import message, say

MESSAGES = (
    message("Usage:"),
    message("Options"),
    message("Commands"),
    message("Show this message and exit."),
    message("Show the version and exit."),
    message("required"),
    message("default: {default}"),
    message("Missing argument"),
    message("Missing option"),
    message("Missing command."),
    message("No such option {name!r}."),
    message("No such option: {name}"),
    message("No such command {name!r}."),
    message("Did you mean {possibility}?"),
    message("(Possible options: {possibilities})"),
    message("(Did you mean one of: {possibilities}?)"),
    message("Option {name!r} requires an argument."),
    message("Option {name!r} does not take a value."),
    message("Got unexpected extra argument ({args})"),
    message("Got unexpected extra arguments ({args})"),
    message("Invalid value: {message}"),
    message("Invalid value for {param_hint}: {message}"),
    message("{value!r} is not a valid {number_type}."),
    message("{value} is not in the range {range}."),
    message("{value!r} is not {choice}."),
    message("{value!r} is not one of {choices}."),
    message("{name} {filename!r} does not exist."),
    message("{name} {filename!r} is a file."),
    message("{name} {filename!r} is a directory."),
    message("file"),
    message("directory"),
    message("path"),
)


def translate_click() -> None:
    """Let click speak the language in use."""
    for module in (core, decorators, exceptions, formatting, parser, types):
        for name, ours in (("_", _say), ("ngettext", _say_count)):
            if hasattr(module, name):
                setattr(module, name, ours)


def _say(text: str) -> str:
    return say(text)


def _say_count(one: str, many: str, count: int) -> str:
    return say(one if count == 1 else many)
