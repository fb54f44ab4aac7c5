"""Pictures of every kind of public page: phone and desktop, day and night, three scripts.

    .venv/bin/python docs/screenshots/make.py FOLDER   all of them, as PNG, to be looked at
    .venv/bin/python docs/screenshots/make.py          the few that stand beside this file, as WebP

Needs Playwright and Chromium; serves the sample site from a folder of its own, on loopback.
"""

import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WINDOWS = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}
SCHEMES = ("light", "dark")
QUALITY = 72  # of WebP
SECONDS_TO_START = 60
LOAD_ALL = """() => Promise.all([...document.images].map(each => {
  each.loading = "eager";
  return each.decode().catch(() => null);
}))"""
# What the worker does every hour: typing errors are corrected to these.
LEARN_WORDS = "from blog.search.suggest import refresh_words; refresh_words()"
PAGES = {
    "home": "/",
    "home-chinese": "/zh-hans/",
    "post": "/posts/why-we-still-write-in-plain-text/",
    "post-wide": "/posts/how-to-grind-ink/",
    "post-code": "/posts/a-small-program-that-waits/",
    "post-chinese": "/posts/letters-to-the-future/",
    "post-arabic": "/posts/arabic/",
    "page": "/about/",
    "archive": "/archive/",
    "year": "/archive/2026/",
    "month": "/archive/2026/11/",
    "tags": "/tags/",
    "tag": "/tags/writing/",
    "categories": "/categories/",
    "series": "/series/",
    "authors": "/authors/",
    "author": "/authors/ada_reyes/",
    "search": "/search/?q=ink",
    "search-chinese": "/zh-hans/search/?q=墨",
    "search-typo": "/search/?q=plian",
    "search-nothing": "/search/?q=pterodactyl",
    "nowhere": "/nowhere/",
    "sign-in": "/account/login/",
    "sign-up": "/account/signup/",
    "new-password": "/account/password/reset/",
}
# Those that are kept here: page, window, scheme.
KEPT = (
    ("home", "desktop", "light"),
    ("home", "phone", "dark"),
    ("home-chinese", "desktop", "light"),
    ("post", "desktop", "dark"),
    ("post-code", "desktop", "light"),
    ("post-chinese", "desktop", "light"),
    ("post-arabic", "phone", "light"),
    ("archive", "desktop", "light"),
    ("search", "phone", "light"),
)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with sample_site() as address, sync_playwright() as library:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = library.chromium.launch(executable_path=chromium, args=FLAGS)
        if folder is None:
            for page, window, scheme in KEPT:
                png = taken(browser, address, page, window, scheme, whole=False)
                with Image.open(io.BytesIO(png)) as image:
                    image.save(HERE / f"{page}-{window}-{scheme}.webp", quality=QUALITY, method=6)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            for page in PAGES:
                for window in WINDOWS:
                    for scheme in SCHEMES:
                        png = taken(browser, address, page, window, scheme, whole=True)
                        (folder / f"{page}-{window}-{scheme}.png").write_bytes(png)
        browser.close()


def taken(
    browser: Browser, address: str, page: str, window: str, scheme: str, *, whole: bool
) -> bytes:
    """A PNG of what a window shows first, or of the `whole` page."""
    context = browser.new_context(
        viewport=WINDOWS[window],
        color_scheme=scheme,
        reduced_motion="reduce",
        is_mobile=window == "phone",
        has_touch=window == "phone",
    )
    tab = context.new_page()
    tab.goto(address + PAGES[page], wait_until="networkidle")
    if whole:  # pictures further down load when they come near
        tab.evaluate(LOAD_ALL)
    png = tab.screenshot(full_page=whole)
    context.close()
    return png


@contextmanager
def sample_site(*more: list[str]) -> Iterator[str]:
    """The address of a site with the sample, one text, and what `more` commands put there."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        address = f"http://127.0.0.1:{port}"
        env = {**os.environ, "DATA_DIR": folder, "SITE_URL": address}
        texts = Path(folder) / "texts"
        texts.mkdir()
        shutil.copy(HERE / "arabic.md", texts)  # the sample has no text that runs from the right
        for command in (
            ["migrate", "-v0"],
            ["createcachetable"],
            ["load_sample"],
            ["import_markdown", str(texts)],
            ["shell", "-v0", "-c", LEARN_WORDS],
            *more,
        ):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True)
        serve = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
        with open(Path(folder) / "log", "wb") as log:
            server = subprocess.Popen(serve, cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            _wait_for(address)
            yield address
        finally:
            server.terminate()
            server.wait()


def _wait_for(address: str) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        with suppress(OSError), urlopen(f"{address}/healthz", timeout=1):
            return
        time.sleep(0.2)
    raise TimeoutError(f"{address} does not answer.")


if __name__ == "__main__":
    main()
