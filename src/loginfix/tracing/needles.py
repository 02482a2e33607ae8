"""What to look for: the site's names in every way in which browsers spell them in bytes.

One automaton finds the candidates of all spellings in a single pass; only there is anything
decoded. Whether there are any is found out before, at more than a gigabyte a second.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from loginfix.sites.spotting import REACH, Spotted, Spotter, Standing
from loginfix.tracing.model import Bounds, Encoding, Match

CONTEXT = 4 * REACH
"""Bytes around a candidate that decide what it is."""

_FEW = 40
_HEX_BEFORE = re.compile(rb"[0-9a-f]*")
_PRINTABLE = re.compile(rb"[\x20-\x7e]*")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]*")
_WORD_END = re.compile(rb"[a-z0-9-]\Z")


class _Needle(NamedTuple):
    encoding: Encoding
    label: bytes
    shift: int = 0  # of base64: how many bytes of its group of three come before the label


class Needles:
    """A site's names, ready to be found."""

    def __init__(self, spotter: Spotter) -> None:
        self.spotter = spotter
        self._needles: dict[bytes, _Needle] = {}
        for label in spotter.labels:
            self._add(label.encode("ascii"))
        self._add_unicode(spotter.names)
        self._spellings = list(self._needles)
        self._search = _automaton(self._spellings)
        # A few spellings at a time are looked for with vector instructions, five times as fast as
        # many; most data has none of them.
        count = -(-len(self._spellings) // _FEW)
        self._quick = [_automaton(self._spellings[at::count]) for at in range(count)]

    def may_be_in(self, data: bytes) -> bool:
        """Whether ``find`` has anything to look at."""
        return self._may_be_in(data.lower())

    def _may_be_in(self, lowered: bytes) -> bool:
        return any(quick.find_matches_as_indexes(lowered) for quick in self._quick)

    def find(
        self, data: bytes, bounds: Callable[[int], Bounds] | None = None
    ) -> Iterator[tuple[Match, Bounds | None]]:
        """Every place in ``data`` that names the site, in order."""
        lowered = data.lower()
        if not self._may_be_in(lowered):
            return
        for number, start, end in self._search.find_matches_as_indexes(lowered):
            needle = self._needles[self._spellings[number]]
            within = bounds(start) if bounds else None
            low, high = (within.start, within.end) if within else (0, len(data))
            low = max(low, start - CONTEXT)
            high = max(min(high, end + CONTEXT), end)
            match = self._read(needle, data[low:high], start - low)
            if match is not None:
                yield match._replace(start=match.start + low, end=match.end + low), within

    def _add(self, label: bytes) -> None:
        self._needles |= {
            label: _Needle(Encoding.PLAIN, label),
            _wide(label): _Needle(Encoding.UTF16, label),
            label[::-1]: _Needle(Encoding.REVERSED, label),
            _wide(label[::-1]): _Needle(Encoding.REVERSED_UTF16, label),
            label.hex().encode("ascii"): _Needle(Encoding.HEX, label),
        }
        for shift in range(3):
            # Characters that hold bits of neighbours are left out at both ends.
            encoded = base64.b64encode(bytes(shift) + label + bytes(3))
            core = encoded[(shift * 8 + 5) // 6 : (shift + len(label)) * 8 // 6]
            self._needles[core.lower()] = _Needle(Encoding.BASE64, label, shift)

    def _add_unicode(self, names: tuple[str, ...]) -> None:
        for name in names:
            text = _unicode(name)
            if text == name:
                continue
            label = name.encode("ascii")
            percent = quote(text)
            for spelled in (percent, quote(percent)):
                self._needles[spelled.lower().encode("ascii")] = _Needle(Encoding.PERCENT, label)
            for code in ("utf-8", "utf-16-le", "utf-16-be"):
                self._needles[text.encode(code).lower()] = _Needle(Encoding.UNICODE, label)

    def _read(self, needle: _Needle, data: bytes, at: int) -> Match | None:
        match needle.encoding:
            case Encoding.PLAIN:
                return self._plain(data, at, needle)
            case Encoding.REVERSED:
                return self._reversed(data, at, needle)
            case Encoding.UTF16 | Encoding.REVERSED_UTF16:
                return self._utf16(data, at, needle)
            case Encoding.HEX:
                return self._hex(data, at, needle)
            case Encoding.BASE64:
                return self._base64(data, at, needle)
            case _:
                return self._literal(data, at, needle)

    def _plain(self, data: bytes, at: int, needle: _Needle) -> Match | None:
        spotted = self.spotter.spot(data[:at], data[at:])
        if spotted is None:
            return None
        start = at - spotted.before
        return _match(spotted, start, start + len(spotted.host), needle.encoding)

    def _reversed(self, data: bytes, at: int, needle: _Needle) -> Match | None:
        end = at + len(needle.label)
        spotted = self.spotter.spot(data[end:][::-1], data[:end][::-1])
        if spotted is None:
            return None
        last = end + spotted.before
        return _match(spotted, last - len(spotted.host), last, needle.encoding)

    def _utf16(self, data: bytes, at: int, needle: _Needle) -> Match | None:
        """Narrow the text to one byte a character, in the byte order of the longer text.

        Within a text both orders look alike; they differ in which bytes at its ends belong to it.
        """
        readings = [_narrow(data, at, is_little=is_little) for is_little in (True, False)]
        lengths = [_run_length(narrow, inner) for narrow, inner, _ in readings]
        read = self._plain if needle.encoding is Encoding.UTF16 else self._reversed
        for (narrow, inner, first), length in zip(readings, lengths, strict=True):
            if length == max(lengths) and (found := read(narrow, inner, needle)):
                return found._replace(start=first + 2 * found.start, end=first + 2 * found.end)
        return None

    def _hex(self, data: bytes, at: int, needle: _Needle) -> Match | None:
        lowered = data.lower()
        end = at + 2 * len(needle.label)
        before = _HEX_BEFORE.match(lowered[:at][::-1])
        behind = _HEX_BEFORE.match(lowered, end)
        start = at - (before.end() if before else 0) // 2 * 2
        stop = end + ((behind.end() if behind else end) - end) // 2 * 2
        text = bytes.fromhex(lowered[start:stop].decode("ascii"))
        found = self._plain(text, (at - start) // 2, needle)
        return found and found._replace(start=start + 2 * found.start, end=start + 2 * found.end)

    def _base64(self, data: bytes, at: int, needle: _Needle) -> Match | None:
        group = at - (needle.shift * 8 + 5) // 6
        if group < 0:
            return None
        before = _BASE64.match(data[:group][::-1])
        start = group - (before.end() if before else 0) // 4 * 4
        run = _BASE64.match(data, start)
        text = (run[0] if run else b"").translate(bytes.maketrans(b"-_", b"+/"))
        try:
            decoded = base64.b64decode(text[: len(text) // 4 * 4] + _rest(text), validate=True)
        except binascii.Error:
            return None
        inner = (group - start) // 4 * 3 + needle.shift
        if decoded[inner : inner + len(needle.label)].lower() != needle.label:
            return None
        found = self._plain(decoded, inner, needle)
        return found and found._replace(
            start=start + found.start * 4 // 3, end=start + -(-found.end * 4 // 3)
        )

    def _literal(self, data: bytes, at: int, needle: _Needle) -> Match | None:
        """The Unicode form of a whole name: only its left side can be longer."""
        before = data[:at].lower()
        is_escape = re.search(rb"%(?:25)*[0-7][0-9a-f]\Z", before) is not None
        if _WORD_END.search(before) and not is_escape:
            return None
        host = needle.label.decode("ascii")
        standing = self.spotter.standing(host)
        if standing is None:
            return None
        return _match(Spotted(host, 0, standing), at, at + 1, needle.encoding)


def _automaton(spellings: list[bytes]) -> BytesAhoCorasick:
    return BytesAhoCorasick(spellings, matchkind=MatchKind.LeftmostLongest)


def _match(spotted: Spotted, start: int, end: int, encoding: Encoding) -> Match:
    return Match(start, end, spotted.host, encoding, spotted.standing is Standing.EXCLUDED)


def _wide(label: bytes) -> bytes:
    """The part that UTF-16 in either byte order has in common."""
    return b"\0".join(label[at : at + 1] for at in range(len(label)))


def _narrow(data: bytes, at: int, *, is_little: bool) -> tuple[bytes, int, int]:
    """UTF-16 with one byte a character; what is no ASCII becomes a boundary.

    ``at`` is where the significant byte of a character is. Also returns the index of that
    character, and where the first character is in ``data``.
    """
    first = at % 2 if is_little else (at + 1) % 2
    pairs = data[first : first + (len(data) - first) // 2 * 2]
    low, high = (pairs[::2], pairs[1::2]) if is_little else (pairs[1::2], pairs[::2])
    narrow = bytes(0 if other else char for char, other in zip(low, high, strict=True))
    return narrow, (at - first) // 2, first


def _run_length(text: bytes, at: int) -> int:
    """How many characters around a position are printable ASCII."""
    behind, before = _PRINTABLE.match(text, at), _PRINTABLE.match(text[:at][::-1])
    return sum(found.end() - found.start() for found in (behind, before) if found)


def _rest(text: bytes) -> bytes:
    """The last, incomplete group of base64, padded; nothing where it cannot be one."""
    rest = text[len(text) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def _unicode(name: str) -> str:
    return ".".join(_unicode_label(label) for label in name.split("."))


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label
