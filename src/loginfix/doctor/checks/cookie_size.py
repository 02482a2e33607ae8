"""Do the site's cookies fit into a request?

A server refuses a request whose header is too long, with 400 or 431. nginx takes 8 KiB a line
(``large_client_header_buffers``), Apache 8190 bytes (``LimitRequestFieldSize``), Node.js 16 KiB in
all. What Amazon takes is not published.
"""

from collections import defaultdict

from loginfix.doctor.cookies import Cookie, cookies
from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.words import message, say

_LIMIT = 8190
_NEAR = _LIMIT * 3 // 4
# Both engines drop the oldest beyond this many of one domain (net/cookies/cookie_monster.h,
# network.cookie.maxPerHost).
_MOST = 180


def examine(subject: Subject) -> Answer:
    """Add up what every host of the site would be sent."""
    jars: dict[str, list[Cookie]] = defaultdict(list)
    for cookie in cookies(subject):
        jars[cookie.jar].append(cookie)
    sizes = {
        host: sum(each.header_size for each in jar if each.is_sent_to(host))
        for jar in jars.values()
        for host in {each.host for each in jar}
    }
    if not sizes:
        return ok(say("There are no cookies of the site."))
    host, size = max(sizes.items(), key=lambda pair: pair[1])
    most = max(len(jar) for jar in jars.values())
    evidence = [
        say(
            "{host}: {size} bytes of cookies in every request; many servers take {limit}",
            host=host,
            size=size,
            limit=_LIMIT,
        )
    ]
    if size > _LIMIT:
        verdict = Verdict.PROBLEM
        sentence = say("The cookies of {host} are too long for many servers.", host=host)
    elif size > _NEAR or most >= _MOST:
        verdict = Verdict.SUSPICIOUS
        sentence = say("The cookies of {host} are almost too long.", host=host)
        if most >= _MOST:
            evidence.append(
                say(
                    "{most} cookies; browsers begin to drop some at {limit}", most=most, limit=_MOST
                )
            )
    else:
        return ok(say("The site's cookies have a usual size."), *evidence)
    remedy = Remedy(
        say("Clear the site's cookies and sign in anew."), subject.clear_command("cookies")
    )
    return Answer(verdict, sentence, tuple(evidence), remedy)


CHECK = Check(
    "cookie-size", message("Size of the cookies"), Cause.BROWSER, Confidence.HIGH, examine
)
