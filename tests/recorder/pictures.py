"""Icons of the fake web: each in its host's own colour, each naming its host."""

import hashlib
import struct
import zlib
from html import escape

SIDE = 16


def colour(host: str) -> str:
    """Return a host's colour in CSS notation."""
    return f"#{_rgb(host).hex()}"


def png(host: str, text: str) -> bytes:
    """Return a square in the host's colour, with a text chunk."""
    rows = (b"\0" + _rgb(host) * SIDE) * SIDE
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0))
        + _chunk(b"tEXt", b"Comment\0" + text.encode("latin-1"))
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
    )


def svg(host: str) -> bytes:
    """Return a square in the host's colour that shows the host's name."""
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}">
<rect width="{SIDE}" height="{SIDE}" fill="{colour(host)}"/>
<text y="12" font-size="3">{escape(host)}</text></svg>""".encode()


def _rgb(host: str) -> bytes:
    return hashlib.sha256(host.encode()).digest()[:3]


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum
