"""`aipm-cards preview`."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from aipm_cards.cli import preview
from aipm_cards.preview.server import Server
from tests.cli.conftest import Run
from tests.packages.sample import edit


def test_out_writes_a_directory(run: Run, sample: Path) -> None:
    edit(sample / "talk.yaml", "minutes: 20", "minuts: 20")
    result = run("preview", sample, "--out", "page")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("page: 7 notes from sample, 1 error, in ")
    assert len(json.loads(Path("page/index.json").read_bytes())["entries"]) == 8
    assert run("preview", sample, "--out", "page").code == 0


def test_out_of_a_part(run: Run, sample: Path) -> None:
    assert run("preview", sample / "talk.yaml", "--out", "page").out.startswith("page: 3 notes from ")
    assert run("preview", sample / "collection.yaml", "--out", "page").out.startswith("page: 8 notes from ")


@pytest.mark.parametrize(
    "arguments", [("nowhere",), ("sample", "--out", "sample"), ("sample", "--out", "."), ("sample", "--port", "70000")]
)
def test_it_cannot_run(run: Run, sample: Path, arguments: tuple[str, ...]) -> None:
    before = sorted(path.name for path in sample.iterdir())
    assert run("preview", *arguments).code == 2
    assert sorted(path.name for path in sample.iterdir()) == before


def test_help_does_not_read_yaml(run: Run) -> None:
    assert "Look at the cards in a browser" in run("preview", "--help").out


def test_a_port_that_is_taken(run: Run, sample: Path) -> None:
    from http.server import BaseHTTPRequestHandler, HTTPServer

    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        result = run("preview", sample, "--port", other.server_port)
    assert result.code == 2
    assert "try --port 0" in result.err


@pytest.mark.parametrize(("opens", "complains"), [(True, False), (False, True)])
def test_open(run: Run, sample: Path, monkeypatch: pytest.MonkeyPatch, opens: bool, complains: bool) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or opens)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Server, "serve_forever", interrupted)
    result = run("preview", sample, "--open", "--port", 0)
    assert result.code == 0
    assert result.out.startswith(f"{opened[0]}: 8 notes from sample, no problems; Ctrl-C ends it")
    assert ("no browser" in result.err) == complains
    assert threading.active_count() == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_it_well(sample: Path) -> None:
    command = [sys.executable, "-m", "aipm_cards", "preview", str(sample), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().split(": ")[0]
        connection = http.client.HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=10)
        connection.request("GET", "/events")
        assert connection.getresponse().readline().startswith(b"data: ")  # a page is open
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        connection.close()
    assert (process.returncode, out.strip(), err) == (0, "", "")


def test_a_bug_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("a planted bug")
    except ValueError as error:
        preview._report(error)
    said = capsys.readouterr().err
    assert "ValueError: a planted bug" in said
    assert "this is a bug" in said


@pytest.mark.parametrize("name", ["index.html", "app.css", "app.js", "frame.css", "frame.js"])
def test_assets_are_inside_the_package(name: str) -> None:
    assert (Path(preview.__file__).parents[1] / "preview" / "assets" / name).read_text(encoding="utf-8")
