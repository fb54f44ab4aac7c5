"""Two people write in one post, in two browsers: they merge, they collide, nothing is lost."""

import re

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import expect

from accounts.models import Role, User
from accounts.services import set_role
from blog.models import Post
from blog.services import save_content

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
BODY = "The cat sat on the mat.\n\nInk is black.\n\nPaper is white.\n"


@pytest.fixture
def post(db) -> Post:
    call_command("migrate", verbosity=0)
    people = []
    for name in ("ada", "eve"):
        people.append(User.objects.create_user(name, f"{name}@example.org", "a blue heron"))
        set_role(people[-1], Role.EDITOR)
    return save_content(Post(title="On ink", body=BODY), by=people[0])


@pytest.fixture
def desk(chromium, site, post):
    """`desk("eve")`: the form of the post in a browser of her own."""
    contexts = []

    def open_form(name: str):
        client = Client()
        client.force_login(User.objects.get(username=name))
        context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 900})
        contexts.append(context)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        page = context.new_page()
        page.goto(f"/admin/blog/post/{post.pk}/change/")
        return page

    yield open_form
    for context in contexts:
        context.close()


def rewrite(page, old: str, new: str) -> None:
    """Change the text by typing into the editor, everything anew."""
    text = page.locator("textarea[name=body]").input_value()
    assert old in text
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text.replace(old, new))


def save(page) -> None:
    with page.expect_navigation():
        page.locator(".submit-row button[name=_continue]").click()


def test_two_editors_merge_and_collide(desk, page, picture, post):
    one, other = desk("ada"), desk("eve")
    expect(other.locator("[data-presence]")).to_contain_text("ada is editing this, too, since")
    rewrite(one, "cat", "black cat")
    save(one)
    # Her form is stale now; what she changed lies elsewhere.
    rewrite(other, "white", "grey")
    save(other)
    expect(other.locator(".messagelist")).to_contain_text("Both changes are in it now.")
    merged = BODY.replace("cat", "black cat").replace("white", "grey")
    post.refresh_from_db()
    assert post.body == merged
    # His form is stale, and both change the same sentence.
    rewrite(other, "Ink is black", "Ink is blue")
    save(other)
    rewrite(one, "Ink is black", "Ink is red")
    save(one)
    conflict = one.locator(".stored-now")
    for text in ("Ink is black.", "Ink is blue.", "Ink is red."):
        expect(conflict.locator("pre", has_text=text)).to_be_visible()
    field = one.locator("textarea[name=body]")
    expect(field).to_have_value(merged.replace("Ink is black", "Ink is red"))
    post.refresh_from_db()
    assert post.body == merged.replace("Ink is black", "Ink is blue")
    # The same page in the fixture's browser, which keeps pictures and watches the policy.
    page.context.add_cookies(one.context.cookies())
    page.goto(f"/admin/blog/post/{post.pk}/change/")
    picture("presence")
    rewrite(page, "Ink is blue", "Ink is green")
    rewrite(other, "Ink is blue", "Ink is violet")
    save(other)
    save(page)
    picture("conflict")
    theirs = page.get_by_role("link", name="Take theirs, leave mine")
    expect(theirs).to_have_attribute("href", f"/admin/blog/post/{post.pk}/change/")
    rewrite(page, "Ink is green", "Ink is green or violet")
    with page.expect_navigation():
        page.get_by_role("button", name="Save it with mine").click()
    post.refresh_from_db()
    assert "Ink is green or violet." in post.body
    page.goto(f"/admin/blog/post/{post.pk}/history/")
    picture("history")
    page.get_by_role("radio", name="Compare from revision 1", exact=True).check()
    page.get_by_role("button", name="Compare the two").click()
    expect(page).to_have_url(re.compile(r"compare/.*from=1"))
    expect(page.locator("ins", has_text="green or violet")).to_be_visible()
    picture("compare")
    with page.expect_navigation():
        page.get_by_role("button", name="Restore revision 1").click()
    post.refresh_from_db()
    assert post.body == BODY
