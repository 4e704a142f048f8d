"""A browser for tests: the chromium of this machine, through Playwright; else they are skipped."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

# It asks nobody for anything but the page. The sandbox needs rights that containers lack.
ARGUMENTS = """
    --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync
"""
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NEEDED = "no chromium on this machine; `apt-get install chromium` brings one"
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
SLOW = 120_000  # milliseconds; a shared machine


@contextmanager
def started() -> Iterator[Any]:
    """Start the browser, and end it."""
    from playwright.sync_api import sync_playwright

    os.environ.setdefault("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS.split(), timeout=SLOW
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip(NEEDED)
    pytest.importorskip("playwright.sync_api", reason="no Playwright; see CONTRIBUTING.md")
    with started() as chromium:
        yield chromium


def open_page(browser: Any, address: str, scheme: str = "light", size: Any = WIDE) -> Any:
    """Open a page; `page.requests` is what it asks for, `page.dialogs` what pops up."""
    page = browser.new_page(color_scheme=scheme, viewport=size)
    page.set_default_timeout(SLOW)
    page.requests, page.dialogs = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("dialog", lambda dialog: (page.dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(address)
    return page


def violations(page: Any) -> list[str]:
    """Return what axe finds, each with the first place."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def widens(page: Any) -> bool:
    """Return whether a page is wider than its window, so that lines must be scrolled to be read."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
