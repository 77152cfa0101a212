"""A headless Chromium driven as a person would: mouse, keys, and what stands on the page.

Spoken over Chromium's own DevTools protocol: one connection, a handful of commands, no second
browser to download.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import websocket

QUIET = (
    "--headless",
    "--no-sandbox",  # Chromium's own needs a user namespace, which CI may lack
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
KEYS = {"ArrowRight": 39, "ArrowLeft": 37, "PageUp": 33, "Tab": 9, "Enter": 13}


def find_chromium() -> str | None:
    """Return Chromium's path; None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Chromium:
    """One page of a headless Chromium; close it, or use it in a ``with`` block."""

    def __init__(self, profile: Path, size: tuple[int, int] = (1400, 1300)) -> None:
        options = ["--remote-debugging-port=0", f"--user-data-dir={profile}"]
        self.process = subprocess.Popen(
            [find_chromium() or "chromium", *QUIET, *options, f"--window-size={size[0]},{size[1]}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.said: list[str] = []
        self._number = 0
        try:
            port = _until(lambda: _first_line(profile / "DevToolsActivePort"), 60)
            pages = _until(lambda: _pages(port), 30)
            address = next(page for page in pages if page["type"] == "page")
            self.socket = websocket.create_connection(
                address["webSocketDebuggerUrl"], suppress_origin=True, timeout=120
            )
        except BaseException:
            self.close()
            raise
        self.call("Page.enable")
        self.call("Runtime.enable")
        self.call("Page.bringToFront")

    def __enter__(self) -> Chromium:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End this browser."""
        if hasattr(self, "socket"):
            self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command of the protocol and return its result; complaints go to ``said``."""
        self._number += 1
        self.socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("method") == "Runtime.exceptionThrown":
                self.said.append(json.dumps(answer["params"]["exceptionDetails"])[:500])
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def tell(self, script: str) -> Any:
        """Return the value of a piece of JavaScript, awaited."""
        found = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in found:
            raise RuntimeError(json.dumps(found["exceptionDetails"])[:1000])
        return found["result"].get("value")

    def wait_for(self, script: str, seconds: float = 60) -> Any:
        """Return the script's value as soon as it is true.

        Raises
        ------
        TimeoutError
            With the page's own complaints.
        """
        try:
            return _until(lambda: self.tell(script), seconds)
        except TimeoutError:
            raise TimeoutError(f"never true: {script}; the page said {self.said}") from None

    def press(self, key: str) -> None:
        """Press and release a key."""
        about = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        self.call("Input.dispatchKeyEvent", type="rawKeyDown", **about)
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def type(self, text: str) -> None:
        """Type a text where the caret stands."""
        self.call("Input.insertText", text=text)

    def place(self, selector: str) -> tuple[float, float]:
        """Return the middle of an element, brought into view."""
        return tuple(
            self.tell(
                f"(() => {{ const e = document.querySelector({selector!r});"
                "e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
                "return [r.x + r.width / 2, r.y + r.height / 2] })()"
            )
        )

    def click(self, selector: str) -> None:
        """Click the middle of an element."""
        self.drag(selector, 0)

    def drag(self, selector: str, right: float) -> None:
        """Press the mouse on an element, move it so many pixels to the right, release it."""
        x, y = self.place(selector)
        self._mouse("mouseMoved", x, y)
        self._mouse("mousePressed", x, y)
        for step in range(1, 6) if right else ():
            self._mouse("mouseMoved", x + right * step / 5, y)
        self._mouse("mouseReleased", x + right, y)

    def _mouse(self, kind: str, x: float, y: float) -> None:
        held = 0 if kind == "mouseMoved" else 1
        self.call(
            "Input.dispatchMouseEvent",
            type=kind, x=x, y=y, button="left", buttons=1, clickCount=held,
        )  # fmt: skip

    def picture(self, path: Path) -> None:
        """Save what is on the screen as PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))


def _first_line(path: Path) -> str:
    return path.read_text().split("\n")[0] if path.exists() else ""


def _pages(port: str) -> list[dict[str, str]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=10) as answer:
            found = json.load(answer)
    except OSError:
        return []
    return found if any(page["type"] == "page" for page in found) else []


def _until(ask: Any, seconds: float) -> Any:
    end = time.monotonic() + seconds
    while True:
        if found := ask():
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"nothing after {seconds:g} seconds")
        time.sleep(0.05)
