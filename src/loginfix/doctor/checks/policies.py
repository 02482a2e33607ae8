"""Has an administrator forbidden the site what a login needs?"""

from collections.abc import Iterator, Mapping
from typing import Any

from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.policies import policies_of
from loginfix.doctor.subject import Subject
from loginfix.sites.forms import FORMS
from loginfix.words import message, say

_BLOCK = 2
_LISTS = (
    "CookiesBlockedForUrls",
    "JavaScriptBlockedForUrls",
    "ImagesBlockedForUrls",
    "URLBlocklist",
)
_DEFAULTS = ("DefaultCookiesSetting", "DefaultJavaScriptSetting", "DefaultImagesSetting")


def examine(subject: Subject) -> Answer:
    """Read the rules for this brand."""
    rules = policies_of(subject.profile.brand)
    read = _chromium if subject.is_chromium else _firefox
    evidence = tuple(read(rules, subject))
    if evidence:
        return Answer(
            Verdict.PROBLEM,
            say("A rule set by an administrator blocks what a login needs."),
            evidence,
            Remedy(say("Ask whoever manages this computer, or use another browser.")),
        )
    if rules:
        return ok(say("An administrator has set rules; none concerns logins."), *sorted(rules))
    return ok(say("No administrator has set rules for this browser."))


def _chromium(rules: Mapping[str, Any], subject: Subject) -> Iterator[str]:
    for name in _DEFAULTS:
        if rules.get(name) == _BLOCK:
            yield f"{name} = {_BLOCK}"
    for name in _LISTS:
        for pattern in rules.get(name, []):
            host = str(pattern).replace("[*.]", "").replace("*://", "https://")
            names = FORMS["url" if "://" in host else "host"](host.partition("/*")[0])
            if pattern == "*" or subject.site.owns(names):
                yield f"{name}: {pattern}"


def _firefox(rules: Mapping[str, Any], subject: Subject) -> Iterator[str]:
    cookies = rules.get("Cookies", {})
    if cookies.get("Behavior") == "reject":
        yield "Cookies: Behavior = reject"
    for origin in cookies.get("Block", []):
        if subject.site.owns(FORMS["url"](origin)):
            yield f"Cookies: Block {origin}"
    for pattern in rules.get("WebsiteFilter", {}).get("Block", []):
        host = pattern.replace("*://", "https://").replace("://*.", "://").partition("/*")[0]
        if pattern == "<all_urls>" or subject.site.owns(FORMS["url"](host)):
            yield f"WebsiteFilter: {pattern}"


CHECK = Check(
    "policies", message("Rules of an administrator"), Cause.BROWSER, Confidence.HIGH, examine
)
