"""Breaking text into lines by the columns that it takes: in Japanese a letter takes two.

Text breaks at spaces, and between Japanese letters, which have none. A path, a command or a Latin
word stays whole, to be read and copied. A full stop or a closing bracket never begins a line, an
opening one never ends it (JIS X 4051, *kinsoku*).
"""

import re
from collections.abc import Iterator
from unicodedata import category

from rich.cells import cell_len, chop_cells

_WIDE = 2
_SPACES = re.compile(r"(\s+)")
# Letters that belong to the one before: small kana, marks of length and repetition.
_FOLLOWING = frozenset("ーゝゞ々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ")
_CLOSING = frozenset({"Pe", "Pf", "Po"})
_OPENING = frozenset({"Ps", "Pi"})


def wrap(text: str, width: int, indent: str = "", *, fold: bool = False) -> list[str]:
    """The lines of a text, each at most ``width`` columns wide.

    What must stay together and is wider makes a line that is too long; with ``fold`` it is cut.
    """
    pieces = _pieces(text)
    if fold:
        pieces = (part for piece in pieces for part in chop_cells(piece, width))
    lines: list[str] = []
    line, used = "", len(indent)
    for piece in pieces:
        columns = cell_len(piece)
        if line and used + columns > width and not piece.isspace():
            lines.append(indent + line.rstrip())
            line, used = "", len(indent)
        if line or not piece.isspace():
            line += piece
            used += columns
    if line:
        lines.append(indent + line.rstrip())
    return lines


def _pieces(text: str) -> Iterator[str]:
    """What stays together, and the spaces between."""
    for word in _SPACES.split(text):
        start = 0
        for end in range(1, len(word)):
            if _may_break(word[end - 1], word[end]):
                yield word[start:end]
                start = end
        if word:
            yield word[start:]


def _may_break(before: str, after: str) -> bool:
    if category(before) in _OPENING or category(after) in _CLOSING or after in _FOLLOWING:
        return False
    return cell_len(before) == _WIDE or cell_len(after) == _WIDE
