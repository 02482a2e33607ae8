"""The README in both languages: the same commands, headings and links."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ENGLISH = (ROOT / "README.md").read_text("utf-8")
JAPANESE = (ROOT / "README.ja.md").read_text("utf-8")


def code(text: str) -> list[str]:
    return re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL)


def links(text: str) -> set[str]:
    return set(re.findall(r"\]\(((?!README)[^)]+)\)", text))


def test_both_have_the_same_commands() -> None:
    assert len(code(ENGLISH)) >= 4
    assert code(JAPANESE) == code(ENGLISH)


def test_both_have_the_same_sections() -> None:
    outlines = [re.findall(r"^(#+) ", text, re.MULTILINE) for text in (ENGLISH, JAPANESE)]
    assert outlines[0] == outlines[1]
    steps = [re.findall(r"^(\d)\. ", text, re.MULTILINE) for text in (ENGLISH, JAPANESE)]
    assert steps[0] == steps[1]


def test_both_lead_to_the_same_pages_and_to_each_other() -> None:
    assert links(ENGLISH) <= links(JAPANESE)
    for link in links(JAPANESE):
        assert (ROOT / link).exists(), link
    assert "](README.ja.md)" in ENGLISH
    assert "](README.md)" in JAPANESE
