"""What anybody reads, in a browser: open to everyone, on any screen, and handy with scripts."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from blog.models import Site
from tests.browser.axe import ONLY_COLOURS, needs_axe, violations
from tests.browser.conftest import DESKTOP

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

CODE = (
    "def grind(stone: str, water: float, minutes: int) -> str:\n    return stone * minutes * 40\n"
)
BODY = f"""Text with a [link](/about-us/), a note[^1] and `code`.

## Pine soot

```python
{CODE}```

| what | how much | from whom, and how it was carried over the mountains |
|---|--:|---|
| soot | 12 | someone-with-a-name-that-is-longer-than-the-column-in-which-it-stands |

> [!WARNING]
> Ink stains.

![A cake of ink](/static/img/icon-180.png "A cake of ink"){{.wide}}

## Glue

{"Stir, and wait. " * 60}

$$\\sum_{{i=0}}^n i^2 = \\frac{{n(n+1)(2n+1)}}{{6}}$$

## Water

- [x] soft
- [ ] hard

{"Stir, and wait. " * 60}

[^1]: A small one.
"""
NARROW = {"width": 320, "height": 640}  # CSS pixels: also a window of 1280 at 400 %
HALF = {"width": 640, "height": 450}  # a window of 1280 at 200 %
# What stands beyond the right edge, or the left one in pages that run from there, and does not
# scroll in a box of its own.
TOO_WIDE = """() => {
  const most = document.documentElement.clientWidth + 1;
  if (document.documentElement.scrollWidth < most) return [];
  return [...document.querySelectorAll("body *")]
    .filter(e => e.getBoundingClientRect().right > most || e.getBoundingClientRect().left < -1)
    .map(e => e.outerHTML.slice(0, 120));
}"""


@pytest.fixture
def paths(make_post, make_page, make_category, make_series, make_tag, ada, bob) -> list[str]:
    """Every kind of page that readers open, on a site in three scripts."""
    Site.objects.update(tagline="Notes on ink", description="About ink.", posts_per_page=3)
    fields = {"category": make_category(), "series": make_series(), "tags": [make_tag()]}
    texts = [
        ("On ink, and awordthatdoesnotknowwheretobreakitselfintwoonanyphone", "en", BODY),
        ("写给以后的人：关于墨、纸与耐心的软件", "zh-hans", f"墨分*五色*。\n\n{BODY}"),
        ("لماذا ما زلنا نكتب بنص عادي؟", "ar", f"نكتب *ببطء*.\n\n{BODY}"),
        ("The newest", "en", "Short."),
    ]
    posts = [
        make_post(
            title=title,
            subtitle="A matter of soot",
            language=language,
            body=body,
            authors=[ada, bob],
            corrections="1 May: it was oak.",
            published_at=datetime(2026, 5, day, tzinfo=UTC),
            **fields,
        )
        for day, (title, language, body) in enumerate(texts, 1)
    ]
    page = make_page(menu_position=1)
    return [
        *("/", "/?page=2", *(post.get_absolute_url() for post in posts), page.get_absolute_url()),
        *("/categories/", "/categories/craft/", "/tags/paper/", "/series/making-ink/"),
        *("/authors/ada/", "/archive/", "/archive/2026/"),
        *("/archive/2026/05/", "/series/"),
        *("/search/", "/search/?q=ink", "/search/?q=nowhere", "/nowhere/at/all/"),
    ]


@needs_axe
def test_nobody_is_shut_out(page, paths):
    """No violation of any level, and no contrast that is too weak by night."""
    page.set_viewport_size(DESKTOP)
    found = []
    for path in paths:
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(path)
        found += violations(page, grave=False)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += violations(page, grave=False, options=ONLY_COLOURS)
    assert found == []


def test_nothing_is_wider_than_a_narrow_or_magnified_window(page, paths):
    found = {}
    page.set_viewport_size(NARROW)
    page.goto(paths[0])
    page.evaluate("document.querySelector('.entry').style.inlineSize = '40rem'")
    assert page.evaluate(TOO_WIDE)  # so it would be told
    for path in paths:
        page.goto(path)
        for size in (NARROW, HALF):
            page.set_viewport_size(size)
            if wide := page.evaluate(TOO_WIDE):
                found[path, size["width"]] = wide
    assert found == {}


def test_code_is_copied_and_its_lines_broken(page, context, paths):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(paths[2])
    block = page.locator(".code-block").first
    block.hover()
    block.get_by_role("button", name="Copy").click()
    block.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == CODE.rstrip("\n")
    wrap, code = block.get_by_role("button", name="Wrap lines"), block.locator("pre")
    assert code.evaluate("e => e.scrollWidth > e.clientWidth")
    wrap.click()
    assert wrap.get_attribute("aria-pressed") == "true"
    assert not code.evaluate("e => e.scrollWidth > e.clientWidth")


def test_the_address_is_shared_by_the_device_or_copied(page, context, paths):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script("navigator.share = data => { window.shared = data; return 0; }")
    page.goto(paths[2])
    page.get_by_role("button", name="Share").click()
    address = page.locator("link[rel=canonical]").get_attribute("href")
    assert page.evaluate("window.shared")["url"] == address
    page.add_init_script("navigator.share = undefined")
    page.reload()
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Address copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == address


def test_the_contents_follow_and_mark_what_is_read(page, paths):
    page.set_viewport_size(DESKTOP)
    page.emulate_media(reduced_motion="reduce")
    page.goto(paths[2])
    contents = page.locator(".toc")
    assert contents.locator("[aria-current]").count() == 0
    contents.get_by_role("link", name="Water").click()
    contents.locator("[aria-current=location]", has_text="Water").wait_for()
    assert contents.bounding_box()["y"] >= 0


def test_everything_is_read_without_scripts(chromium, site, paths):
    context = chromium.new_context(base_url=site, java_script_enabled=False, viewport=DESKTOP)
    page = context.new_page()
    page.goto(paths[2])
    assert page.locator("button:visible").all_inner_texts() == ["Search"]
    page.get_by_role("link", name="Glue").click()
    assert page.url.endswith("#glue")
    page.get_by_role("searchbox").fill("ink")
    page.keyboard.press("Enter")
    page.locator(".hit").first.wait_for()
    context.close()


def test_results_come_while_one_types_and_are_announced(page, paths):
    page.goto("/search/")
    page.evaluate("window.told = document.querySelector('[role=status]')")
    page.locator("#search").press_sequentially("soot")
    # A slow typist is shown what half of a word finds, too.
    expect(page).to_have_url(re.compile(r"\?q=soot$"))
    expect(page.get_by_role("status")).to_have_text("4 posts")
    assert page.evaluate("told.isConnected")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.matches('[data-hit]')")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "search"


def test_results_that_come_late_leave_the_keys_among_them(page, paths):
    page.goto("/search/?q=soot")
    held = []
    page.route(re.compile(r"\?q=ink$"), lambda route: held.append(route))
    with page.expect_request(re.compile(r"\?q=ink$")):
        page.locator("#search").fill("ink")
    page.keyboard.press("ArrowDown")
    first = page.locator("[data-hit]").first
    expect(first).to_be_focused()
    held[0].continue_()
    expect(page).to_have_url(re.compile(r"\?q=ink$"))
    expect(first).to_be_focused()
