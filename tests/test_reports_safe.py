import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from loginfix.reports.safe import safe


def test_plain_text_of_any_language_stays_as_it_is() -> None:
    for text in ("www.amazon.co.jp", "アマゾン 太郎", "Zoë's profile", "a b-c_d [red] :smile:"):
        assert safe(text) == text


def test_a_terminal_escape_becomes_harmless() -> None:
    assert safe("\x1b[2J\x9b1m") == "\ufffd[2J\ufffd1m"


def test_what_reorders_hides_or_breaks_lines_is_marked() -> None:
    for character in "\n\r\t\0\u202e\u200b\u2028\u2029\ud800\ue000":
        assert safe(f"a{character}b") == "a\ufffdb"


@given(st.text(alphabet=st.characters()))
def test_nothing_but_printable_text_is_left_and_nothing_is_swallowed(text: str) -> None:
    made = safe(text)
    assert len(made) == len(text)
    categories = {unicodedata.category(each) for each in made}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert safe(made) == made
