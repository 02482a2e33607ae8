"""Sentences, in the language of the person."""

from loginfix import words


def test_values_are_filled_in_by_name() -> None:
    assert words.say("{path} is damaged", path="a{b}") == "a{b} is damaged"


def test_a_sentence_without_values_may_hold_braces() -> None:
    assert words.say("{}") == "{}"


def test_one_and_many_are_said_differently() -> None:
    assert words.say_count("{count} item", "{count} items", 1) == "1 item"
    assert words.say_count("{count} item", "{count} items", 2) == "2 items"


def test_a_language_without_a_catalogue_is_english() -> None:
    words.use("tlh")
    assert words.say("Nothing was changed.") == "Nothing was changed."
