"""What the fake web serves: a pure function from a request to a response."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from recorder.cast import HOSTS, Host
from recorder.pictures import colour, png, svg
from recorder.programs import COMMON, PROGRAM, RANGED, RANGED_SIZE, common, program

PAGES = Path(__file__).parent / "pages"
JAVASCRIPT = "text/javascript; charset=utf-8"
# Bytes: more than the 64 kB from which caches keep a body in another way.
LARGE = 80_000
LONG = "public, max-age=31536000, immutable"
# Stored, but asked for again at every visit: a document's own cookies are always set anew.
DOCUMENT = "private, max-age=0, must-revalidate"
TWO_YEARS = 63_072_000
RANGE = re.compile(r"bytes=([0-9]+)-([0-9]+)")


@dataclass(frozen=True, slots=True)
class Response:
    """Status, body and headers; ``Content-Length`` is the server's business."""

    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for; ``generation`` tells a later visit's answers from an earlier one's.

    ``ranges`` is the header ``Range``, empty where there is none.
    """

    host: Host
    path: str
    query: str
    generation: int
    ranges: str

    def parameter(self, name: str) -> str:
        """Return a query parameter; empty where it is not given."""
        return parse_qs(self.query).get(name, [""])[0]


def respond(host_name: str, target: str, generation: int, ranges: str = "") -> Response:
    """Return what ``https://<host_name><target>`` answers to a request for these ranges.

    ``generation`` goes into cookie values and pictures.
    """
    host = HOSTS.get(host_name)
    if host is None:
        return Response(404)
    parts = urlsplit(target)
    request = Request(host, parts.path, parts.query, generation, ranges)
    for prefix, answer in ROUTES:
        if parts.path.startswith(prefix):
            return answer(request)
    return _page(request)


def cookie_value(host: str, name: str, generation: int) -> str:
    """Return a fake value in the style of a shop's session ids."""
    digest = int(hashlib.sha256(f"{host} {name} {generation}".encode()).hexdigest(), 16)
    return f"{digest % 1000:03}-{digest // 1000 % 10**7:07}-{digest // 10**10 % 10**7:07}"


def _cookies(host: Host, generation: int) -> list[tuple[str, str]]:
    def made(name: str, *attributes: str) -> tuple[str, str]:
        value = cookie_value(host.name, name, generation)
        return "Set-Cookie", "; ".join([f"{name}={value}", "Path=/", "Secure", *attributes])

    age = f"Max-Age={TWO_YEARS}"
    domain = f"Domain={host.cookie_domain}"
    return [
        made("session-id"),
        made("session-token", domain),
        made("ubid-main", age, domain),
        made("at-main", age, "HttpOnly"),
    ]


def _frame_cookies(host: Host, generation: int) -> list[tuple[str, str]]:
    value = cookie_value(host.name, "frame", generation)
    common = f"Path=/; Secure; SameSite=None; Max-Age={TWO_YEARS}"
    return [
        ("Set-Cookie", f"frame-plain={value}; {common}"),
        ("Set-Cookie", f"frame-chips={value}; {common}; Partitioned"),
    ]


def _page(request: Request) -> Response:
    host, path, generation = request.host, request.path, request.generation
    if host.redirects_to:
        to = f"{host.redirects_to}{path}"
        return _redirect(301, to, _cookies(host, generation))
    frames = "".join(f'<iframe src="{escape(url)}"></iframe>' for url in host.frames)
    own = [*(["large.js"] if host.large else []), *([COMMON, PROGRAM] if host.programs else [])]
    scripts = "".join(f'<script src="/static/{name}"></script>' for name in own)
    title = host.title if path == "/" else f"{host.title} {path}"
    body = f"""<!doctype html><html><head><title>{escape(title)}</title>
<link rel="icon" href="{escape(host.icon)}">
<link rel="stylesheet" href="/static/style.css"><script src="/static/app.js"></script>{scripts}
{"".join(_tag(url) for url in host.resources)}</head>
<body><h1>{escape(title)}</h1><p>{escape(request.query)}</p><img src="/static/photo.png">
<script src="/store.js" data-frames="{len(host.frames)}"></script>{frames}</body></html>"""
    headers = [
        ("Cache-Control", DOCUMENT),
        ("Strict-Transport-Security", f"max-age={TWO_YEARS}"),
        ("Accept-CH", "Sec-CH-UA-Platform-Version"),
        *_cookies(host, generation),
        *_mentions(host),
    ]
    return Response(200, "text/html; charset=utf-8", body.encode(), headers)


def _frame(request: Request) -> Response:
    host = request.host
    body = f"""<!doctype html><html><head><title>frame of {escape(host.name)}</title>
<script src="/static/frame.js"></script></head><body><img src="/static/photo.png">
<script src="/store.js" data-frames="0"></script></body></html>"""
    headers = [("Cache-Control", DOCUMENT), *_frame_cookies(host, request.generation)]
    return Response(200, "text/html; charset=utf-8", body.encode(), headers)


def _tag(url: str) -> str:
    if url.endswith(".js"):
        return f'<script src="{escape(url)}"></script>'
    if url.endswith(".css"):
        return f'<link rel="stylesheet" href="{escape(url)}">'
    return f'<link rel="preload" as="image" href="{escape(url)}"><img src="{escape(url)}">'


def _probe_page(request: Request) -> Response:
    frame = request.parameter("frame")
    inside = f'<iframe src="{escape(frame)}"></iframe>' if frame else ""
    body = f"""<!doctype html><html><head><title>probe</title><link rel="icon" href="data:,">
<script src="/probe.js"></script></head><body>{inside}</body></html>"""
    headers = [("Cache-Control", "no-store")]
    return Response(200, "text/html; charset=utf-8", body.encode(), headers)


def _script(request: Request) -> Response:
    body = (PAGES / request.path.removeprefix("/")).read_bytes()
    return Response(200, JAVASCRIPT, body, [("Cache-Control", "no-store")])


def _go(request: Request) -> Response:
    return _redirect(302, request.parameter("to"), [])


def _moved(request: Request) -> Response:
    return _redirect(301, request.parameter("to"), [("Cache-Control", LONG)])


def _redirect(status: int, to: str, headers: list[tuple[str, str]]) -> Response:
    return Response(status, "text/plain", b"", [("Location", to), *headers])


def _worker(request: Request) -> Response:
    body = f"""// service worker of {request.host.name}
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
"""
    return Response(200, JAVASCRIPT, body.encode(), [("Cache-Control", LONG)])


def _offline_worker(request: Request) -> Response:
    body = f"""// answering service worker of {request.host.name}
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("fetch", (event) => event.respondWith(
  new Response("answer of the worker of {request.host.name}"),
));
"""
    headers = [("Cache-Control", "no-store"), ("Service-Worker-Allowed", "/")]
    return Response(200, JAVASCRIPT, body.encode(), headers)


def _download(request: Request) -> Response:
    name = request.path.rpartition("/")[2]
    headers = [
        ("Content-Disposition", f'attachment; filename="{name}"'),
        ("Cache-Control", "no-store"),
    ]
    body = f"file of {request.host.name}\n"
    return Response(200, "application/octet-stream", body.encode(), headers)


def _resource(request: Request) -> Response:
    host = request.host
    name = request.path.rpartition("/")[2]
    headers = [
        ("Cache-Control", LONG),
        ("Access-Control-Allow-Origin", "*"),
        ("Timing-Allow-Origin", "*"),
        *_mentions(host),
    ]
    if name.endswith(".png"):
        text = f"{name} of {host.name}, visit {request.generation}"
        return Response(200, "image/png", png(host.name, text), headers)
    if name.endswith(".svg"):
        return Response(200, "image/svg+xml", svg(host.name), headers)
    if name.endswith(".css"):
        css = f"/* style of {host.name} */ body {{ color: {colour(host.name)} }}\n"
        return Response(200, "text/css", css.encode(), headers)
    if request.path == RANGED:
        return _part(request, headers)
    return Response(200, JAVASCRIPT, _code(host, name).encode(), headers + _code_headers(name))


def _code(host: Host, name: str) -> str:
    if name == COMMON:
        return common()
    if name == PROGRAM.partition("?")[0]:
        return program(host.name)
    line = f"// {name} of {host.name}\n"
    return line * (LARGE // len(line) if name == "large.js" else 1)


def _code_headers(name: str) -> list[tuple[str, str]]:
    if name != PROGRAM.partition("?")[0]:
        return []
    return [("Use-As-Dictionary", 'match="/static/*"'), ("No-Vary-Search", 'params=("build")')]


def _part(request: Request, headers: list[tuple[str, str]]) -> Response:
    """Return the asked for part of a file that caches keep in pieces."""
    line = f"piece of {request.host.name}\n".encode()
    whole = (line * (RANGED_SIZE // len(line) + 1))[:RANGED_SIZE]
    in_any_case = [*headers, ("ETag", '"1"'), ("Accept-Ranges", "bytes")]
    asked = RANGE.fullmatch(request.ranges)
    if asked is None:
        return Response(200, "application/octet-stream", whole, in_any_case)
    first, last = int(asked[1]), min(int(asked[2]), RANGED_SIZE - 1)
    in_any_case.append(("Content-Range", f"bytes {first}-{last}/{RANGED_SIZE}"))
    part = whole[first : last + 1]
    return Response(206, "application/octet-stream", part, in_any_case)


def _mentions(host: Host) -> list[tuple[str, str]]:
    """Return headers in which a site names the target: such content is not the target's."""
    if not host.mentions_target:
        return []
    return [
        ("Content-Security-Policy", "frame-ancestors 'self' https://www.amazon.com"),
        ("Link", "<https://www.amazon.co.jp/>; rel=related"),
    ]


ROUTES: tuple[tuple[str, Callable[[Request], Response]], ...] = (
    ("/probe.html", _probe_page),
    ("/probe.js", _script),
    ("/store.js", _script),
    ("/go-to", _go),
    ("/moved-to", _moved),
    ("/sw.js", _worker),
    ("/sw-offline.js", _offline_worker),
    ("/download/", _download),
    ("/static/", _resource),
    ("/favicon", _resource),
    ("/frame.html", _frame),
)
