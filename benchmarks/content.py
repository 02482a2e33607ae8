"""Made-up browsing, the same for the same seed: hosts, addresses and bodies."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

SITE_EVERY = 20
"""Every twentieth thing is the site's: five per cent."""

_SITE_HOSTS = ("www.amazon.co.jp", "www.amazon.com", "m.media-amazon.com", "www.amazon.de")
_THINGS_A_PAGE = 40
_SERVERS = 8
_WORDS = (
    *("news", "shop", "video", "mail", "maps", "music", "photo", "forum"),
    *("wiki", "bank", "travel", "food", "code", "game", "sport"),
)
_ENDINGS = ("com", "org", "net", "example", "co.jp", "de", "io")
_KINDS = ("js", "css", "png", "jpg", "json", "html", "woff2")
_NOISE = 8 << 20


@dataclass
class Content:
    """A source of made-up things; what it gives depends on nothing but the order of the calls."""

    seed: int = 2026
    _random: random.Random = field(init=False)
    _noise: bytes = field(init=False)
    _hosts: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311  the same each time
        self._noise = self._random.randbytes(_NOISE)
        self._hosts = [
            f"{self._word()}.{self._word()}{number}.{self._random.choice(_ENDINGS)}"
            for number in range(2000)
        ]

    def host(self, number: int) -> str:
        """The host of the thing with this number."""
        if number % SITE_EVERY == 0:
            return _SITE_HOSTS[number // SITE_EVERY % len(_SITE_HOSTS)]
        return self._random.choice(self._hosts)

    def url(self, number: int, host: str = "") -> str:
        """An address that no other thing has."""
        path = "/".join(self._word() for _ in range(self._random.randrange(1, 5)))
        kind = self._random.choice(_KINDS)
        host = host or self.host(number)
        return f"https://{host}/{path}/{number:07x}.{kind}?v={self.token(8)}"

    def loaded(self, number: int) -> tuple[str, str]:
        """The top-level site of a page, and the address of one of the things that it loads.

        All things of every twentieth page are the site's.
        """
        page = number // _THINGS_A_PAGE
        host = _SITE_HOSTS[0] if page % SITE_EVERY == 0 else self._hosts[page % len(self._hosts)]
        site = ".".join(host.split(".")[-3 if host.endswith(".co.jp") else -2 :])
        server = page * _SERVERS + self._random.randrange(_SERVERS)
        others = self._hosts[server % len(self._hosts)]
        return site, self.url(number, self._random.choice((host, f"static.{site}", others)))

    def token(self, length: int) -> str:
        """A hexadecimal text."""
        return f"{self._random.getrandbits(4 * length):0{length}x}"

    def body(self, mean: int) -> bytes:
        """Bytes that cannot be compressed, as pictures and what is compressed already.

        Most are small and a few are large, as in a cache; ``mean`` is in bytes.
        """
        size = min(int(self._random.expovariate(1 / mean)) + 64, _NOISE)
        start = self._random.randrange(_NOISE - size + 1)
        return self._noise[start : start + size]

    def headers(self) -> bytes:
        """What a server sends with a body."""
        return (
            "HTTP/1.1 200\0content-type:application/javascript\0cache-control:max-age=31536000\0"
            f'etag:"{self.token(32)}"\0vary:accept-encoding\0server:{self._word()}\0\0'
        ).encode()

    def text(self, mean: int) -> str:
        """Words, as pages keep them; ``mean`` is in characters."""
        return " ".join(self._words(max(1, int(self._random.expovariate(1 / mean)) // 6)))

    def _words(self, count: int) -> Iterator[str]:
        return (self._word() for _ in range(count))

    def _word(self) -> str:
        return self._random.choice(_WORDS)
