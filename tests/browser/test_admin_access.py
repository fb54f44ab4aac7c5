"""Nobody is shut out of the admin: axe-core finds nothing grave, and keys alone are enough."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from blog.models import Post, Task
from blog.services import save_content, submit_content
from blog.todo import save_task
from tests.browser.axe import needs_axe, violations, violations_everywhere
from tests.browser.conftest import DESKTOP
from tests.browser.test_writing import body, change, enter

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
MAX_TABS = 90  # from one end of the longest page to the other
TEXT = "Ink is *black*, mostly.\n\n## How it is made\n\n- soot\n- glue\n"


@pytest.fixture
def desk(page, context, eve):
    enter(context, eve)
    return page


@pytest.fixture
def post(eve, make_post):
    """Something in every list."""
    now = timezone.now()
    make_post(author=eve, published_at=now - timedelta(days=1))
    make_post(author=eve, published_at=now + timedelta(days=1), title="Tomorrow")
    submit_content(make_post(author=eve, draft=True, title="Waits"), by=eve)
    post = make_post(author=eve, draft=True, body=TEXT)
    post.body += "\nAnd water.\n"
    save_content(post, by=eve)
    due = (now - timedelta(days=3)).date()
    save_task(Task(title="Check the names", assignee=eve, post=post, due=due), by=eve)
    return post


@needs_axe
def test_home_and_lists(desk, post, picture):
    found = []
    for name, address in {
        "home": "/admin/",
        "posts": "/admin/blog/post/?q=ink",
        "tasks": "/admin/blog/task/",
        "library": "/admin/library/image/",
        "calendar": f"/admin/blog/post/calendar/?move={post.pk}",
        "upload": "/admin/library/image/upload/",
    }.items():
        desk.goto(address)
        found += violations_everywhere(desk)
        picture(f"admin-{name}")
    desk.goto("/admin/blog/post/")
    desk.locator("#action-toggle").check()
    desk.locator("select[name=action]").select_option("publish")
    desk.get_by_role("button", name="Go", exact=True).click()
    desk.get_by_role("heading", name="2 items stay as they are").wait_for()
    found += violations_everywhere(desk)
    picture("admin-bulk")
    desk.get_by_role("button", name="Publish", exact=True).click()
    desk.get_by_role("button", name="Undo").wait_for()
    found += violations(desk)
    picture("admin-undo")
    assert "\n".join(found) == ""


@needs_axe
def test_a_post(desk, post, picture):
    found = []
    for name, address in {
        "history": f"/admin/blog/post/{post.pk}/history/",
        "diff": f"/admin/blog/post/{post.pk}/history/compare/?from=1&to=2",
        "review": f"/admin/blog/post/{Post.objects.published().get().pk}/workflow/",
        "form": change(post),
    }.items():
        desk.goto(address)
        found += violations_everywhere(desk)
        picture(f"admin-{name}")
    desk.get_by_role("button", name="Preview", exact=True).click()
    desk.locator(".desk-preview iframe").wait_for()
    found += violations_everywhere(desk)
    assert "\n".join(found) == ""


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until `target` has the focus, as somebody without a mouse would."""
    target.wait_for()
    for _ in range(MAX_TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by Tab from {page.url}.")


def test_keys_alone_write_preview_and_publish(desk):
    desk.set_viewport_size(DESKTOP)
    desk.goto("/admin/")
    tab_to(desk, desk.get_by_role("link", name="Write a post"))
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/add/")
    tab_to(desk, desk.locator("#id_title"))
    desk.keyboard.type("On ink")
    tab_to(desk, body(desk))
    desk.keyboard.type("Ink is *black*, mostly.")
    desk.keyboard.press("Control+Shift+p")
    shown = desk.frame_locator(".desk-preview iframe")
    expect(shown.locator("article.post em")).to_have_text("black")
    tab_to(desk, desk.get_by_role("button", name="Save and publish"))
    desk.keyboard.press("Enter")
    expect(desk.locator(".content-state")).to_contain_text("Published")
    tab_to(desk, desk.locator("#post_form .viewsitelink"))
    desk.keyboard.press("Enter")
    expect(desk.locator("article.post h1")).to_have_text("On ink")
    assert Post.objects.get().is_published
