"""Many pictures and videos at once: each is kept or refused, with and without the script."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lib import images, video
from lib.tests import make_images as make
from lib.tests import make_videos
from library.models import Image, Video

UPLOAD = "/admin/library/image/upload/"
# The same page where bodies may be as big as videos; the form of the other sends to it.
UPLOAD_VIDEOS = "/admin/library/video/upload/"
FILM = b"\0\0\0\x18ftypmp42 no film at all"


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


@pytest.mark.skipif(not video.is_available(), reason="ffmpeg is not installed")
def test_videos_are_kept_beside_pictures(client, ada):
    client.force_login(ada)
    sent = files(("sea.mp4", make_videos.clip()), ("bridge.jpg", make.jpeg()))
    content = client.post(UPLOAD_VIDEOS, sent).content.decode()
    film, image = Video.objects.get(), Image.objects.get()
    assert (film.name, film.uploaded_by, image.name) == ("sea.mp4", ada, "bridge.jpg")
    for thing, kind in ((film, "video"), (image, "image")):
        assert f'<a href="/admin/library/{kind}/{thing.pk}/change/">{thing.name}</a>' in content


def test_a_video_that_is_known_or_none_is_told(client, ada, make_video, settings):
    known = make_video(data=FILM)
    client.force_login(ada)
    sent = {"HTTP_ACCEPT": "application/json"}
    named = (("sea.mp4", FILM), ("cut.mp4", FILM + b"!"))
    told = client.post(UPLOAD_VIDEOS, files(*named), **sent).json()["outcomes"]
    assert told[0] == {
        "name": "sea.mp4",
        "state": "known",
        "reason": "",
        "url": f"/admin/library/video/{known.pk}/change/",
    }
    assert (told[1]["state"], bool(told[1]["reason"])) == ("refused", True)
    settings.VIDEO_MAX_MB = 0
    told = client.post(UPLOAD_VIDEOS, files(("sea.mp4", FILM)), **sent).json()["outcomes"]
    assert (told[0]["state"], told[0]["reason"][:21]) == ("refused", "This file is too big.")


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
    for page in (UPLOAD, UPLOAD_VIDEOS):
        assert client.post(page, files(("a.jpg", make.jpeg()))).status_code == 404
    assert not Image.objects.exists()


def test_other_methods_are_refused(client, ada):
    client.force_login(ada)
    assert client.put(UPLOAD).status_code == 405


def test_the_list_leads_to_it(client, ada):
    client.force_login(ada)
    assert f'href="{UPLOAD}"' in client.get("/admin/library/image/").content.decode()
    assert f'href="{UPLOAD_VIDEOS}"' in client.get("/admin/library/video/").content.decode()
    for page in (UPLOAD, UPLOAD_VIDEOS):
        assert f'action="{UPLOAD_VIDEOS}"' in client.get(page).content.decode()


def test_each_file_costs_the_same(client, ada):
    client.force_login(ada)

    def queries(*sides):
        with CaptureQueriesContext(connection) as counted:
            client.post(UPLOAD, files(*((f"{side}.jpg", make.jpeg(side)) for side in sides)))
        return len(counted)

    one, three = queries(20), queries(21, 22, 23)
    five = queries(24, 25, 26, 27, 28)
    assert five - three == three - one
