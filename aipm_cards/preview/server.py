"""The preview on this machine: a server that only the person at it can read.

It listens on 127.0.0.1 alone. A page of another site can still make a browser ask: so the Host
must be ours (a name that was turned to 127.0.0.1 is not), and a request that a browser marks as
another site's is refused. It only knows the files of a `Site`: no path reaches the disk.
"""

from __future__ import annotations

import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore
from typing import Any

from aipm_cards.errors import PreviewError
from aipm_cards.preview.site import content_type, page_policy
from aipm_cards.preview.watch import Watch

ADDRESS = "127.0.0.1"
PORT = 8017
KEEP_ALIVE = 10.0  # seconds after which a page is told that nothing happened
MOST = 64  # connections at a time; a browser keeps six

_HEADERS = {
    "Content-Security-Policy": page_policy() + "; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


class Server(ThreadingHTTPServer):
    """Serves what a Watch sees. Raises PreviewError if the port is not to be had."""

    daemon_threads = True
    request_queue_size = MOST
    allow_reuse_address = sys.platform != "win32"  # there it would share the port with another program
    block_on_close = False

    def __init__(self, watch: Watch, port: int) -> None:
        self.watch = watch
        self._places = BoundedSemaphore(MOST)
        try:
            super().__init__((ADDRESS, port), _Handler)
        except (OSError, OverflowError) as error:
            raise PreviewError(f"port {port}: {getattr(error, 'strerror', None) or error}; try --port 0") from None

    @property
    def hosts(self) -> tuple[str, str]:
        """The names under which a browser may ask."""
        return f"{ADDRESS}:{self.server_port}", f"localhost:{self.server_port}"

    @property
    def address(self) -> str:
        """Where the preview is to be seen."""
        return f"http://{self.hosts[0]}/"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own; who comes when all places are taken is sent away."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The work of such a thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away in the middle of an answer is nothing to report; a bug is."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = default_request_version = "HTTP/1.1"
    server_version = "aipm-cards"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        """Send a file of the site, or tell of the next state."""
        name = self.path.partition("?")[0].removeprefix("/") or "index.html"
        if not self._is_ours(name):
            self.send_error(HTTPStatus.FORBIDDEN, "This preview is for the person at this machine.")
            return
        if name == "events":
            self._tell()
            return
        data = self.server.watch.site.read(name)
        if data is None:
            self._send(HTTPStatus.NOT_FOUND, b"There is no such page.\n", "text/plain")
        else:
            self._send(HTTPStatus.OK, data, content_type(name))

    def do_HEAD(self) -> None:
        """The same without the content."""
        self.do_GET()

    def _is_ours(self, name: str) -> bool:
        """Whether the page that asks is this preview, or the person typed its address."""
        hosts, origins = (self.headers.get_all(header, []) for header in ("Host", "Origin"))
        if len(hosts) != 1 or hosts[0] not in self.server.hosts or not {*origins} <= {f"http://{hosts[0]}"}:
            return False
        site, mode, dest = (self.headers.get(f"Sec-Fetch-{header}", "none") for header in ("Site", "Mode", "Dest"))
        # A link on another page may lead here: that page learns nothing from it.
        is_visit = (name, mode, dest) == ("index.html", "navigate", "document")
        return site in ("same-origin", "none") or is_visit

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse a request, in a line of text, and hear no more on this connection."""
        self.close_connection = True
        self._send(HTTPStatus(code), f"{message or HTTPStatus(code).phrase}\n".encode(), "text/plain; charset=utf-8")

    def _send(self, status: HTTPStatus, data: bytes, type_: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", type_)
        self.send_header("Content-Length", str(len(data)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self._send_common()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _send_common(self) -> None:
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()

    def _tell(self) -> None:
        """Tell of each state as it comes, as server-sent events, until the page goes away."""
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self._send_common()
        version = ""
        while self.command != "HEAD" and not self.server.watch.ended:
            newest = self.server.watch.newer(version, KEEP_ALIVE).version
            self.wfile.write(b": still here\n\n" if newest == version else f"data: {newest}\n\n".encode())
            version = newest

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the terminal is the author's."""


def serve(watch: Watch, port: int | None) -> Server:
    """A server on the port asked for; without one on the usual port, or on a free one if that is
    taken. Raises PreviewError."""
    if port is not None:
        return Server(watch, port)
    try:
        return Server(watch, PORT)
    except PreviewError:
        return Server(watch, 0)
