"""What loginfix says, in the person's language: English in the code, gettext catalogues beside it.

``say`` where a sentence is made; ``message`` where one is only written down for later. Values go in
by name (``say("{path} is damaged", path=path)``), after translation, so that a catalogue may put
them in another order. The details that ``formats`` gives are for whoever mends a codec and stay in
English.
"""

import gettext
from pathlib import Path

LANGUAGES = ("en", "ja")
_DOMAIN = "loginfix"
_CATALOGUES = Path(__file__).parent / "locales"

_chosen: gettext.NullTranslations = gettext.NullTranslations()
_language = LANGUAGES[0]


def use(language: str) -> None:
    """Say everything from now on in this language; English where there is no catalogue."""
    global _chosen, _language  # noqa: PLW0603  a process speaks one language
    _language = language
    _chosen = gettext.translation(_DOMAIN, _CATALOGUES, [language], fallback=True)


def language() -> str:
    """The language in use."""
    return _language


def either(english: str, japanese: str) -> str:
    """Of a text that a declaration gives in both languages, the one to say."""
    return japanese if _language == "ja" else english


def message(text: str) -> str:
    """Mark a sentence that ``say`` will say later, so that it gets into the catalogues."""
    return text


def say(text: str, /, **values: object) -> str:
    """Give the sentence in the language in use, with its values filled in."""
    translated = _chosen.gettext(text) if text else text
    return translated.format(**values) if values else translated


def say_count(one: str, many: str, count: int, /, **values: object) -> str:
    """Give the sentence for this many things; ``{count}`` is the number."""
    return _chosen.ngettext(one, many, count).format(count=count, **values)
