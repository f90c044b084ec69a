"""The server: what it sends, to whom, and how soon it tells of a save."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from aipm_cards.content.live import Live
from aipm_cards.errors import PreviewError
from aipm_cards.preview import watch as module
from aipm_cards.preview.server import ADDRESS, MOST, Server, serve
from aipm_cards.preview.watch import Watch
from tests.packages.sample import edit
from tests.preview.browser import until

Serve = Callable[..., Server]


def ask(
    server: Server, path: str = "/", method: str = "GET", **headers: str | None
) -> tuple[int, dict[str, str], bytes]:
    """An answer: status, headers, content. `Host` is ours unless another is given; None sends none."""
    given = {"Host": server.hosts[0], **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection = http.client.HTTPConnection(ADDRESS, server.server_port, timeout=10)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in given.items():
        if value is not None:
            connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), content


def test_it_serves_the_files_of_the_site(served: Serve, sample: Path) -> None:
    server = served(sample)
    for name in ["", *server.watch.site.names()]:
        status, headers, content = ask(server, f"/{name}")
        assert status == 200
        assert content == server.watch.site.read(name or "index.html")
        assert headers["Content-Length"] == str(len(content))
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert ask(server, "/app.js")[1]["Content-Type"] == "text/javascript; charset=utf-8"
    assert ask(server, "/?x=1")[0] == 200
    assert ask(server, method="HEAD")[2] == b""


def test_it_listens_to_this_machine_only(served: Serve, sample: Path) -> None:
    assert served(sample).server_address[0] == "127.0.0.1"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "127.0.0.1"},
        {"Host": None},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "script"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/index.json", "/events"])
def test_other_sites_are_refused(served: Serve, sample: Path, headers: dict[str, str | None], path: str) -> None:
    status, _, content = ask(served(sample), path, **headers)
    assert status == 403
    assert b"precision" not in content


def test_the_person_at_the_machine_is_not(served: Serve, sample: Path) -> None:
    server = served(sample)
    local = server.hosts[1]
    assert ask(server, Host=local, Origin=f"http://{local}", Sec_Fetch_Site="same-origin")[0] == 200
    assert ask(server, Sec_Fetch_Site="none")[0] == 200
    visit = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert ask(server, **visit)[0] == 200
    assert ask(server, "/index.json", **visit)[0] == 403


def ask_raw(server: Server, request: str) -> bytes:
    """All that is answered to a request as it stands, until the connection is closed."""
    with socket.create_connection((ADDRESS, server.server_port), timeout=20) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("more", ["Host: evil.example", "Host: {0}", "Origin: http://{0}\nOrigin: null", "Origin: "])
def test_a_name_or_an_origin_that_is_said_twice_is_refused(served: Serve, sample: Path, more: str) -> None:
    server = served(sample)
    host = server.hosts[0]
    answer = ask_raw(server, f"GET / HTTP/1.1\nHost: {host}\n{more.format(host)}\n\n")
    assert answer.startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("POST / HTTP/1.1\nHost: {0}\nContent-Length: 40\n\nGET / HTTP/1.1\nHost: {0}\n\n", 501),
        ("GET / HTTP/1.1\nHost: evil.example\n\nGET / HTTP/1.1\nHost: {0}\n\n", 403),
        ("GET / HTTP/1.1\nHost: {0}\n" + "X: 1\n" * 200 + "\n", 431),
        ("\x16\x03\x01\n\n", 400),
        ("GET / HTTP/2.0\n\n", 505),
    ],
)
def test_what_is_refused_ends_the_connection(served: Serve, sample: Path, request_: str, status: int) -> None:
    server = served(sample)
    answer = ask_raw(server, request_.replace("{0}", server.hosts[0]))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert answer.count(b"HTTP/") == 1
    assert b"Content-Security-Policy: default-src 'none'" in answer
    assert b"Content-Type: text/plain" in answer


def test_connections_are_bounded(served: Serve, sample: Path) -> None:
    server = served(sample)
    before = threading.active_count()
    with ExitStack() as open_:
        for _ in range(3 * MOST):
            open_.enter_context(socket.create_connection((ADDRESS, server.server_port))).sendall(b"GET / HT")
        assert ask_raw(server, "GET / HTTP/1.1\n\n") == b""  # it came behind them all
        assert threading.active_count() <= before + MOST
    until(lambda: threading.active_count() <= before, "the end of the idle connections")
    assert ask(server)[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_can_be_sent_to_it(served: Serve, sample: Path, method: str) -> None:
    assert ask(served(sample), method=method)[0] == 501


@pytest.mark.parametrize(
    "path",
    ["/../collection.yaml", "/media/../../collection.yaml", "/%2e%2e/collection.yaml", "//etc/passwd", "/metrics.yaml"],
)
def test_no_path_reaches_the_disk(served: Serve, sample: Path, path: str) -> None:
    assert ask(served(sample), path)[0] == 404


def test_a_port_that_is_taken(served: Serve, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = served(sample)
    taken = server.server_port
    with pytest.raises(PreviewError, match=f"port {taken}"):
        serve(server.watch, taken)
    monkeypatch.setattr("aipm_cards.preview.server.PORT", taken)
    with serve(server.watch, None) as other:
        assert other.server_port not in (0, taken)


# --- what happens on a save ------------------------------------------------------------------


def test_a_save_is_told_of(served: Serve, sample: Path) -> None:
    server = served(sample)
    connection = http.client.HTTPConnection(ADDRESS, server.server_port, timeout=10)
    connection.request("GET", "/events", headers={"Host": server.hosts[0]})
    answer = connection.getresponse()
    assert answer.getheader("Content-Type") == "text/event-stream"
    first = answer.readline()
    assert first == f"data: {server.watch.site.version}\n".encode()
    edit(sample / "talk.yaml", "Design a review queue.", "Design a better queue.")
    answer.readline()
    second = answer.readline()
    assert second.startswith(b"data: ")
    assert second != first
    index = json.loads(ask(server, "/index.json")[2])
    assert f"data: {index['version']}\n".encode() == second
    assert "Design a better queue." in [entry.get("title") for entry in index["entries"]]
    connection.close()


def test_a_broken_save_keeps_the_rest(served: Serve, sample: Path) -> None:
    server = served(sample)
    version = server.watch.site.version
    edit(sample / "talk.yaml", "    round: SD", "   round: SD")
    newest = server.watch.newer(version, 10)
    left_out = [entry.key for entry in newest.entries if entry.note is None]
    assert left_out == ["design-a-queue"]
    assert len(newest.entries) == 8


def test_a_bug_in_the_reading_ends_nothing(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bugs: list[Exception] = []
    seen = threading.Event()
    monkeypatch.setattr(module, "PAUSE", 0.01)
    with Watch(Live(sample), "", lambda error: (bugs.append(error), seen.set())) as watch:  # type: ignore[func-returns-value]
        version = watch.site.version
        with monkeypatch.context() as broken:
            broken.setattr(module, "site", lambda *_, **__: 1 / 0)
            edit(sample / "talk.yaml", "Design a", "Draw a")
            assert seen.wait(10)
        assert watch.site.version == version
        edit(sample / "talk.yaml", "Draw a", "Plan a")
        assert watch.newer(version, 10).version != version
    assert len(bugs) == 1
    assert watch.ended
