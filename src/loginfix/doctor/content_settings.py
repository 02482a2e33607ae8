"""Chromium's content settings: what the person, or a policy's default, lets a site do."""

from collections.abc import Iterator, Mapping

from loginfix.doctor.subject import Subject
from loginfix.sites.forms import FORMS

BLOCK = 2
"""``CONTENT_SETTING_BLOCK`` (components/content_settings/core/common/content_settings.h)."""

_EXCEPTIONS = "profile.content_settings.exceptions"
_DEFAULT = "profile.default_content_setting_values"


def blocked_for_site(subject: Subject, kind: str) -> list[str]:
    """The patterns that block something for the site."""
    exceptions = subject.preference(f"{_EXCEPTIONS}.{kind}", {})
    return [
        pattern
        for pattern, value in exceptions.items()
        if isinstance(value, Mapping) and value.get("setting") == BLOCK
        if any(subject.site.owns_host(host) for host in _hosts(pattern))
    ]


def allowed_for_site(subject: Subject, kind: str) -> bool:
    """Whether an exception lets the site do it whatever the default says."""
    exceptions = subject.preference(f"{_EXCEPTIONS}.{kind}", {})
    return any(
        isinstance(value, Mapping) and value.get("setting") not in (None, BLOCK)
        for pattern, value in exceptions.items()
        if any(subject.site.owns_host(host) for host in _hosts(pattern))
    )


def blocked_by_default(subject: Subject, kind: str) -> bool:
    """Whether no site may do it."""
    return bool(subject.preference(f"{_DEFAULT}.{kind}") == BLOCK)


def _hosts(pattern: str) -> Iterator[str]:
    """The host of a primary pattern: ``https://[*.]a.com:443,*``."""
    primary = pattern.partition(",")[0]
    if host := FORMS["url" if "://" in primary else "host"](primary.replace("[*.]", "")).host:
        yield host
