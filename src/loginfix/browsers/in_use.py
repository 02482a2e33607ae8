"""A profile that is in use: by whom, and the error that says so."""

from dataclasses import dataclass

import psutil

from loginfix.browsers.model import Profile
from loginfix.browsers.processes import is_called, is_loginfix, name_of
from loginfix.errors import BrowserRunningError, BusyError, LoginfixError


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
        return Running(None, None, f"{profile.label} is open.")
    name = name_of(process)
    who = f"{name}, process {process.pid}" if name else f"process {process.pid}"
    if is_loginfix(process) and not is_called(process, profile.process_names):
        sentence = f"Another run of loginfix is at work on {profile.label} ({who})."
        return Running(process.pid, name, sentence, by_loginfix=True)
    return Running(process.pid, name, f"{profile.label} is open ({who}).")


def used_elsewhere(profile: Profile, host: str) -> Running:
    """``profile`` is in use on another computer, or was when that one last wrote to it."""
    sentence = f"{profile.label} is open on another computer ({host})."
    return Running(None, None, sentence, elsewhere=True)


def refusal(profile: Profile, running: Running) -> LoginfixError:
    """The error for a profile that cannot be written because it is in use."""
    if running.by_loginfix:
        return BusyError(
            running.sentence,
            next_step="Wait until it is done, then run this again.",
            path=profile.path,
        )
    if running.elsewhere:
        next_step = (
            "Close it there. If it is open nowhere, start the browser here, let it unlock the "
            "profile, close it, and run this again."
        )
    elif running.pid is None:
        next_step = f"Close {profile.brand_name} completely and run this again."
    else:
        next_step = (
            f"Close {profile.brand_name} completely and run this again, or add --close-browser."
        )
    return BrowserRunningError(running.sentence, next_step=next_step, path=profile.path)
