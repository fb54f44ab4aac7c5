"""A live post is reworked in peace: readers see nothing of it until the changes are published."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from accounts.models import Role, User
from accounts.services import set_role
from blog.models import Post
from blog.review_links import make_link
from blog.services import publish_content, save_content
from tests.browser.conftest import DESKTOP

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def post(db) -> Post:
    ada = User.objects.create_user("ada", "ada@example.org", "a blue heron")
    set_role(ada, Role.AUTHOR)
    post = save_content(Post(title="On ink", body="Ink is black.\n"), by=ada)
    return publish_content(post, by=ada)


@pytest.fixture
def desk(context, site, page, post):
    """The form of the live post."""
    client = Client()
    client.force_login(post.author)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page.set_viewport_size(DESKTOP)
    page.goto(f"/admin/blog/post/{post.pk}/change/")
    return page


def rewrite(page, text: str) -> None:
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def test_a_live_post_is_reworked_shared_and_published(desk, picture, chromium, site, post):
    reader = chromium.new_context(base_url=site)
    public = reader.request.get("/posts/on-ink/")
    rewrite(desk, "Ink is *blue*, as we found out.\n")
    desk.get_by_role("button", name="Save changes and continue editing").click()
    expect(desk.locator(".messagelist")).to_contain_text("Readers see them when you publish them.")
    expect(desk.locator(".working")).to_contain_text("changes that are not published yet")
    expect(desk.locator(".cm-content")).to_contain_text("as we found out")
    picture("changes-form")
    again = reader.request.get("/posts/on-ink/")
    assert (again.body(), again.headers["etag"]) == (public.body(), public.headers["etag"])
    # A reviewer without an account sees the changes.
    _link, address = make_link(post, by=post.author)
    reviewer = reader.new_page()
    reviewer.goto(address)
    expect(reviewer.locator("article em")).to_have_text("blue")
    desk.set_viewport_size(DESKTOP)
    desk.get_by_role("link", name="See what differs, or discard them").click()
    expect(desk.locator(".diff ins").first).to_contain_text("blue")
    picture("changes-page")
    desk.get_by_role("button", name="Publish changes").click()
    expect(desk.locator(".messagelist")).to_contain_text("readers see them now")
    reviewer.goto("/posts/on-ink/")
    expect(reviewer.locator("article em")).to_have_text("blue")
    reader.close()
