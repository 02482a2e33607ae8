"""The hosts of the fake web: what each is for a person who resets Amazon, and how it is built."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What clearing ``amazon`` with its default groups must do to a host."""

    TARGET = "target"
    EXCLUDED = "excluded"
    LOOK_ALIKE = "look-alike"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Host:
    """One host, its pages' title and icon, and what its pages take from others.

    ``name`` carries the port where it is not 443. ``cookie_domain`` is the ``Domain`` its pages
    give their domain cookies. ``frames`` and ``resources`` are absolute URLs. ``large`` hosts
    also serve a script of more than 64 kB: caches keep such bodies differently. ``programs``
    hosts serve scripts whose compiled form is worth keeping, and what only scripts ask for: see
    ``programs.py``. Hosts without ``pages`` serve resources or redirects only.
    """

    name: str
    role: Role
    cookie_domain: str
    title: str
    icon: str = "/favicon.png"
    frames: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    large: bool = False
    programs: bool = False
    pages: bool = True
    mentions_target: bool = False
    redirects_to: str = ""

    @property
    def origin(self) -> str:
        """The host's origin, without a trailing slash."""
        return f"https://{self.name}"


def _host(name: str, role: Role, title: str, domain: str = "", **more: object) -> Host:
    bare = name.partition(":")[0]
    return Host(name, role, domain or bare, title, **more)  # type: ignore[arg-type]


MEDIA = "https://m.media-amazon.com"

CAST: tuple[Host, ...] = (
    _host(
        "www.amazon.co.jp",
        Role.TARGET,
        "Amazon.co.jp 通販",
        "amazon.co.jp",
        frames=("https://cdn.other.net/frame.html", "https://payments.amazon.com/frame.html"),
        resources=(
            f"{MEDIA}/static/photo.png",
            "https://images-na.ssl-images-amazon.com/static/style.css",
            "https://www.example.org/static/photo.png",
        ),
        large=True,
        programs=True,
    ),
    _host(
        "www.amazon.com",
        Role.TARGET,
        "Amazon.com. Spend less.",
        "amazon.com",
        icon=f"{MEDIA}/favicon-cdn.png",
        resources=(f"{MEDIA}/static/app-kit.js",),
        programs=True,
    ),
    _host(
        "amazon.co.jp",
        Role.TARGET,
        "redirects only",
        pages=False,
        redirects_to="https://www.amazon.co.jp",
    ),
    _host("sellercentral.amazon.co.jp", Role.TARGET, "セラーセントラル", icon="/favicon.svg"),
    _host("sellercentral-japan.amazon.com", Role.TARGET, "Seller Central Japan", "amazon.com"),
    _host("www.primevideo.com", Role.TARGET, "Prime Video", "primevideo.com", large=True),
    _host("m.media-amazon.com", Role.TARGET, "media", pages=False),
    _host("images-na.ssl-images-amazon.com", Role.TARGET, "images", pages=False),
    _host("na.account.amazon.com", Role.TARGET, "Sign-In"),
    _host("payments.amazon.com", Role.TARGET, "Amazon Pay"),
    _host("www.amazon.com:8443", Role.TARGET, "Amazon on another port", "amazon.com"),
    _host("signin.aws.amazon.com", Role.EXCLUDED, "AWS Sign-In"),
    _host("console.aws.amazon.com", Role.EXCLUDED, "AWS Console", "aws.amazon.com"),
    _host("read.amazon.co.jp", Role.EXCLUDED, "Kindle"),
    _host("music.amazon.com", Role.EXCLUDED, "Amazon Music"),
    _host("www.audible.co.jp", Role.EXCLUDED, "Audible", "audible.co.jp"),
    _host("www.notamazon.com", Role.LOOK_ALIKE, "Not Amazon", "notamazon.com"),
    _host("amazon.com.something.example", Role.LOOK_ALIKE, "Something", "something.example"),
    _host("www.amazonia.org", Role.LOOK_ALIKE, "Amazônia", "amazonia.org", icon="/favicon.svg"),
    _host("myamazon.co.jp", Role.LOOK_ALIKE, "My amazon"),
    _host(
        "www.example.com",
        Role.OTHER,
        "Example with offers of www.amazon.com",
        "example.com",
        frames=("https://www.amazon.com/frame.html", "https://cdn.other.net/frame.html"),
        resources=(f"{MEDIA}/static/photo.png", f"{MEDIA}/static/app-kit.js"),
        large=True,
        programs=True,
    ),
    _host(
        "www.example.org",
        Role.OTHER,
        "Example Organisation",
        "example.org",
        programs=True,
        mentions_target=True,
    ),
    _host(
        "shop.example.net",
        Role.OTHER,
        "Shop",
        "example.net",
        icon=f"{MEDIA}/favicon-cdn.png",
        resources=(f"{MEDIA}/static/photo.png",),
    ),
    _host("news.example.co.jp", Role.OTHER, "ニュース: amazon の話", "example.co.jp"),
    _host("cdn.other.net", Role.OTHER, "Other CDN", "other.net"),
    _host("search.example", Role.OTHER, "www.amazon.co.jp - search"),
    _host("xn--r8jz45g.xn--zckzah.example", Role.OTHER, "例え", icon="/favicon.svg"),
    _host("dev.example.net:8443", Role.OTHER, "Development server", "example.net"),
)

HOSTS: dict[str, Host] = {host.name: host for host in CAST}
