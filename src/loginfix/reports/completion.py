"""A script that teaches a shell to complete; in both forms."""

from dataclasses import dataclass
from typing import Any

from loginfix.errors import ExitCode, Problem
from loginfix.reports.layout import Line, Lines


@dataclass(frozen=True, slots=True)
class CompletionScript:
    """The script for one shell."""

    shell: str
    script: str
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Always done."""
        return ExitCode.DONE


def completion_text(it: CompletionScript) -> Lines:
    """The script and nothing else: the shell reads it."""
    return map(Line, it.script.splitlines())


def completion_data(it: CompletionScript) -> dict[str, Any]:
    """The data of ``completion``."""
    return {"shell": it.shell, "script": it.script}
