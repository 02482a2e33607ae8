"""Can the browser write at all?"""

import os
import shutil

from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.words import message, say

_TIGHT = 200 << 20
_FULL = 10 << 20
_MEBI = 1 << 20


def examine(subject: Subject) -> Answer:
    """Look at the free space and at the rights on the profile."""
    path = subject.profile.path
    cookies = subject.first_of("Network/Cookies", "Cookies", "cookies.sqlite")
    for each in (path, path / cookies if cookies else path):
        if not os.access(each, os.W_OK):
            return Answer(
                Verdict.PROBLEM,
                say("The browser may not write into its own profile."),
                (str(each),),
                Remedy(
                    say("Give yourself the right to write there, or check for a read-only disk.")
                ),
            )
    free = shutil.disk_usage(path).free
    evidence = say("{free} MiB free on the disk of {path}", free=free // _MEBI, path=path)
    if free >= _TIGHT:
        return ok(say("The disk has room, and the profile can be written."), evidence)
    verdict = Verdict.PROBLEM if free < _FULL else Verdict.SUSPICIOUS
    return Answer(
        verdict,
        say("The disk is full, or almost."),
        (evidence,),
        Remedy(say("Make room on that disk; a browser that cannot write forgets every login.")),
    )


CHECK = Check("disk", message("Disk and rights"), Cause.BROWSER, Confidence.HIGH, examine)
