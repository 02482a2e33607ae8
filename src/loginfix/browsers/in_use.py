"""A profile that is in use: by whom, and the error that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loginfix.browsers.model import Profile
from loginfix.errors import BrowserRunningError, BusyError, LoginfixError
from loginfix.words import say

if TYPE_CHECKING:
    import psutil


@dataclass(frozen=True, slots=True)
class Running:
    """Who has a profile open.

    ``pid`` and ``process`` are given where they are certain; ``sentence`` is for a person.
    ``by_loginfix`` marks another run of this program, ``elsewhere`` another computer.
    """

    pid: int | None
    process: str | None
    sentence: str
    by_loginfix: bool = False
    elsewhere: bool = False


def used_by(profile: Profile, process: psutil.Process | None) -> Running:
    """``profile`` is in use by ``process``, or by somebody who cannot be named."""
    if process is None:
        return Running(None, None, say("{label} is open.", label=profile.label))
    from loginfix.browsers import processes  # noqa: PLC0415  few profiles are in use

    name = processes.name_of(process)
    who = (
        say("{name}, process {pid}", name=name, pid=process.pid)
        if name
        else say("process {pid}", pid=process.pid)
    )
    is_ours = processes.is_loginfix(process)
    if is_ours and not processes.is_called(process, profile.process_names):
        sentence = say(
            "Another run of loginfix is at work on {label} ({who}).", label=profile.label, who=who
        )
        return Running(process.pid, name, sentence, by_loginfix=True)
    return Running(process.pid, name, say("{label} is open ({who}).", label=profile.label, who=who))


def used_elsewhere(profile: Profile, host: str) -> Running:
    """``profile`` is in use on another computer, or was when that one last wrote to it."""
    sentence = say("{label} is open on another computer ({host}).", label=profile.label, host=host)
    return Running(None, None, sentence, elsewhere=True)


def refusal(profile: Profile, running: Running) -> LoginfixError:
    """The error for a profile that cannot be written because it is in use."""
    if running.by_loginfix:
        return BusyError(
            running.sentence,
            next_step=say("Wait until it is done, then run this again."),
            path=profile.path,
        )
    if running.elsewhere:
        next_step = say(
            "Close it there. If it is open nowhere, start the browser here, let it unlock the "
            "profile, close it, and run this again."
        )
    elif running.pid is None:
        next_step = say(
            "Close {brand_name} completely and run this again.", brand_name=profile.brand_name
        )
    else:
        next_step = say(
            "Close {brand_name} completely and run this again, or add --close-browser.",
            brand_name=profile.brand_name,
        )
    return BrowserRunningError(running.sentence, next_step=next_step, path=profile.path)
