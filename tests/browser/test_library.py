"""The library in a real browser: uploads with progress, and the focal point by a click."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import Role, User
from lib.tests import make_images as make
from library.models import Image
from library.services import store_image
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def editor(db, context, site) -> User:
    """Somebody who may do all, signed in."""
    for role in Role:  # A test that commits leaves the database empty.
        Group.objects.get_or_create(name=role)
    person = User.objects.create_superuser("nora", "nora@example.org", "a blue heron at dawn")
    client = Client()
    client.force_login(person)
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}]
    )
    return person


def test_many_files_are_sent_one_by_one_and_their_fate_is_told(page: Page, editor, picture):
    page.goto("/admin/library/image/upload/")
    page.get_by_label("Files").set_input_files(
        [
            {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": data}
            for name, data in (
                ("bridge", make.photo()),
                ("tower", make.jpeg(41)),
                ("cut", make.photo()[:5_000]),
            )
        ]
    )
    page.get_by_role("button", name="Upload").click()
    outcomes = page.locator("[data-outcomes] li")
    expect(outcomes.nth(0)).to_have_text("bridge.jpg : stored")
    expect(outcomes.nth(1)).to_have_text("tower.jpg : stored")
    expect(outcomes.nth(2)).to_contain_text("cut.jpg : not stored. This picture is damaged")
    picture("library-upload")
    assert set(Image.objects.values_list("name", flat=True)) == {"bridge.jpg", "tower.jpg"}
    page.get_by_role("link", name="tower.jpg").click()
    expect(page.get_by_role("heading", name="tower.jpg")).to_be_visible()


def test_a_lapsed_session_is_told_and_nothing_is_lost_silently(page: Page, editor, context):
    page.goto("/admin/library/image/upload/")
    context.clear_cookies(name="sessionid")
    page.get_by_label("Files").set_input_files(
        [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": make.jpeg()}]
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("[data-outcomes] li")).to_contain_text("It did not arrive. Sign in again")
    assert not Image.objects.exists()


def test_a_click_sets_the_focal_point(page: Page, editor, picture):
    image = store_image(make.photo(), "bridge.jpg", by=editor)
    page.goto(f"/admin/library/image/{image.pk}/change/")
    preview = page.locator(".field-preview img")
    preview.scroll_into_view_if_needed()
    box = preview.bounding_box()
    preview.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.8}, force=True)
    picture("library-focal-point")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    image.refresh_from_db()
    assert image.focal_x == pytest.approx(0.25, abs=0.03)
    assert image.focal_y == pytest.approx(0.8, abs=0.03)


def test_the_cards_fit_a_phone(page: Page, editor):
    for side in range(40, 45):
        store_image(make.jpeg(side), f"{side}.jpg", by=editor)
    page.goto("/admin/library/image/")
    expect(page.locator("#result_list tbody tr")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
