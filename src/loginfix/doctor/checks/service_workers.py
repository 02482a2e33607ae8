"""Has the site a program in the browser that answers in its place?

A service worker may go on answering with pages of an earlier version of the site.
"""

from typing import BinaryIO

from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.formats.leveldb import read_database
from loginfix.sites.forms import FORMS
from loginfix.words import message, say

_DATABASE = "Service Worker/Database"
_OWNER = b"INITDATA_UNIQUE_ORIGIN:"
_REGISTRATIONS = "serviceworker.txt"


def examine(subject: Subject) -> Answer:
    """List the site's registrations."""
    found = sorted(set(_chromium(subject) if subject.is_chromium else _firefox(subject)))
    if not found:
        return ok(say("The site has no service worker."))
    return Answer(
        Verdict.SUSPICIOUS,
        say("A service worker may answer with old pages of the site."),
        tuple(found),
        Remedy(say("Clear what the site keeps in the browser."), subject.clear_command("storage")),
    )


def _chromium(subject: Subject) -> list[str]:
    if not subject.exists(_DATABASE):
        return []

    def opened(name: str) -> BinaryIO:
        return subject.tree.open(f"{_DATABASE}/{name}")

    names = [entry.name for entry in subject.tree.list(_DATABASE) if entry.is_file()]
    keys = [
        key.removeprefix(_OWNER).decode("utf-8", "replace")
        for key, _ in read_database(names, opened).live()
        if key.startswith(_OWNER)
    ]
    hosts = (FORMS["storage_key"](key).host for key in keys)
    return [host for host in hosts if host and subject.site.owns_host(host)]


def _firefox(subject: Subject) -> list[str]:
    if not subject.exists(_REGISTRATIONS):
        return []
    lines = subject.text(_REGISTRATIONS).splitlines()
    # Scope and script of each registration are the lines that are URLs.
    hosts = (FORMS["url"](line).host for line in lines)
    return [host for host in hosts if host and subject.site.owns_host(host)]


CHECK = Check("service-workers", message("Service workers"), Cause.BROWSER, Confidence.LOW, examine)
