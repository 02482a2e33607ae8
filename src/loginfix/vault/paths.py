"""Paths inside a backup can never lead out of the profile, whatever wrote them."""

import re

from loginfix.vault.errors import ContentError
from loginfix.words import say

# Windows takes these for devices in every directory, whatever stands behind a dot.
_DEVICES = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])[ ]*([.].*)?", re.IGNORECASE
)


def check_relative(rel: str) -> str:
    r"""Give ``rel`` back if it names something below a directory on every system.

    One rule for all systems, so that a backup means the same everywhere: parts separated by
    ``/``, none of them empty or made of dots and spaces alone (Windows drops trailing ones, so
    ``".. "`` is ``".."``) or the name of a device (``NUL``, ``aux.txt``), no backslash, colon
    (drives and streams of Windows) or NUL, and UTF-8 but for the stray bytes of a name on Linux.
    No browser gives its files other names.

    Raises:
        ContentError: It could lead out of the profile.
    """
    parts = rel.split("/")
    bad = any(not part.rstrip(". ") or _DEVICES.fullmatch(part) for part in parts)
    if bad or set(rel) & {"\\", ":", "\0"} or not _can_be_stored(rel):
        raise ContentError(
            say(
                "it names the path {rel!a}, and paths in a backup cannot leave the profile", rel=rel
            )
        )
    return rel


def _can_be_stored(rel: str) -> bool:
    try:
        rel.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True
