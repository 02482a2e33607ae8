"""Firefox's kept TLS session tickets, as far as one must read them to see whom they name.

Source: netwerk/base/ssl_tokens_cache. Five bytes, ``STCF`` and the version, then the records. In
version 2 these are one zlib stream; in version 3 they are plain, with an Adler-32 checksum (little
endian) behind them, and the keys (hosts with ports) can be read.
"""

import zlib

MAX_SIZE = 16 << 20
"""Of the records, in bytes; Firefox drops a larger cache."""

_MAGIC = b"STCF"
_HEADER_SIZE = 5
_CHECKSUM_SIZE = 4
_COMPRESSED = 2
_PLAIN = 3


class SslTokensError(ValueError):
    """The bytes are not such a cache; the text says in what way."""


def decode(data: bytes) -> bytes:
    """The records of a cache, decompressed.

    Raises:
        SslTokensError: It is of an unknown version, damaged, or too large.
    """
    if data[:4] != _MAGIC or len(data) < _HEADER_SIZE:
        raise SslTokensError("it does not begin like a cache of tickets")
    version, body = data[4], data[_HEADER_SIZE:]
    if version == _COMPRESSED:
        return _inflate(body)
    if version != _PLAIN:
        raise SslTokensError(f"it is of version {version}, which is not known")
    records, checksum = body[:-_CHECKSUM_SIZE], body[-_CHECKSUM_SIZE:]
    if zlib.adler32(records).to_bytes(_CHECKSUM_SIZE, "little") != checksum:
        raise SslTokensError("its checksum is wrong")
    return records


def _inflate(body: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        records = stream.decompress(body, MAX_SIZE + 1)
    except zlib.error as error:
        raise SslTokensError(f"it cannot be decompressed ({error})") from error
    if len(records) > MAX_SIZE:
        raise SslTokensError("it is too large")
    if not stream.eof or stream.unused_data:
        raise SslTokensError("it is cut short or has something behind it")
    return records
