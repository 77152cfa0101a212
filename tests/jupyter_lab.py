"""A real JupyterLab of its own, with one notebook open in a headless Chromium."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from playwright.sync_api import Browser

from tests.chromium import SIZE, Screen

ROOT = Path(__file__).parents[1]


@contextlib.contextmanager
def opened_notebook(browser: Browser, folder: Path, source: str) -> Iterator[Screen]:
    """Run one cell in JupyterLab and give the screen that shows it.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
    folder : Path
        Empty; everything the server and the browser write goes there.
    source : str
        The cell.
    """
    books = folder / "books"
    books.mkdir()
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(book, books / "tuner.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_DATA_DIR": folder / "data",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
        "IPYTHONDIR": folder / "ipython",
        "PYTHONPATH": ROOT,
    }
    log = (folder / "jupyter.log").open("w")
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"),
            *("--IdentityProvider.token=made-up", f"--ServerApp.root_dir={books}"),
            *("--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None"),
        ],
        stdout=log,
        stderr=log,
        env={k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        | {name: str(path) for name, path in own.items()},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _until(lambda: _answers(f"{address}/api?token=made-up"), 120)
        with browser.new_context(viewport=SIZE) as opened:
            page = Screen(opened.new_page())
            page.page.goto(f"{address}/doc/tree/tuner.ipynb?token=made-up")
            context = "window.jupyterapp?.shell?.currentWidget?.sessionContext"
            page.wait_for(f"{context}?.session?.kernel?.status === 'idle'", 120)
            # Not awaited: what the cell shows is the answer.
            page.tell("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
            yield page
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310
            return answer.status == 200
    except OSError:
        return False


def _until(ask: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not ask():
        if time.monotonic() > end:
            raise TimeoutError(f"JupyterLab did not answer within {seconds:g} seconds")
        time.sleep(0.05)
