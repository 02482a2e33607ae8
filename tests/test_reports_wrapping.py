"""Lines of Japanese and of Latin text, by the columns that they take."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from loginfix.reports.wrapping import wrap

JAPANESE = "ブラウザを完全に終了してから、もう一度「はじめから」実行してください。"


def test_japanese_breaks_between_letters_by_their_columns() -> None:
    assert wrap("あいうえおかきくけこ", 8) == ["あいうえ", "おかきく", "けこ"]
    assert wrap("あいうえおかきくけこ", 9, "  ") == ["  あいう", "  えおか", "  きくけ", "  こ"]


@pytest.mark.parametrize("width", range(6, 40))
def test_no_line_begins_or_ends_where_it_may_not(width: int) -> None:
    lines = wrap(JAPANESE, width)
    assert "".join(lines) == JAPANESE
    assert all(line[0] not in "、。」ャュョッー" for line in lines)
    assert all(line[-1] != "「" for line in lines)
    assert max(map(cell_len, lines)) <= width


def test_small_letters_and_long_vowels_stay_with_the_one_before() -> None:
    assert wrap("キャッシュ", 2) == ["キャッ", "シュ"]
    assert wrap("サーバー", 4) == ["サー", "バー"]


def test_a_command_or_path_within_japanese_stays_whole() -> None:
    command = "--profile-dir"
    lines = wrap(f"移動した場合は、{command} で指定してください。", 12)
    assert command in lines
    assert " " not in {line[-1] for line in lines} | {line[0] for line in lines}


def test_what_has_no_room_is_cut_only_where_that_is_asked_for() -> None:
    host = "a-very-long-name.example.com"
    assert wrap(host, 10) == [host]
    cut = wrap(f"{host} (1)", 10, fold=True)
    assert "".join(cut).replace(" ", "") == f"{host}(1)"
    assert max(map(cell_len, cut)) <= 10


@given(st.text(st.sampled_from("ab-/. "), max_size=60), st.integers(5, 30))
def test_latin_text_breaks_as_textwrap_breaks_it(text: str, width: int) -> None:
    text = text.strip()
    expected = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    assert wrap(text, width) == [line.rstrip() for line in expected]
