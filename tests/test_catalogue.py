"""The Japanese catalogue says everything that the program says, and nothing else."""

import gettext
import string

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry

import catalogue

PO = catalogue.catalogue()
UPDATE = "run: python tools/catalogue.py, and translate what it prints"


@pytest.fixture(scope="module")
def japanese() -> Catalog:
    return catalogue.read(PO)


@pytest.fixture(scope="module")
def entries(japanese: Catalog) -> list[Entry]:
    return [entry for entry in japanese if entry.id]


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """A text and, where there is one, its plural."""
    return [text] if isinstance(text, str) else list(text or ())


def first(entry: Entry) -> str:
    return forms(entry.id)[0]


def said(entry: Entry) -> str:
    return forms(entry.string)[0]


def placeholders(text: str) -> set[tuple[str, str | None]]:
    return {(name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name}


def test_it_has_the_sentences_of_now_and_no_others(entries: list[Entry]) -> None:
    now = {each if isinstance(each, str) else each[0] for each in catalogue.messages()}
    assert {first(each) for each in entries} == now, UPDATE


def test_every_sentence_is_translated(japanese: Catalog, entries: list[Entry]) -> None:
    assert [first(each) for each in entries if not said(each)] == [], UPDATE
    assert not any(each.fuzzy for each in entries)
    assert not japanese.obsolete
    assert japanese.num_plurals == 1


def test_a_translation_has_the_values_of_its_sentence(entries: list[Entry]) -> None:
    wrong = [
        (first(each), said(each))
        for each in entries
        if placeholders(forms(each.id)[-1]) != placeholders(said(each))
    ]
    assert wrong == []


def test_a_translation_keeps_paragraphs_and_the_space_at_its_end(entries: list[Entry]) -> None:
    for each in entries:
        one, other = first(each), said(each)
        assert one.count("\n\n") == other.count("\n\n"), one
        # A question is answered behind it.
        assert one.endswith(": ") == other.endswith(": "), one


def test_an_option_or_a_command_is_not_translated(entries: list[Entry]) -> None:
    for each in entries:
        for word in first(each).split():
            if word.startswith("--"):
                assert word.rstrip(".,:;") in said(each), first(each)
        if "loginfix " in first(each):
            assert "loginfix" in said(each), first(each)


def test_it_is_in_its_file_as_the_tool_writes_it(japanese: Catalog) -> None:
    assert catalogue.text_of(catalogue.updated(japanese)) == PO.read_bytes(), UPDATE


def test_the_compiled_catalogue_is_that_of_the_text(entries: list[Entry]) -> None:
    with PO.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for each in entries:
        if isinstance(each.id, str):
            assert compiled.gettext(each.id) == said(each), UPDATE
        else:
            assert compiled.ngettext(each.id[0], each.id[1], 2) == said(each), UPDATE
