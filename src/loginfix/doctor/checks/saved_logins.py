"""Which logins has the browser saved for the site, and how old are they? Never the secrets."""

import json
from datetime import UTC, datetime, timedelta

from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.sites.forms import FORMS
from loginfix.words import message, say, say_count

_OLD = timedelta(days=3 * 365)
_CHROMIUM_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def examine(subject: Subject) -> Answer:
    """Count the saved logins of each of the site's hosts."""
    read = _chromium if subject.is_chromium else _firefox
    saved = [(host, when) for host, when in read(subject) if subject.site.owns_host(host)]
    if not saved:
        return ok(say("No login is saved for the site."))
    hosts = sorted({host for host, _ in saved})
    counts = {host: sum(each == host for each, _ in saved) for host in hosts}
    evidence = [_saved(host, count) for host, count in counts.items() if count > 1]
    for host, when in saved:
        if subject.now - when > _OLD:
            evidence.append(
                say(
                    "the saved password for {host} was last changed in {when:%Y}",
                    host=host,
                    when=when,
                )
            )
    if not evidence:
        return ok(say("The saved logins look usual."), *(_saved(host, 1) for host in hosts))
    return Answer(
        Verdict.SUSPICIOUS,
        say("The browser may fill in a login that is not the right one any more."),
        tuple(evidence),
        Remedy(
            say("Type address and password by hand once; then correct or remove the saved ones.")
        ),
    )


def _saved(host: str, count: int) -> str:
    return say_count(
        "{count} saved login for {host}", "{count} saved logins for {host}", count, host=host
    )


def _chromium(subject: Subject) -> list[tuple[str, datetime]]:
    rel = subject.first_of("Login Data")
    if rel is None:
        return []
    sql = "SELECT origin_url, {} FROM logins WHERE blacklisted_by_user = 0"
    with subject.database(rel) as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(logins)")}
        changed = next(
            name for name in ("date_password_modified", "date_created") if name in columns
        )
        rows = connection.execute(sql.format(changed)).fetchall()
    # Without a time there is nothing to say about its age.
    return [
        (
            FORMS["url"](url).host or "",
            _CHROMIUM_EPOCH + timedelta(microseconds=when) if when else subject.now,
        )
        for url, when in rows
    ]


def _firefox(subject: Subject) -> list[tuple[str, datetime]]:
    if not subject.exists("logins.json"):
        return []
    return [
        (
            FORMS["url"](login["hostname"]).host or "",
            _UNIX_EPOCH + timedelta(milliseconds=login["timePasswordChanged"]),
        )
        for login in json.loads(subject.text("logins.json"))["logins"]
    ]


CHECK = Check(
    "saved-logins", message("Saved logins"), Cause.CREDENTIALS, Confidence.MEDIUM, examine
)
