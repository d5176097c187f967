"""A real browser before a real web server, on the database of the tests; whatever the browser complains of fails the test."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

ROOT = Path(__file__).parents[2]
ASKED_FOR = re.compile("the server responded with a status of 4|Response Status Error Code 4")
"""Refusals that a test provokes."""
CHROMIUM = os.environ.get("RONGSHU_CHROMIUM", "/usr/bin/chromium")

Open = Callable[..., Page]


@contextmanager
def serving(command: Callable[[int], list[str]], path: str) -> Iterator[str]:
    """A web server on a free port, from when `path` answers until the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command(port), stdout=said, stderr=said, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        try:
            for _ in range(300):
                try:
                    with urlopen(base + path, timeout=2):
                        break
                except (URLError, OSError):
                    if process.poll() is not None:
                        said.seek(0)
                        raise RuntimeError(said.read().decode()) from None
                    time.sleep(0.1)
            yield base
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; name one with RONGSHU_CHROMIUM")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield found
        found.close()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the product answers."""
    from rongshu.interfaces.cli.up import _web

    with serving(lambda port: _web("127.0.0.1", port, 1), "/healthz") as base:
        yield base


@pytest.fixture(scope="session")
def gallery() -> Iterator[str]:
    """Where every page answers with its sample."""
    with serving(lambda port: [sys.executable, "-m", "tests.interfaces.gallery", str(port)], "/portal/") as base:
        yield base


@pytest.fixture(scope="session")
def shop() -> Shop:
    """A small tenant with people, orders and refunds."""
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture(autouse=True)
def unhurried(request: pytest.FixtureRequest) -> None:
    """The same few people sign in again and again, many more times within minutes than people do: their attempts are forgotten."""
    if "shop" in request.fixturenames:
        from django.db import connection

        from rongshu.kernel.secrets import fingerprint

        shop: Shop = request.getfixturevalue("shop")
        names = (shop.owner, shop.reader, shop.support, shop.promoter)
        keys = [fingerprint("throttle:sign-in", f"{name.casefold()}|127.0.0.1") for name in names]
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM kernel_throttle WHERE key = ANY (%s)", [keys])


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Opens a window of its own; what the browser complains of (but answers of 4xx that a test asks for) fails the test."""
    complaints: list[str] = []
    contexts = []

    def told(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not ASKED_FOR.search(message.text):
            complaints.append(f"{message.location.get('url', '')}: {message.text}")

    def opened(*, width: int = 1280, language: str = "zh-CN", theme: str = "light", agent: str | None = None) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, locale=language, color_scheme=theme, reduced_motion="reduce", user_agent=agent  # type: ignore[arg-type]
        )  # fmt: skip
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", told)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
