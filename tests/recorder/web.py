"""The fake web: one server on loopback that answers for every host over HTTPS and HTTP."""

import ssl
import threading
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import trustme

from recorder.content import Response, respond


class Web:
    """A context manager that serves the fake web on free loopback ports.

    Every host has a certificate of its own: one certificate with all names would write every
    name into every cache entry. ``generation`` changes what pages set (see ``content``). While
    ``reading``, nothing may be cached: a browser that asks for something shall not later seem to
    have had it.
    """

    def __init__(self, generation: int = 1) -> None:
        self.generation = generation
        self.reading = False
        self._authority = trustme.CA(organization_name="Recorder of test profiles")
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._asked: set[str] = set()
        self._guard = threading.Lock()
        self._servers = [self._server(secure=True), self._server(secure=False)]

    @property
    def port(self) -> int:
        """The port that speaks HTTPS."""
        return int(self._servers[0].server_address[1])

    @property
    def plain_port(self) -> int:
        """The port that speaks HTTP and redirects to HTTPS."""
        return int(self._servers[1].server_address[1])

    @property
    def authority_pem(self) -> bytes:
        """The certificate that a browser must trust."""
        return self._authority.cert_pem.bytes()

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def respond(self, host: str, path: str, headers: Message) -> Response:
        """What a request over HTTPS is answered."""
        return respond(host, path, self.generation, headers.get("Range", ""))

    def asked(self) -> frozenset[str]:
        """Return every URL that was asked for since the last ``forget``."""
        with self._guard:
            return frozenset(self._asked)

    def forget(self) -> None:
        """Start the list of ``asked`` anew."""
        with self._guard:
            self._asked.clear()

    def note(self, url: str) -> None:
        """Remember a request."""
        with self._guard:
            self._asked.add(url)

    def _server(self, *, secure: bool) -> ThreadingHTTPServer:
        handler = type("Handler", (_Handler,), {"web": self, "secure": secure})
        server = _Server(("127.0.0.1", 0), handler)
        if secure:
            front = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            front.sni_callback = self._choose_certificate
            self._authority.issue_cert("unnamed.example").configure_cert(front)
            server.socket = front.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        return server

    def _choose_certificate(
        self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext
    ) -> None:
        if name is None:
            return
        with self._guard:
            if name not in self._contexts:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self._authority.issue_cert(name).configure_cert(context)
                self._contexts[name] = context
            connection.context = self._contexts[name]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Browsers hang up whenever they like: that is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "fake"
    sys_version = ""
    timeout = 60
    web: Web
    secure: bool

    def do_GET(self) -> None:
        host = self.headers.get("Host", "")
        self.web.note(f"https://{host}{self.path}" if self.secure else f"http://{host}{self.path}")
        if self.secure:
            self._send(self.web.respond(host, self.path, self.headers))
        else:
            to = f"https://{host}{self.path}"
            self._send(Response(301, "text/plain", b"", [("Location", to)]))

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers:
            hidden = self.web.reading and name == "Cache-Control"
            self.send_header(name, "no-store" if hidden else value)
        self.end_headers()
        self.wfile.write(response.body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""
