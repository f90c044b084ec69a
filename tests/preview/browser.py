"""A Chromium without a window, told what to do over its DevTools protocol."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE = 40.0  # seconds after which what is waited for does not come
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-dev-shm-usage", "--remote-debugging-port=0"),
)


def chromium() -> str | None:
    """The browser of this machine, None if it has none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Tab:
    """A page of the browser. What it logs and what it loads is kept."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(
            address, suppress_origin=True, timeout=PATIENCE, skip_utf8_validation=True
        )
        self._last = 0
        self._events: deque[tuple[str, dict[str, Any], str]] = deque()
        self.logged: list[str] = []
        self.loaded: list[str] = []
        self.contexts: dict[tuple[str, int], str] = {}  # (session, context) -> frame
        self._enable("")

    def _enable(self, session: str) -> None:
        for method in ("Runtime.enable", "Log.enable", "Network.enable", "Page.enable"):
            self._ask(method, session, {})
        auto = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True}
        self._ask("Target.setAutoAttach", session, auto)

    def send(self, method: str, *, session: str = "", **params: Any) -> dict[str, Any]:
        """A command and its result."""
        result = self._ask(method, session, params)
        while self._events:
            self._note(*self._events.popleft())
        return result

    def _ask(self, method: str, session: str, params: dict[str, Any]) -> dict[str, Any]:
        self._last += 1
        wanted = self._last
        message: dict[str, Any] = {"id": wanted, "method": method, "params": params}
        self._socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == wanted:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result
            if answer.get("method") == "Target.detachedFromTarget" and answer["params"]["sessionId"] == session:
                self._events.append((answer["method"], answer["params"], ""))
                raise RuntimeError("the frame is gone")
            if "method" in answer:
                self._events.append((answer["method"], answer["params"], answer.get("sessionId", "")))
        raise AssertionError(f"no answer: {method}")

    def _note(self, event: str, params: dict[str, Any], session: str) -> None:
        if event == "Target.attachedToTarget":  # a frame with a process of its own
            with contextlib.suppress(RuntimeError):  # it may be gone again
                self._enable(params["sessionId"])
        elif event == "Runtime.executionContextCreated":
            context = params["context"]
            if context["auxData"].get("isDefault"):
                self.contexts[session, context["id"]] = context["auxData"]["frameId"]
        elif event == "Runtime.executionContextDestroyed":
            self.contexts.pop((session, params["executionContextId"]), None)
        elif event == "Runtime.executionContextsCleared":
            self.contexts = {key: frame for key, frame in self.contexts.items() if key[0] != session}
        elif event == "Target.detachedFromTarget":
            self.contexts = {key: frame for key, frame in self.contexts.items() if key[0] != params["sessionId"]}
        elif event == "Log.entryAdded":
            self.logged.append(params["entry"]["text"])
        elif event == "Runtime.exceptionThrown":
            self.logged.append(params["exceptionDetails"]["exception"].get("description", "exception"))
        elif event == "Network.requestWillBeSent":
            self.loaded.append(params["request"]["url"])

    def run(self, script: str, session: str = "", context: int | None = None) -> Any:
        """What an expression gives on the page, or in a frame by its session and context."""
        where = {} if context is None else {"contextId": context}
        given = {"expression": script, "returnByValue": True, "awaitPromise": True, **where}
        result = self.send("Runtime.evaluate", session=session, **given)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def wait(self, script: str) -> Any:
        """The first true value that an expression gives on the page."""
        return until(lambda: self.run(script), script)

    def in_frames(self, script: str) -> list[Any]:
        """What an expression gives in each frame of the page."""
        top = self.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        found = []
        for (session, context), frame in list(self.contexts.items()):
            if frame != top:
                with contextlib.suppress(RuntimeError):  # it may be gone again
                    found.append(self.run(script, session, context))
        return found

    def open(self, address: str) -> None:
        """Go to an address."""
        self.send("Page.navigate", url="about:blank")
        self.logged.clear()
        self.loaded.clear()
        self.send("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")

    def size(self, width: int, height: int, *, dark: bool = False) -> None:
        """How large the window is, and what the person's system prefers."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def press(self, key: str) -> None:
        """Press and release a key."""
        text = {"text": key} if len(key) == 1 else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key)

    def picture(self, path: Path) -> None:
        """Write what is to be seen as a PNG."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()


def until(look: Callable[[], Any], what: str) -> Any:
    """The first true value, within some seconds."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with contextlib.suppress(RuntimeError):  # a page between two others
            if value := look():
                return value
        time.sleep(0.05)
    raise AssertionError(f"it never came: {what}")


@contextlib.contextmanager
def browser(program: str, profile: Path) -> Iterator[Tab]:
    """A browser with one page, which is ended at the end."""
    with open(profile.with_suffix(".log"), "wb") as log:
        process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"], stdout=log, stderr=log
        )
    try:
        port = until(lambda: _port(profile), "the port of the browser").split()[0]
        address = until(lambda: _page(port), "a page of the browser")
        tab = Tab(address)
        yield tab
        tab.close()
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _port(profile: Path) -> str:
    try:
        return (profile / "DevToolsActivePort").read_text(encoding="utf-8")
    except OSError:
        return ""


def _page(port: str) -> str:
    from urllib.request import urlopen

    with urlopen(f"http://127.0.0.1:{port}/json/list", timeout=PATIENCE) as answer:
        pages = [page for page in json.load(answer) if page["type"] == "page"]
    return str(pages[0]["webSocketDebuggerUrl"]) if pages else ""
