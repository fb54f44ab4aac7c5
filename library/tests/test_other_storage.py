"""Uploads that are kept elsewhere than in a folder of this machine."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.core.files.storage import default_storage

from lib.tests import make_images as make
from library.models import Image
from library.orphans import delete_orphans
from library.services import delete_image, store_image
from library.tasks import make_renditions
from transfer.backup import drill


@pytest.fixture
def bucket(settings):
    backend = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": backend}


@pytest.mark.django_db
def test_an_image_lives_in_a_bucket(bucket, client, django_capture_on_commit_callbacks):
    image = store_image(make.photo(), "bridge.jpg")
    make_renditions(image.pk)
    for name in (image.file.name, image.rendition_name(480, "webp")):
        response = client.get(f"/media/{name}")
        assert response.status_code == 200
        assert len(b"".join(response.streaming_content)) == default_storage.size(name)
    first = client.get(image.url)
    # Read to its end: one that is thrown away takes the connection of the test with it.
    assert b"".join(first.streaming_content)
    again = client.get(image.url, HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304
    assert client.get(f"/media/images/{'0' * 64}/a.jpg").status_code == 404
    assert delete_orphans() == 0
    with django_capture_on_commit_callbacks(execute=True):
        delete_image(image)
    assert not default_storage.exists(image.file.name)
    assert not Image.objects.exists()


def test_the_environment_names_the_bucket(tmp_path):
    show = "from config.settings import STORAGES; print(STORAGES['default'])"
    told = subprocess.run(  # noqa: S603  Our own program.
        [sys.executable, "-c", show],
        cwd=project.BASE_DIR,
        env=os.environ
        | {
            "DATA_DIR": str(tmp_path),
            "MEDIA_BUCKET": "ink",
            "MEDIA_BUCKET_ENDPOINT": "https://s3.example.org",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    ).stdout
    assert "'bucket_name': 'ink'" in told
    assert "'endpoint_url': 'https://s3.example.org'" in told
    assert "'region_name': None" in told


def test_a_drill_never_restores_into_the_bucket():
    assert "MEDIA_BUCKET" in drill.EMPTIED
