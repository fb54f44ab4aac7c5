"""The file of an upload that came to nothing is deleted at once, unless it is somebody's."""

import threading

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, transaction

from lib.tests import make_images as make
from library import services, settling, storage
from library.models import FOLDER, Image, Video
from library.models.videos import ORIGINALS
from library.services import store_image
from library.settling import settled

pytestmark = pytest.mark.django_db
API = "/api/v1/media/"


def files() -> list[str]:
    """All that is stored of images and of uploaded videos."""
    try:
        folders = default_storage.listdir(FOLDER)[0]
    except FileNotFoundError:
        folders = []
    found = [
        name for folder in folders for name in default_storage.listdir(f"{FOLDER}/{folder}")[1]
    ]
    try:
        return found + default_storage.listdir(ORIGINALS)[1]
    except FileNotFoundError:
        return found


def fail(*args, **options):
    raise OperationalError("the database is away")


def rolled_back(data: bytes, name: str) -> Image:
    """Stored, and taken back with all that came before it."""
    with transaction.atomic():
        image = store_image(data, name)
        transaction.set_rollback(True)
    return image


def test_what_is_rolled_back_leaves_no_file(monkeypatch):
    with settled():
        rolled_back(make.jpeg(), "bridge.jpg")
        assert files() == ["bridge.jpg"]
    assert (files(), Image.objects.exists()) == ([], False)
    monkeypatch.setattr(services, "record", fail)
    with settled(), pytest.raises(OperationalError):
        store_image(make.jpeg(), "bridge.jpg")
    assert files() == []


def test_what_is_stored_stays():
    with settled():
        image = store_image(make.jpeg(), "bridge.jpg")
    assert storage.read(image.file.name)
    # As well when it was there already, and what came after it failed.
    with settled():
        assert rolled_back(make.jpeg(), "again.jpg") == image
    assert files() == ["bridge.jpg"]


def test_a_file_that_somebody_else_has_stored_meanwhile_is_theirs(monkeypatch):
    with settled():
        rolled_back(make.jpeg(), "bridge.jpg")
        image = store_image(make.jpeg(), "bridge.jpg")
    assert files() == ["bridge.jpg"]
    # Even when their row came after the look: the hash is theirs.
    look = type(Image.objects.all())
    with monkeypatch.context() as late:
        late.setattr(look, "exists", lambda rows: False)
        settling._delete_unless_known(Image, image.digest, image.file.name)
    assert files() == ["bridge.jpg"]
    assert Image.objects.get() == image


def test_who_makes_the_row_writes_again_what_was_taken_for_nobodys(monkeypatch):
    write = storage.write
    lost = []

    def write_and_lose(name, data):
        write(name, data)
        if not lost:
            lost.append(name)
            default_storage.delete(name)

    monkeypatch.setattr(storage, "write", write_and_lose)
    image = store_image(make.jpeg(), "bridge.jpg")
    assert lost == [image.file.name]
    assert storage.read(image.file.name)


def test_the_api_and_the_admin_leave_nothing(client, ada, monkeypatch):
    client.force_login(ada)
    client.raise_request_exception = False
    monkeypatch.setattr("library.services.record", fail)
    for address, name in (
        (API, "file"),
        ("/admin/library/image/upload/", "files"),
        ("/admin/library/image/add/", "upload"),
    ):
        sent = {name: SimpleUploadedFile("a.jpg", make.jpeg()), "focal_x": 0.5, "focal_y": 0.5}
        answer = client.post(address, sent)
        assert answer.status_code >= 500, address
        assert files() == [], address
    assert not Image.objects.exists()


def test_a_database_that_is_away_leaves_it_to_the_daily_job(monkeypatch):
    monkeypatch.setattr(settling, "_delete_unless_known", fail)
    with settled():
        settling.note(Video, "0" * 64, f"{ORIGINALS}/none")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_who_stores_while_another_is_rolled_back_has_the_file():
    if connection.vendor == "sqlite":
        pytest.skip("threads cannot share SQLite's database in memory")
    barrier, stored = threading.Barrier(4), []

    def upload(data, keeps):
        barrier.wait()
        try:
            with settled():
                if keeps:
                    stored.append(store_image(data, "a.jpg"))
                else:
                    rolled_back(data, "a.jpg")
        finally:
            connection.close()

    for width in range(30, 36):
        data = make.jpeg(width)
        threads = [threading.Thread(target=upload, args=(data, keeps)) for keeps in (0, 1, 0, 0)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(stored) == Image.objects.count() == 6
    for image in stored:
        assert storage.read(image.file.name)
