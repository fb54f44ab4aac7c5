from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from lib.tests import make_images as make
from library import storage
from library.models import CLAIM_LEASE, MAX_TRIES, Image
from library.tasks import make_renditions, sweep_renditions


def names(image):
    return set(default_storage.listdir(f"images/{image.digest}")[1])


def lapse(image):
    """Let the claim on `image` grow old."""
    old = timezone.now() - CLAIM_LEASE - timedelta(seconds=1)
    Image.objects.filter(pk=image.pk).update(renditions_claimed_at=old)


def test_the_task_makes_what_the_row_announces(make_image):
    image = make_image()
    make_renditions(image.pk)
    announced = {f"{w}.{ext}" for ext, widths in image.renditions.items() for w in widths}
    assert names(image) == {"old-bridge.jpg", *announced}
    assert len(announced) == 9
    image.refresh_from_db()
    assert image.renditions_at
    assert image.renditions_error == ""


def test_running_twice_does_the_work_once(make_image, monkeypatch):
    image, written = make_image(), []
    write = storage.write
    monkeypatch.setattr(storage, "write", lambda *args: (written.append(args[0]), write(*args)))
    make_renditions(image.pk)
    make_renditions(image.pk)
    assert len(written) == 9


def test_two_workers_do_not_share_one_claim(make_image):
    image = make_image()
    assert Image.objects.claim(image.pk)
    assert not Image.objects.claim(image.pk)
    lapse(image)
    assert Image.objects.claim(image.pk)


@pytest.mark.parametrize(
    "data",
    [make.animation("GIF"), make.animation("WEBP"), make.jpeg(), b"<svg width='9' height='9'/>"],
    ids=["gif", "animated-webp", "small", "svg"],
)
def test_what_is_served_as_it_is_waits_for_nothing(make_image, data):
    image = make_image(data, "a")
    assert image.renditions == {}
    assert image.picture.sources == ()
    assert not Image.objects.waiting().exists()


def test_a_failure_is_told_on_the_row_and_tried_a_few_times_only(make_image):
    image = make_image()
    default_storage.delete(image.file.name)
    for attempt in range(MAX_TRIES + 2):
        sweep_renditions()
        image.refresh_from_db()
        assert image.renditions_tries == min(attempt + 1, MAX_TRIES)
        lapse(image)
    assert image.renditions_error
    assert image.renditions_at is None


def test_a_failure_waits_before_the_next_attempt(make_image):
    image = make_image()
    default_storage.delete(image.file.name)
    sweep_renditions()
    sweep_renditions()
    image.refresh_from_db()
    assert image.renditions_tries == 1


def test_the_sweep_finds_what_the_queue_lost_and_killed_workers_left(make_image):
    lost = make_image()
    killed = make_image(make.photo(600, 500), "b.jpg")
    Image.objects.claim(killed.pk)
    lapse(killed)
    sweep_renditions()
    assert Image.objects.filter(renditions_at=None).count() == 0
    assert "480.avif" in names(lost) & names(killed)


def test_an_image_deleted_meanwhile_leaves_no_files(make_image, monkeypatch):
    image = make_image()
    write = storage.write

    def delete_and_write(name, data):
        Image.objects.filter(pk=image.pk).delete()
        write(name, data)

    monkeypatch.setattr(storage, "write", delete_and_write)
    make_renditions(image.pk)
    assert not default_storage.exists(f"images/{image.digest}")


def test_a_task_for_an_image_that_is_gone_does_nothing(db):
    make_renditions(12345)
