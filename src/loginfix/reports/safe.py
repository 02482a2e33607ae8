r"""Making text of others harmless: names of hosts, pages, profiles and files.

A profile may be called ``\x1b[2J``; printed as it is, it would clear the person's terminal.
"""

import unicodedata

# Control, format (direction overrides, invisible ones), surrogate, private, line and paragraph.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_INSTEAD = "\N{REPLACEMENT CHARACTER}"


def safe(text: str) -> str:
    """The text on one line, with a visible mark for each character that is not plain text."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _INSTEAD if unicodedata.category(character) in _UNPRINTABLE else character
        for character in text
    )
