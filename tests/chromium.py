"""A page of Debian's Chromium, headless, driven by Playwright as a person would: mouse and keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

SIZE = {"width": 1400, "height": 1300}


def find_chromium() -> str | None:
    """Return Chromium's path; None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def started() -> Iterator[Browser]:
    """Start Chromium; one at a time in a process."""
    with sync_playwright() as player:
        # Chromium's own sandbox needs a user namespace, which CI may lack
        browser = player.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


class Screen:
    """What somebody sits before: looks at the page, moves the mouse, presses keys.

    Parameters
    ----------
    page : playwright.sync_api.Page
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def tell(self, script: str) -> Any:
        """Return the value of a piece of JavaScript, awaited."""
        return self.page.evaluate(script)

    def wait_for(self, script: str, seconds: float = 60) -> Any:
        """Return the script's value as soon as it is true; a timeout says what the page said."""
        try:
            found = self.page.wait_for_function(script, timeout=1000 * seconds)
        except Exception as error:
            raise TimeoutError(f"never true: {script}; the page said {self.said}") from error
        return found.json_value()

    def press(self, key: str) -> None:
        """Press and release a key."""
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text where the caret stands."""
        self.page.keyboard.insert_text(text)

    def click(self, selector: str) -> None:
        """Click the middle of an element, brought into view."""
        self.drag(selector, 0)

    def drag(self, selector: str, right: float) -> None:
        """Press the mouse on an element, move it so many pixels to the right, release it."""
        element = self.page.locator(selector).first
        element.evaluate("e => e.scrollIntoView({block: 'center'})")
        box = element.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        if right:
            self.page.mouse.move(x + right, y, steps=5)
        self.page.mouse.up()
