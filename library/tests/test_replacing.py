"""Another picture in the place of one that is shown already."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import AuditEntry
from events.models import Event
from lib.tests import make_images as make
from library import usage
from library.models import Image
from library.replacing import forget_former_files, put_back, replace_image
from library.services import delete_image, images_at, store_image
from library.tasks import make_renditions

pytestmark = pytest.mark.django_db


def page(image):
    return f"/admin/library/image/{image.pk}/replace/"


def test_texts_follow_and_the_former_address_leads_on(
    client, make_image, make_post, ada, django_capture_on_commit_callbacks
):
    image = make_image(alt="A bridge")
    before = image.url
    post = make_post(body=f"![]({before})", cover=image)
    version = post.version
    with django_capture_on_commit_callbacks(execute=True):
        image = replace_image(image, make.photo(500, 400), "new.jpg", by=None)
    assert image.url != before
    assert image.alt == "A bridge"
    post.refresh_from_db()
    assert image.url in post.body_html
    assert before not in post.body_html
    assert (before in post.body, post.version) == (True, version)
    response = client.get(before)
    assert (response.status_code, response["Location"]) == (302, image.url)
    assert response["Cache-Control"] == "no-store"
    # A page somebody still has open asks for a rendition of it.
    rendition = before.rpartition("/")[0] + "/480.webp"
    assert client.get(rendition)["Location"] == f"/media/{image.rendition_name(480, 'webp')}"
    assert client.get(before.rpartition("/")[0] + "/481.webp")["Location"] == image.url
    # A text written later with the former address, from a history say, shows it too.
    again = make_post(title="Again", body=f"![]({before})")
    assert image.url in again.body_html
    assert {use.title for use in usage.of(image).shown} == {post.title, "Again"}
    assert images_at([before]) == {before: image}


def test_renditions_of_the_former_file_are_not_taken_for_those_of_the_new(
    make_image, monkeypatch, django_capture_on_commit_callbacks
):
    """It is replaced while a worker scales the former one."""
    image = make_image()

    def meanwhile(*_args):
        with django_capture_on_commit_callbacks(execute=False):
            replace_image(image, make.photo(500, 400), "new.jpg", by=None)
        return []

    monkeypatch.setattr("library.tasks.renditions", meanwhile)
    make_renditions(image.pk)
    assert list(Image.objects.waiting()) == [Image.objects.get()]


def test_the_former_file_is_put_back_and_forgotten_after_thirty_days(
    client, make_image, time_machine, django_capture_on_commit_callbacks
):
    image = make_image()
    first = image.url
    with django_capture_on_commit_callbacks(execute=True):
        image = replace_image(image, make.photo(500, 400), "new.jpg", by=None)
        second = image.url
        image = put_back(image.former.get(), by=None)
    assert image.name == "Old Bridge.JPG"
    # Every address there ever was leads to it.
    for address in (first, second):
        assert client.get(address)["Location"] == image.url
    assert client.get(image.url).status_code == 200
    # A former one's bytes are a picture of its own again.
    other = store_image(make.photo(500, 400), "other.jpg")
    assert other != image
    assert images_at([second])[second] == image
    assert forget_former_files() == 0
    time_machine.move_to(timezone.now() + timedelta(days=31), tick=False)
    assert forget_former_files() == 2
    assert client.get(first)["Location"] == image.url
    with pytest.raises(ValidationError, match="not kept"):
        put_back(image.former.first(), by=None)


def test_what_is_no_picture_or_another_one_changes_nothing(make_image, ada, bob):
    image, other = make_image(by=ada), make_image(make.jpeg(900), "other.jpg")
    for data, reason in ((b"hello", "not a picture"), (make.jpeg(900), "already: other.jpg")):
        with pytest.raises(ValidationError, match=reason):
            replace_image(image, data, "x.jpg", by=ada)
    with pytest.raises(PermissionDenied):
        replace_image(image, make.jpeg(901), "x.jpg", by=bob)
    assert replace_image(image, make.photo(), "same.jpg", by=ada) == image
    assert not Event.objects.filter(kind="image.replaced").exists()
    assert other.pk != image.pk


def test_a_deleted_image_takes_its_former_files_along(
    make_image, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        image = replace_image(make_image(), make.photo(500, 400), "new.jpg", by=None)
        former = image.former.get()
        assert default_storage.exists(former.file)
        delete_image(image)
    assert not default_storage.exists(former.file)


def test_in_the_admin_who_may_change_it_replaces_and_puts_back(client, ada, bob, make_image):
    image = make_image(by=ada)
    client.force_login(bob)
    assert client.get(page(image)).status_code == 404
    assert client.post(page(image), {"former": "1"}).status_code == 404
    client.force_login(ada)
    bad = SimpleUploadedFile("x.jpg", b"hello")
    for sent, reason in (
        ({"upload": bad}, "not a picture"),
        ({}, "Choose a file"),
        ({"former": "x"}, "whole number"),
    ):
        response = client.post(page(image), sent)
        assert response.status_code == 200
        assert reason in response.content.decode()
    assert client.post(page(image), {"former": "99"}).status_code == 404
    new = SimpleUploadedFile("new.jpg", make.jpeg(900))
    assert client.post(page(image), {"upload": new}).status_code == 302
    image.refresh_from_db()
    assert image.name == "new.jpg"
    former = image.former.get()
    assert former.replaced_by == ada
    assert "Old Bridge.JPG" in client.get(page(image)).content.decode()
    assert client.post(page(image), {"former": former.pk}).status_code == 302
    image.refresh_from_db()
    assert image.name == "Old Bridge.JPG"
    assert AuditEntry.objects.filter(actor=ada).exists()
    assert client.put(page(image)).status_code == 405
