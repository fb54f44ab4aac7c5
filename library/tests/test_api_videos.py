"""Videos over the API: the rules of the admin, whole bodies."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lib import video
from lib.tests import make_videos
from library.models import Video
from library.tests.test_videos import CAPTIONS

pytestmark = pytest.mark.django_db
VIDEOS = "/api/v1/media/videos/"
needs_ffmpeg = pytest.mark.skipif(not video.is_available(), reason="ffmpeg is not installed")


def patch(client, stored, **words):
    address = f"{VIDEOS}{stored.pk}/"
    return client.patch(address, words, content_type="application/json")


@needs_ffmpeg
def test_an_uploaded_video_is_told_whole(client, ada):
    client.force_login(ada)
    tried = client.post(
        f"{VIDEOS}?validate_only=true",
        {"file": SimpleUploadedFile("Sea.mp4", make_videos.clip()), "alt": "Waves"},
    )
    assert (tried.status_code, tried.json()["result"]) == (200, {"width": 64, "height": 48})
    assert not Video.objects.exists()
    sent = {"file": SimpleUploadedFile("Sea.mp4", make_videos.clip()), "alt": "Waves"}
    response = client.post(VIDEOS, sent)
    assert response.status_code == 201, response.content
    stored = Video.objects.get()
    assert response["Location"] == f"https://blog.test{VIDEOS}{stored.pk}/"
    body = response.json()
    assert body.pop("created_at")
    assert body == {
        "id": stored.pk,
        "name": "Sea.mp4",
        "url": f"https://blog.test/media/videos/{stored.digest}/sea.mp4",
        "width": 64,
        "height": 48,
        "seconds": stored.seconds,
        "has_sound": True,
        "size": len(make_videos.clip()),
        "alt": "Waves",
        "caption": "",
        "credit": "",
        "uploaded_by": "ada",
        "state": "waiting",
        "progress": 0,
        "error": "",
        "poster": None,
        "sources": [],
        "collections": [],
        "captions": [],
        "replacement": None,
    }
    sent["file"].seek(0)
    again = client.post(VIDEOS, sent)
    assert (again.status_code, again.json()["id"]) == (200, stored.pk)


def test_a_bad_file_is_told_of_its_field(client, ada):
    client.force_login(ada)
    response = client.post(VIDEOS, {"file": SimpleUploadedFile("x.mp4", b"hello")})
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "#/file"
    assert "not a video" in response.json()["errors"][0]["detail"]


def test_who_may_not_look_finds_nothing_and_who_may_not_change_is_refused(
    client, rita, ada, bob, eve, make_video
):
    stored = make_video(uploaded_by=ada, alt="Waves")
    assert client.get(VIDEOS).status_code == 401
    client.force_login(rita)
    assert client.get(VIDEOS).status_code == 403
    client.force_login(bob)
    assert client.get(f"{VIDEOS}{stored.pk}/").json()["alt"] == "Waves"
    assert patch(client, stored, alt="Bob's").status_code == 403
    file = SimpleUploadedFile("x.vtt", CAPTIONS)
    captions = f"{VIDEOS}{stored.pk}/captions/"
    assert client.post(captions, {"file": file, "language": "en"}).status_code == 403
    assert client.delete(f"{VIDEOS}{stored.pk}/").status_code == 403
    client.force_login(eve)
    assert patch(client, stored, alt="Eve's").json()["alt"] == "Eve's"
    assert client.delete(f"{VIDEOS}{stored.pk}/").status_code == 204


def test_captions_are_given_and_bad_ones_refused(client, ada, make_video):
    stored = make_video(uploaded_by=ada)
    client.force_login(ada)
    captions = f"{VIDEOS}{stored.pk}/captions/"
    for data, language, field in ((b"no", "en", "file"), (CAPTIONS, "E N", "language")):
        file = SimpleUploadedFile("x.vtt", data)
        response = client.post(captions, {"file": file, "language": language})
        assert response.status_code == 400
        assert response.json()["errors"][0]["pointer"] == f"#/{field}"
    file = SimpleUploadedFile("x.vtt", CAPTIONS)
    response = client.post(captions, {"file": file, "language": "en", "label": "English"})
    assert response.status_code == 200
    track = stored.tracks.get()
    url = f"https://blog.test{track.url}"
    assert response.json()["captions"] == [{"language": "en", "label": "English", "url": url}]


def test_one_that_is_shown_is_not_deleted_and_its_place_is_told(client, eve, make_video, make_post):
    stored = make_video()
    post = make_post(title="On the sea", body=f"![Sea]({stored.url})")
    client.force_login(eve)
    response = client.delete(f"{VIDEOS}{stored.pk}/")
    assert response.status_code == 409
    assert "On the sea" in response.json()["detail"]
    shown = client.get(f"{VIDEOS}{stored.pk}/uses/").json()["shown"]
    assert [use["title"] for use in shown] == [post.title]
    unused = make_video(b"another film", name="Lonely.mov")
    found = client.get(f"{VIDEOS}?unused=true&search=lonely").json()
    assert [one["id"] for one in found["results"]] == [unused.pk]


def test_the_list_costs_the_same_whatever_its_length(
    client, eve, make_video, settings, django_assert_num_queries
):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    client.force_login(eve)
    counts = []
    for number in range(4):
        make_video(b"film %d" % number, uploaded_by=eve)
        with django_assert_num_queries(20, exact=False) as found:
            client.get(VIDEOS)
        counts.append(len(found))
    assert len(set(counts)) == 1
