"""A real browser on the site, served by this very process.

These tests run only when asked for by their path, as the step `browser` of `.ci/run` does: the
browser's library and the test runner must not share a process with other tests.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core import mail
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Nothing is timed: this only ends what would wait for ever, however busy the machine is.
PATIENCE = 60_000  # milliseconds
expect.set_options(timeout=PATIENCE)
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
# A folder that keeps a picture of each page the tests come by; none without it.
PICTURES = os.environ.get("BROWSER_PICTURES", "")


def pytest_ignore_collect(collection_path, config):
    return None if any("browser" in str(argument) for argument in config.args) else True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """SQLite in a file: in memory all threads of the server would share one connection, and one
    could not begin a transaction while another is in one."""
    if connection.vendor == "sqlite":
        place = tmp_path_factory.mktemp("database") / "browser.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(place)


def launch(library: Playwright) -> Browser:
    """Chromium, which on a busy machine may fail to start: then once more, and again."""
    for tries_left in (2, 1, 0):
        try:
            return library.chromium.launch(
                executable_path=CHROMIUM, args=FLAGS, timeout=3 * PATIENCE
            )
        except PlaywrightError:
            if not tries_left:
                raise
    raise AssertionError("It started, or it was told why not.")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("chromium is not installed, and CHROMIUM names none")
    # The library keeps an event loop in this thread; what Django guards against does not happen.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as library:
        browser = launch(library)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(live_server, settings) -> str:
    """The address of the site, by the name for which browsers make passkeys."""
    settings.SITE_URL = live_server.url
    settings.ALLOWED_HOSTS = ["localhost"]
    return live_server.url


@pytest.fixture
def context(chromium, site) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=site, viewport=PHONE)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(context) -> Iterator[Page]:
    """A page that fails the test when it breaks the content policy or throws."""
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda message: wrong.append(message.text) if _is_violation(message.text) else None,
    )
    yield page
    assert wrong == []


def _is_violation(text: str) -> bool:
    return "Content Security Policy" in text or "Content-Security-Policy" in text


@pytest.fixture
def picture(page):
    """`picture("sign-in")`: keep how the page looks, small and large, by day and by night."""

    def keep(name: str) -> None:
        if not PICTURES:
            return
        for size in (PHONE, DESKTOP):
            for scheme in ("light", "dark"):
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)
                file = Path(PICTURES) / f"{name}-{size['width']}-{scheme}.png"
                page.screenshot(path=file, full_page=True)
        page.set_viewport_size(PHONE)
        page.emulate_media(color_scheme="light")

    return keep


@pytest.fixture
def last_mail():
    """The text of the mail that was sent last."""
    return lambda: mail.outbox[-1].body
