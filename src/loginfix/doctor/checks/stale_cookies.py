"""Are the site's login cookies whole, current, and there only once?"""

from loginfix.doctor.cookies import Cookie, cookies
from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.sites.hosts import is_under
from loginfix.words import message, say, say_count


def examine(subject: Subject) -> Answer:
    """Look for login cookies that have run out, lack their partner, or contradict each other."""
    found = [each for each in cookies(subject) if subject.login.is_login_cookie(each.name)]
    if not found:
        return ok(say("There are no login cookies of the site: it will ask for your password."))
    now = subject.now.timestamp()
    expired = [
        say("{name} of {host} has run out and is still there", name=each.name, host=each.host)
        for each in found
        if each.expires is not None and each.expires < now
    ]
    evidence = (*expired, *_alone(subject, found), *_twice(found))
    if not evidence:
        return ok(
            say("The login cookies fit together."),
            say_count("{count} login cookie", "{count} login cookies", len(found)),
        )
    remedy = Remedy(
        say("Clear the site's cookies and sign in anew."), subject.clear_command("cookies")
    )
    return Answer(
        Verdict.SUSPICIOUS, say("The login cookies do not fit together."), evidence, remedy
    )


def _alone(subject: Subject, found: list[Cookie]) -> list[str]:
    """Cookies that are sent without the one they are worth nothing without."""
    lines = set()
    for each in found:
        together = {it.name for it in found if it.jar == each.jar and it.is_sent_to(each.host)}
        lines |= {
            say(
                "{name} of {host} is there without {partner}",
                name=each.name,
                host=each.host,
                partner=partner,
            )
            for partner in subject.login.partners(each.name)
            if partner not in together
        }
    return sorted(lines)


def _twice(found: list[Cookie]) -> list[str]:
    """The same name for a host and for a domain that the host is under: which one counts?"""
    return sorted(
        {
            say(
                "{name} is there for {host} and once more for {domain}",
                name=own.name,
                host=own.host,
                domain=wide.domain,
            )
            for own in found
            for wide in found
            if own is not wide
            and own.name == wide.name
            and own.jar == wide.jar
            and wide.domain.startswith(".")
            and own.domain != wide.domain
            and is_under(own.host, wide.host)
        }
    )


CHECK = Check("stale-cookies", message("Login cookies"), Cause.BROWSER, Confidence.MEDIUM, examine)
