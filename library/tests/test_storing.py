import hashlib
import threading

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import ProtectedError
from kombu.exceptions import OperationalError

from events import queueing
from lib.images import ImageError
from lib.tests import make_images as make
from library import services, storage
from library.models import Image
from library.services import delete_image, store_image
from library.tasks import make_renditions


def test_an_upload_is_kept_cleaned_under_its_content_hash(ada, db):
    data = make.photo(900, 600)
    image = store_image(data, "C:\\Photos\\Old Bridge.JPG", by=ada, alt="A bridge")
    digest = hashlib.sha256(data).hexdigest()
    assert image.url == f"/media/images/{digest}/old-bridge.jpg"
    assert image.name == "Old Bridge.JPG"
    assert (image.width, image.height, image.media_type) == (900, 600, "image/jpeg")
    assert image.size == default_storage.size(image.file.name)
    assert (image.alt, image.uploaded_by) == ("A bridge", ada)


def test_the_same_bytes_give_the_same_row(make_image):
    first = make_image(make.jpeg(), "a.jpg", alt="First")
    second = make_image(make.jpeg(), "b.jpg", alt="Second")
    assert first == second
    assert second.alt == "First"
    assert Image.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("../../etc/passwd.jpg", "passwd"),
        ("旧桥.jpg", "image"),
        ("800.jpg", "image-800"),
        ("", "image"),
        ("Ünïcode näme_1.jpeg", "unicode-name_1"),
        ("x" * 300 + ".jpg", "x" * 60),
        ("a\x00b\n.jpg", "ab"),
    ],
)
def test_the_address_is_chosen_by_the_server(make_image, name, stem):
    image = make_image(make.jpeg(), name)
    assert image.file.name == f"images/{image.digest}/{stem}.jpg"
    assert "\x00" not in image.name


def test_bad_input_is_refused_with_a_reason_and_leaves_nothing(db):
    with pytest.raises(ValidationError, match="not a picture we can use"):
        store_image(b"hello", "hello.jpg")
    with pytest.raises(ValidationError, match="too many pixels"):
        store_image(make.png_header(50_000, 50_000), "bomb.png")
    assert not Image.objects.exists()
    assert not default_storage.exists("images")


def test_every_refusal_has_a_text_for_people():
    assert set(services.REFUSALS) == set(ImageError.__subclasses__())


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_broker_that_is_down_does_not_fail_the_upload(monkeypatch, caplog, make_image):
    def refuse(*args, **options):
        raise OperationalError("connection refused")

    monkeypatch.setattr(make_renditions, "apply_async", refuse)
    monkeypatch.setattr(queueing, "_rests_until", 0.0)
    image = make_image()
    assert image in Image.objects.waiting()
    assert "connection refused" in caplog.text


def test_renditions_are_queued_when_the_upload_is_committed(
    make_image, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        image = make_image()
    assert callbacks
    image.refresh_from_db()
    assert image.renditions_at


def test_two_uploads_that_cross_give_one_row_and_one_file(monkeypatch, make_image):
    data, crossed = make.jpeg(), []
    write = storage.write

    def write_after_the_other(name, cleaned):
        if not crossed:
            crossed.append(True)
            crossed.append(store_image(data, "second.jpg"))
        write(name, cleaned)

    monkeypatch.setattr(storage, "write", write_after_the_other)
    image = make_image(data, "first.jpg")
    assert image == crossed[1]
    assert default_storage.listdir(f"images/{image.digest}")[1] == ["second.jpg"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_uploads_at_the_same_time_give_one_row():
    if connection.vendor == "sqlite":
        pytest.skip("threads cannot share SQLite's database in memory")
    data, results = make.photo(), []
    barrier = threading.Barrier(3)

    def upload():
        barrier.wait()
        try:
            results.append(store_image(data, "a.jpg"))
        finally:
            connection.close()

    threads = [threading.Thread(target=upload) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({image.pk for image in results}) == 1
    assert len(results) == 3


def test_writing_replaces_in_one_step_and_leaves_no_temporary_file(settings):
    storage.write("images/x/a.png", b"1")
    storage.write("images/x/a.png", b"22")
    assert storage.read("images/x/a.png") == b"22"
    assert default_storage.listdir("images/x")[1] == ["a.png"]


def test_writing_works_without_a_folder_of_this_machine(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    storage.write("images/x/a.png", b"1")
    storage.write("images/x/a.png", b"22")
    assert storage.read("images/x/a.png") == b"22"
    storage.delete_folder("x")
    assert not default_storage.exists("images/x/a.png")


def test_deleting_removes_the_files_after_the_commit(
    make_image, django_capture_on_commit_callbacks
):
    image = make_image()
    make_renditions(image.pk)
    with django_capture_on_commit_callbacks(execute=True):
        delete_image(image)
        assert default_storage.exists(image.file.name)
    assert not default_storage.exists(f"images/{image.digest}")


def test_a_deletion_that_is_rolled_back_keeps_the_files(make_image):
    image = make_image()
    with transaction.atomic():
        delete_image(image)
        transaction.set_rollback(True)
    assert default_storage.exists(image.file.name)


def test_an_image_that_is_a_cover_is_not_deleted(make_image, make_post):
    image = make_image()
    make_post(cover=image)
    with pytest.raises(ProtectedError):
        delete_image(image)
    assert default_storage.exists(image.file.name)
