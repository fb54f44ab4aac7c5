"""Many pictures at once: each is kept or refused by itself, with and without the script."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lib import images
from lib.tests import make_images as make
from library.models import Image

UPLOAD = "/admin/library/image/upload/"


def files(*named):
    return {"files": [SimpleUploadedFile(name, data) for name, data in named]}


def test_good_files_are_kept_and_bad_ones_told(client, ada, make_image):
    known = make_image(make.jpeg(40), "known.jpg")
    client.force_login(ada)
    response = client.post(
        UPLOAD,
        files(
            ("bridge.jpg", make.jpeg(41)),
            ("<b>.jpg", b"hello"),
            ("again.jpg", make.jpeg(40)),
            ("tower.png", make.encoded(make.scene(), "PNG")),
        ),
    )
    assert response.status_code == 200
    content = response.content.decode()
    assert content.count('class="upload-stored"') == 2
    assert content.count('class="upload-known"') == 1
    assert content.count('class="upload-refused"') == 1
    assert "&lt;b&gt;.jpg: not stored. This is not a picture we can use." in content
    assert {image.name for image in Image.objects.filter(uploaded_by=ada)} == {
        "bridge.jpg",
        "tower.png",
    }
    known.refresh_from_db()
    assert known.uploaded_by is None


def test_the_script_is_answered_in_json(client, ada):
    client.force_login(ada)
    sent = {"HTTP_ACCEPT": "application/json"}
    answer = client.post(UPLOAD, files(("bridge.jpg", make.jpeg())), **sent)
    image = Image.objects.get()
    assert answer.json() == {
        "outcomes": [
            {
                "name": "bridge.jpg",
                "state": "stored",
                "reason": "",
                "url": f"/admin/library/image/{image.pk}/change/",
            }
        ],
        "error": "",
    }
    refused = client.post(UPLOAD, files(("cut.jpg", make.photo()[:5_000])), **sent).json()
    assert refused["outcomes"][0]["state"] == "refused"
    assert "damaged" in refused["outcomes"][0]["reason"]
    empty = client.post(UPLOAD, {}, **sent)
    assert (empty.status_code, empty.json()["error"]) == (400, "Choose at least one file.")


def test_no_file_is_told_on_the_page(client, ada):
    client.force_login(ada)
    response = client.post(UPLOAD, {"files": ""})
    assert response.status_code == 200
    assert "Choose at least one file." in response.content.decode()


def test_a_file_that_is_too_big_is_not_even_read(client, ada, monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 100)
    client.force_login(ada)
    response = client.post(UPLOAD, files(("a.jpg", make.jpeg())))
    assert "This file is too big." in response.content.decode()
    assert not Image.objects.exists()


@pytest.mark.django_db
def test_only_writers_upload(client, rita):
    assert client.post(UPLOAD, files(("a.jpg", make.jpeg()))).status_code == 302
    client.force_login(rita)
    assert client.post(UPLOAD, files(("a.jpg", make.jpeg()))).status_code == 404
    assert not Image.objects.exists()


def test_other_methods_are_refused(client, ada):
    client.force_login(ada)
    assert client.put(UPLOAD).status_code == 405


def test_the_list_leads_to_it(client, ada):
    client.force_login(ada)
    assert f'href="{UPLOAD}"' in client.get("/admin/library/image/").content.decode()


def test_each_file_costs_the_same(client, ada):
    client.force_login(ada)

    def queries(*sides):
        with CaptureQueriesContext(connection) as counted:
            client.post(UPLOAD, files(*((f"{side}.jpg", make.jpeg(side)) for side in sides)))
        return len(counted)

    one, three = queries(20), queries(21, 22, 23)
    five = queries(24, 25, 26, 27, 28)
    assert five - three == three - one
