"""Ask axe-core what is wrong with the page that a browser shows.

axe-core comes from npm; AXE_JS names its `axe.min.js`. Without it the tests that ask are skipped,
with a message: `.ci/run` fetches it.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE

AXE_JS = os.environ.get("AXE_JS", "")
# What axe calls "moderate" and "minor" is advice, not a wall that somebody stands before.
GRAVE = {"serious", "critical"}
# Preloading would write style sheets into the page, which its content policy refuses.
QUICK = "iframes: false, preload: false, resultTypes: ['violations']"
RUN = f"options => axe.run(document, {{{QUICK}, ...options}})"
ONLY_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}

needs_axe = pytest.mark.skipif(
    not AXE_JS, reason="axe-core is not here: AXE_JS names its axe.min.js"
)


def violations(page: Page, *, grave: bool = True, options: dict | None = None) -> list[str]:
    """What axe finds on the page as it is shown now, one line for each element: only what is
    `grave`, or of any level.

    Needs no `<script>`, which the content policy of the page would refuse.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(Path(AXE_JS).read_text(encoding="utf-8"))
    # Colours on their way from one to another are neither.
    page.evaluate(
        "Promise.allSettled(document.getAnimations()"
        ".filter(each => each.effect.getComputedTiming().endTime !== Infinity)"
        ".map(each => each.finished))"
    )
    found = page.evaluate(RUN, options or {})["violations"]
    return [
        f"{page.url}: {rule['id']} ({rule['impact']}): {node['html'][:200]}"
        for rule in found
        if not grave or rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def violations_everywhere(page: Page) -> list[str]:
    """`violations` on a phone by night and a desktop by day; leaves the page as the latter.

    The other two pairs would find the same again: no colour of ours depends on a width.
    """
    found: list[str] = []
    for size, scheme in ((PHONE, "dark"), (DESKTOP, "light")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        found += [f"[{size['width']} {scheme}] {line}" for line in violations(page)]
    return found
