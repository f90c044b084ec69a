"""The preview on this machine: a server that only the person at it can read.

It listens on 127.0.0.1 alone. A page of another site can still make a browser ask: so the Host
must be ours (a name that was turned to 127.0.0.1 is not), and a request that a browser marks as
another site's is refused. It only knows the files of a `Site`: no path reaches the disk.
"""

from __future__ import annotations

import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aipm_cards.errors import PreviewError
from aipm_cards.preview.site import content_type, page_policy
from aipm_cards.preview.watch import Watch

ADDRESS = "127.0.0.1"
PORT = 8017
KEEP_ALIVE = 10.0  # seconds after which a page is told that nothing happened

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
    allow_reuse_address = sys.platform != "win32"  # there it would share the port with another program
    block_on_close = False

    def __init__(self, watch: Watch, port: int) -> None:
        self.watch = watch
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

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that went away in the middle of an answer is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "aipm-cards"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        """Send a file of the site, or tell of the next state."""
        if not self._is_ours():
            self._send(HTTPStatus.FORBIDDEN, b"This preview is for the person at this machine.\n", "text/plain")
            return
        name = self.path.partition("?")[0].removeprefix("/") or "index.html"
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

    def _is_ours(self) -> bool:
        """Whether the page that asks is this preview, or the person typed its address."""
        host = self.headers.get("Host", "")
        origin = self.headers.get("Origin")
        if host not in self.server.hosts or (origin is not None and origin != f"http://{host}"):
            return False
        site = self.headers.get("Sec-Fetch-Site", "none")
        # A link on another page may lead here: that page learns nothing from it.
        is_visit = self.headers.get("Sec-Fetch-Mode") == "navigate" and self.headers.get("Sec-Fetch-Dest") == "document"
        return site in ("same-origin", "none") or is_visit

    def _send(self, status: HTTPStatus, data: bytes, type_: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", type_)
        self.send_header("Content-Length", str(len(data)))
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
