"""Files of an upload that was rolled back go; all others stay."""

import os
import time
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from events import schedule
from lib.tests import make_images as make
from library.orphans import MIN_AGE, delete_orphans
from library.services import store_image

pytestmark = pytest.mark.django_db


def age(image, by=MIN_AGE + timedelta(minutes=1)):
    then = time.time() - by.total_seconds()
    os.utime(default_storage.path(image.file.name), (then, then))


def rolled_back(side=40):
    with transaction.atomic():
        image = store_image(make.jpeg(side), "a.jpg")
        transaction.set_rollback(True)
    return image


def test_what_was_rolled_back_goes_a_day_later():
    old, young = rolled_back(40), rolled_back(41)
    kept = store_image(make.jpeg(42), "b.jpg")
    age(old)
    age(kept)
    age(young, MIN_AGE - timedelta(minutes=1))
    assert delete_orphans() == 1
    assert not default_storage.exists(f"images/{old.digest}")
    assert default_storage.exists(young.file.name)
    assert default_storage.exists(kept.file.name)
    assert delete_orphans() == 0


def test_the_same_picture_uploaded_again_renews_its_file():
    age(rolled_back())
    with transaction.atomic():
        again = store_image(make.jpeg(40), "a.jpg")
        transaction.set_rollback(True)
    assert delete_orphans() == 0
    assert default_storage.exists(again.file.name)


def test_a_library_without_any_file_is_no_error():
    assert delete_orphans() == 0


def test_the_clock_starts_it():
    assert "library_orphans" in {job.name for job in schedule.jobs()}


def test_images_are_asked_for_in_batches(django_assert_num_queries):
    for side in range(40, 45):
        store_image(make.jpeg(side), "a.jpg")
    with django_assert_num_queries(1):
        delete_orphans()
