"""Which extensions can see the site, and are any known to stop parts of pages?"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from loginfix.data import data_root
from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.sites.forms import FORMS
from loginfix.words import message, say

_EVERYWHERE = frozenset({"<all_urls>", "*://*/*", "http://*/*", "https://*/*"})
# extensions/browser/disable_reason.h, mojom/manifest.mojom: parts of the browser itself.
_COMPONENT = frozenset({5, 10})


def examine(subject: Subject) -> Answer:
    """Name the extensions that are on and may read the site's pages."""
    known = _known()[subject.profile.engine]
    read = _chromium if subject.is_chromium else _firefox
    able = {
        identifier: name
        for identifier, name, patterns in read(subject)
        if any(_covers(subject, pattern) for pattern in patterns)
    }
    blockers = sorted(name for key, name in known.items() if key in able)
    if not able:
        return ok(say("No extension can see the site."))
    others = [name for key, name in able.items() if key not in known]
    evidence = (
        *(say("{name} can stop parts of pages", name=name) for name in blockers),
        *sorted(others),
    )
    if not blockers:
        return ok(say("Extensions can see the site; none is known to break logins."), *evidence)
    return Answer(
        Verdict.SUSPICIOUS,
        say("An extension may stop a part of the login."),
        evidence,
        Remedy(say("Switch it off for this site, or sign in once in a private window without it.")),
    )


@cache
def _known() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((data_root() / "doctor" / "extensions.toml").read_text("utf-8"))


def _covers(subject: Subject, pattern: str) -> bool:
    if pattern in _EVERYWHERE:
        return True
    host = FORMS["url"](pattern.replace("*://", "https://").replace("://*.", "://")).host
    return subject.site.owns_host(host)


def _chromium(subject: Subject) -> Iterator[tuple[str, str, list[str]]]:
    settings = subject.preference("extensions.settings", {})
    for identifier, it in settings.items():
        if it.get("state", 1) != 1 or it.get("disable_reasons") or it.get("location") in _COMPONENT:
            continue
        granted = it.get("active_permissions", {})
        patterns = [*granted.get("explicit_host", []), *granted.get("scriptable_host", [])]
        yield identifier, it.get("manifest", {}).get("name", identifier), patterns


def _firefox(subject: Subject) -> Iterator[tuple[str, str, list[str]]]:
    if not subject.exists("extensions.json"):
        return
    addons: list[dict[str, Any]] = json.loads(subject.text("extensions.json"))["addons"]
    for it in addons:
        builtin = str(it.get("location", "")).startswith("app-")
        builtin = builtin and it.get("location") != "app-profile"
        if it.get("type") != "extension" or not it.get("active") or builtin:
            continue
        name = (it.get("defaultLocale") or {}).get("name") or it["id"]
        yield it["id"], name, (it.get("userPermissions") or {}).get("origins", [])


CHECK = Check("extensions", message("Extensions"), Cause.BROWSER, Confidence.MEDIUM, examine)
