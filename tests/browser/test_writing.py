"""The writing screen in a real browser: nothing typed is lost, and the preview tells the truth."""

import re
import time
from io import BytesIO

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from PIL import Image as Picture
from playwright.sync_api import Page, expect

from blog.models import Autosave, Post
from blog.services import publish_content
from tests.browser.conftest import DESKTOP

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
ADD = "/admin/blog/post/add/"
PASSWORD = "correct horse battery"
TEXT = """Ink is *black*, mostly.

## How it is made

- soot
- glue

> Said of old.

```python
print("ink")
```

![A drop](IMAGE)

## Where

| a | b |
|---|---|
| 1 | 2 |

## When

Long ago[^1].

[^1]: Very long.
"""


def enter(context, user) -> None:
    """Sign `user` in without walking through the door, which has tests of its own."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": "http://localhost"}])


def change(post: Post) -> str:
    return f"/admin/blog/post/{post.pk}/change/"


def body(page: Page):
    return page.locator(".cm-content")


def without_seconds(html: str) -> str:
    """It was shown as published then, and is published now."""
    return re.sub(r'datetime="[^"]+"', "", html)


def write(page: Page, text: str) -> None:
    body(page).click()
    page.keyboard.insert_text(text)


def kept(page: Page) -> None:
    expect(page.locator("[data-state]")).to_contain_text("Kept at")


@pytest.fixture
def desk(page, context, ada):
    enter(context, ada)
    page.set_viewport_size(DESKTOP)
    return page


def test_the_preview_is_the_page_that_is_published(desk, ada, make_tag, make_category, picture):
    make_tag("paper")
    desk.goto(ADD)
    desk.get_by_label("Title", exact=False).first.fill("On ink")
    desk.get_by_label("Subtitle").fill("A short history")
    data = BytesIO()
    Picture.new("RGB", (64, 48), "navy").save(data, "PNG")
    # A picture from the clipboard lands in the library and in the text.
    body(desk).click()
    desk.evaluate(
        """bytes => {
          const files = new DataTransfer();
          files.items.add(new File([new Uint8Array(bytes)], "drop.png", { type: "image/png" }));
          const options = { clipboardData: files, bubbles: true, cancelable: true };
          const event = new ClipboardEvent("paste", options);
          document.querySelector(".cm-content").dispatchEvent(event);
        }""",
        list(data.getvalue()),
    )
    expect(body(desk)).to_contain_text("/media/images/")
    image = re.search(r"/media/images/[^)\s]+", body(desk).inner_text())[0]
    desk.keyboard.press("Control+a")
    write(desk, TEXT.replace("IMAGE", image))
    expect(desk.locator("[data-count]")).to_contain_text("words")
    desk.get_by_role("button", name="Preview", exact=True).click()
    frame = desk.frame_locator(".desk-preview iframe")
    expect(frame.locator("article.post h1")).to_have_text("On ink")
    expect(frame.locator(".prose")).to_contain_text("Long ago")
    desk.wait_for_timeout(1_200)  # the pause after the last change, and the answer
    article = "document.querySelector('article.post').outerHTML"
    shown = without_seconds(desk.frames[1].evaluate(article))
    picture("writing-preview")
    desk.get_by_role("button", name="Save and publish").click()
    expect(desk.locator(".content-state")).to_contain_text("Published")
    post = Post.objects.get()
    desk.goto(post.get_absolute_url())
    # As it was sent: scripts add buttons to the code, which the preview has none of.
    sent = """fetch(location.href).then(answer => answer.text()).then(html =>
      new DOMParser().parseFromString(html, "text/html").querySelector("article.post").outerHTML)"""
    assert without_seconds(desk.evaluate(sent)) == shown


def test_a_killed_browser_loses_nothing_and_the_text_is_offered_with_what_differs(
    desk, context, ada, make_post, chromium, site, picture
):
    post = make_post(author=ada, draft=True, title="On ink", body="First.\n\nSecond.\n")
    desk.goto(change(post))
    started = time.monotonic()
    write(desk, "Typed. ")
    kept(desk)
    print(f"\nkept on the server {time.monotonic() - started:.1f} s after the first key")
    assert Post.objects.get().body == "First.\n\nSecond.\n"
    # Another browser altogether: nothing but the server's copy is left.
    other = chromium.new_context(base_url=site, viewport=DESKTOP)
    enter(other, ada)
    fresh = other.new_page()
    fresh.goto(change(post))
    expect(fresh.locator("[data-offer]")).to_be_visible()
    expect(fresh.locator("[data-offer] ins")).to_contain_text("Typed.")
    expect(body(fresh)).not_to_contain_text("Typed.")  # never unasked
    fresh.get_by_role("button", name="Put it into the form").click()
    expect(body(fresh)).to_contain_text("Typed.")
    fresh.get_by_role("button", name="Save and continue editing").click()
    fresh.wait_for_url("**/change/")
    expect(fresh.locator(".success")).to_be_visible()
    assert "Typed." in Post.objects.get().body
    assert not Autosave.objects.unsaved().exists()
    other.close()
    # And the first browser has nothing to offer for what is saved now.
    desk.goto(change(post))
    expect(body(desk)).to_contain_text("Typed.")
    desk.wait_for_timeout(500)
    expect(desk.locator("[data-offer]")).to_be_hidden()


def test_without_a_network_the_browser_keeps_the_text(desk, context, ada, make_post, picture):
    post = make_post(author=ada, draft=True)
    desk.goto(change(post))
    expect(body(desk)).to_be_visible()
    context.route("**/autosave/**", lambda route: route.abort())
    write(desk, "Offline. ")
    expect(desk.locator("[data-state]")).to_contain_text("no connection")
    again = context.new_page()
    desk.close()
    again.goto(change(post))
    expect(again.locator("[data-offer] ins")).to_contain_text("Offline.")
    again.get_by_role("button", name="Throw it away").click()
    again.reload()
    expect(body(again)).to_be_visible()
    again.wait_for_timeout(500)
    expect(again.locator("[data-offer]")).to_be_hidden()


def test_signed_out_elsewhere_one_signs_in_again_over_the_text(desk, ada, make_post, picture):
    post = make_post(author=ada, draft=True)
    desk.goto(change(post))
    expect(body(desk)).to_be_visible()
    Session.objects.all().delete()
    write(desk, "Signed out. ")
    dialog = desk.get_by_role("dialog", name="You are signed out")
    expect(dialog).to_be_visible(timeout=12_000)
    picture("writing-signed-out")
    dialog.get_by_label("Password").fill("wrong")
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("did not work")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog).to_be_hidden()
    write(desk, "Back. ")
    kept(desk)
    desk.get_by_role("button", name="Save and continue editing").click()
    expect(desk.locator(".success")).to_be_visible()
    stored = Post.objects.get().body
    assert "Signed out. " in stored
    assert "Back. " in stored


def test_keys_are_quick_in_a_long_text(desk, ada, make_post):
    paragraph = "Ink is *black*, [mostly](https://example.org/), and `soot` makes it so. " * 8
    post = make_post(author=ada, draft=True, body=f"## Part\n\n{paragraph}\n\n" * 165)
    assert len(post.body) > 95_000
    desk.goto(change(post))
    body(desk).click()
    # From the key to the frame that shows it.
    times = desk.evaluate(
        """async () => {
          const times = [];
          const target = document.querySelector(".cm-content");
          for (let index = 0; index < 60; index += 1) {
            const start = performance.now();
            document.execCommand("insertText", false, "a");
            target.getBoundingClientRect();
            await new Promise(resolve => requestAnimationFrame(() => {
              const channel = new MessageChannel();
              channel.port1.onmessage = resolve;
              channel.port2.postMessage(0);
            }));
            times.push(performance.now() - start);
            await new Promise(resolve => setTimeout(resolve, 30));
          }
          return times.sort((a, b) => a - b);
        }"""
    )
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(f"\n{len(post.body)} characters: a key takes {p50:.1f} ms (p50), {p95:.1f} ms (p95)")
    # The aim is 50 for nearly all; a busy machine must not fail a test. To go through the whole
    # text at every key takes seconds.
    assert p50 < 1_000


def test_tools_keys_and_links_write_markdown(desk, ada, make_post, picture):
    make_post(author=ada, title="Old paper", slug="old-paper")
    desk.goto(ADD)
    write(desk, "ink")
    desk.keyboard.press("Control+a")
    desk.keyboard.press("Control+b")
    expect(body(desk)).to_have_text("**ink**")
    desk.keyboard.press("Control+b")
    expect(body(desk)).to_have_text("ink")
    desk.get_by_role("button", name="List", exact=True).click()
    expect(body(desk)).to_have_text("- ink")
    desk.keyboard.press("End")
    desk.keyboard.press("Enter")
    expect(body(desk)).to_have_text("- ink- ")
    desk.keyboard.press("Control+k")
    dialog = desk.get_by_role("dialog", name="Link")
    dialog.get_by_role("textbox").fill("paper")
    dialog.get_by_role("button", name="Old paper").click()
    expect(body(desk)).to_contain_text("[Old paper](/posts/old-paper/)")
    kept(desk)
    assert Autosave.objects.get().fields["values"]["body"] == [
        "- ink\n- [Old paper](/posts/old-paper/)"
    ]
    # The tools are one stop of Tab, and arrows lead from one to the next.
    desk.get_by_role("button", name="Bold", exact=True).focus()
    desk.keyboard.press("ArrowRight")
    expect(desk.get_by_role("button", name="Italic", exact=True)).to_be_focused()
    desk.keyboard.press("End")
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("button", name="Preview", exact=True)).to_be_focused()
    desk.keyboard.press("Tab")
    expect(body(desk)).to_be_focused()
    # What is kept every few seconds is shown, not spoken.
    expect(desk.locator("[data-spoken]")).to_have_text("")
    # Tab leaves the text: nobody is caught in it.
    desk.keyboard.press("Tab")
    expect(body(desk)).not_to_be_focused()


def test_what_is_pasted_becomes_markdown(desk):
    """Formatted text, an address over a chosen word; nothing in code or from an editor of code."""
    desk.goto(ADD)

    def paste(plain: str, html: str = "") -> None:
        body(desk).evaluate(
            """(element, [plain, html]) => {
              const clipboardData = new DataTransfer();
              clipboardData.setData("text/plain", plain);
              if (html) clipboardData.setData("text/html", html);
              const options = { clipboardData, bubbles: true, cancelable: true };
              element.dispatchEvent(new ClipboardEvent("paste", options));
            }""",
            [plain, html],
        )

    write(desk, "ink")
    desk.keyboard.press("Control+a")
    paste("https://example.org/a_(b)")
    expect(body(desk)).to_have_text("[ink](https://example.org/a_%28b%29)")
    desk.keyboard.press("Control+a")
    paste(
        "x",
        "<style>p { color: red }</style><b style='font-weight:normal'><h1>Paper</h1>"
        "<p><span style='font-weight:700'>Old </span><i>rag</i> 2*3</p>"
        "<ul><li>one<ul><li>two</li></ul></li></ul>"
        "<a href='javascript:alert(1)'>no</a> <a href='https://example.org/'>yes</a>"
        "<script>1</script><table><tr><td>a|b<td>c</table></b>",
    )
    for part in (
        *("## Paper", "**Old** *rag* 2\\*3", "- one", "  - two"),
        *("no [yes](https://example.org/)", "| a\\|b | c |"),
    ):
        expect(body(desk).get_by_text(part, exact=True)).to_be_visible()
    desk.keyboard.press("Control+a")
    source = "<div style='font-family: monospace; white-space: pre;'><b>**strong**</b> _a_</div>"
    paste("**strong** _a_", source)
    expect(body(desk)).to_have_text("**strong** _a_")
    desk.keyboard.press("Control+a")
    desk.keyboard.press("Delete")
    desk.keyboard.insert_text("```\n")
    paste("<b>", "<b>bold</b>")
    expect(body(desk)).to_have_text("```<b>")


def test_the_form_works_without_scripts(chromium, site, context, ada):
    plain = chromium.new_context(base_url=site, java_script_enabled=False, viewport=DESKTOP)
    enter(plain, ada)
    page = plain.new_page()
    page.goto(ADD)
    page.get_by_label("Title", exact=False).first.fill("On ink")
    page.get_by_label("Body").fill("Ink is *black*.")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview").click()
    expect(opened.value.locator("article.post em")).to_have_text("black")
    page.get_by_role("button", name="Save and publish").click()
    expect(page.locator(".content-state")).to_contain_text("Published")
    assert Post.objects.get().is_published
    plain.close()


def test_a_live_page_is_written_too(desk, ada, make_post, picture):
    post = make_post(author=ada, draft=True, title="On ink", body=TEXT.replace("IMAGE", "/x.png"))
    publish_content(post, by=None)
    desk.goto(change(post))
    expect(desk.locator("[data-found-title]").first).to_contain_text("On ink")
    picture("writing")
