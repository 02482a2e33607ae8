"""With how many of the site's domains, each with accounts of its own, is this browser signed in?"""

from loginfix.doctor.cookies import cookies
from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.sites.hosts import is_under
from loginfix.words import message, say


def examine(subject: Subject) -> Answer:
    """Count the domains that have login cookies."""
    domains = {
        domain
        for cookie in cookies(subject)
        if subject.login.is_login_cookie(cookie.name)
        for domain in subject.site.domains
        if is_under(cookie.host, domain)
    }
    # A host of a group, such as Seller Central's, is under the shop's domain.
    apart = sorted(each for each in domains if not any(is_under(each, d) for d in domains - {each}))
    if len(apart) <= 1:
        return ok(say("Only one of the site's domains has login cookies."), *apart)
    return Answer(
        Verdict.SUSPICIOUS,
        say("Several of the site's domains have login cookies; their accounts may differ."),
        tuple(apart),
        Remedy(say("Check in the address bar that you sign in where your account is.")),
    )


CHECK = Check(
    "marketplaces", message("Domains signed in to"), Cause.CREDENTIALS, Confidence.LOW, examine
)
