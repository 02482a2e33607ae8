"""Does the hosts file send the site's names elsewhere?"""

import os
from collections.abc import Iterator

from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Computer
from loginfix.sites.forms import FORMS
from loginfix.words import message, say

_HOSTS = "etc/hosts"
_WINDOWS_HOSTS = "Windows/System32/drivers/etc/hosts"


def examine(computer: Computer) -> Answer:
    """Read it line by line."""
    windows = computer.platform == "win32"
    rel = _WINDOWS_HOSTS if windows else _HOSTS
    text = computer.read(rel)
    found = [
        f"{address}  {name}"
        for address, name in _entries(text or "")
        if computer.site.owns(FORMS["host"](name))
    ]
    path = computer.root / rel
    if not found:
        return ok(say("The hosts file does not mention the site."), str(path))
    editor = (
        say("an editor as administrator") if windows else f"sudo {os.environ.get('EDITOR', 'nano')}"
    )
    return Answer(
        Verdict.PROBLEM,
        say("The hosts file {path} sends the site's names elsewhere.", path=path),
        tuple(found),
        Remedy(
            say(
                "Remove these lines with {editor}; an ad blocker or an old fix has put them there.",
                editor=editor,
            )
        ),
    )


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split()[:20] or [""]
        yield from ((address, name) for name in names)


CHECK = Check("hosts-file", message("Hosts file"), Cause.BROWSER, Confidence.HIGH, examine)
