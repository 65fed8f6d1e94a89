"""A Jupyter server and a browser for tests, as students and instructors have them."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
IN_A_BROWSER = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]

# Without these, a browser that can't reach the network keeps trying to.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--no-first-run"]
PATIENCE = 120_000  # milliseconds, for a machine that does much else


@contextmanager
def jupyter_server(folder: Path) -> Iterator[str]:
    """The address of a Jupyter server on a folder; {} is where the path of a page goes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(8)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"]
    command += ["--allow-root", "--ServerApp.port_retries=0"]
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder / ".jupyter")}
    environment["JUPYTER_RUNTIME_DIR"] = str(folder / ".runtime")
    process = subprocess.Popen(
        command,
        cwd=folder,  # where nbgrader looks for its configuration
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/status?token={token}")
        yield f"http://127.0.0.1:{port}/{{}}?token={token}"
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def open_page() -> Iterator[Any]:
    """A page of a browser."""
    with playwright.sync_playwright() as run:
        browser = run.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.set_default_timeout(PATIENCE)
        yield page
        browser.close()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
