"""Another film in the place of one that is shown already."""

from datetime import timedelta
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from events.models import Event
from lib import video
from library import usage, videos
from library.models import Video
from library.orphans import delete_orphans
from library.replacing_videos import forget_former_videos, give_up, put_back, replace_video
from library.video_tasks import convert_video

pytestmark = pytest.mark.django_db
CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:00.400\nA tone.\n"
HEAD = b"\0\0\0\x18ftypisom"  # by which a file looks like a video
FACTS = video.Facts("mov", 128, 96, 1.5, True)


def film(data=b"new"):
    return SimpleUploadedFile("New.mov", HEAD + data)


@pytest.fixture
def make_shown(make_video):
    """A video with the files that a worker made of it."""

    def build(**columns):
        files = {"mp4": 3, "webm": 3, "jpg": 3}
        stored = make_video(files=files, made_at=timezone.now(), alt="Waves", **columns)
        for extension in files:
            default_storage.save(stored.file_name(extension), SimpleUploadedFile("x", b"old"))
        return stored

    return build


@pytest.fixture
def replace(django_capture_on_commit_callbacks):
    """Replace a file; no ffmpeg looks at it, and the worker comes when `convert` is called."""

    def send(stored, data=b"new", by=None):
        with (
            mock.patch("library.videos.video.probe", return_value=FACTS),
            django_capture_on_commit_callbacks(execute=False),
        ):
            return replace_video(stored, film(data), "New.mov", by=by)

    return send


@pytest.fixture
def convert(django_capture_on_commit_callbacks):
    """What the worker does with an upload."""

    def work(upload):
        def make(stored, _folder):
            for extension in ("mp4", "jpg"):
                default_storage.save(stored.file_name(extension), SimpleUploadedFile("x", b"made"))
            return {"mp4": 4, "jpg": 4}

        with (
            mock.patch("library.video_tasks._make", side_effect=make),
            django_capture_on_commit_callbacks(execute=True),
        ):
            convert_video(upload.pk)

    return work


def test_it_takes_its_place_when_it_is_converted(
    client, make_shown, make_post, replace, convert, django_capture_on_commit_callbacks
):
    stored = make_shown()
    with django_capture_on_commit_callbacks(execute=True):
        track = videos.set_captions(stored, "en", CAPTIONS, by=None, label="English")
    before, caption = stored.url, track.url
    post = make_post(body=f"![]({before})")
    version = post.version
    upload = replace(stored)
    stored.refresh_from_db()
    assert stored.url == before
    assert b"".join(client.get(before).streaming_content) == b"old"
    convert(upload)
    stored.refresh_from_db()
    post.refresh_from_db()
    assert (stored.alt, stored.width, stored.name) == ("Waves", 128, "New.mov")
    assert not Video.objects.exclude(pk=stored.pk).exists()
    assert b"".join(client.get(stored.url).streaming_content) == b"made"
    assert stored.url in post.body_html
    assert stored.tracks.get().url in post.body_html
    assert before not in post.body_html
    assert (before in post.body, post.version) == (True, version)
    # Every former address leads on: also of files that are not made any more.
    base = before.rpartition("/")[0]
    for former, now in (
        (before, stored.url),
        (f"{base}/sea.jpg", stored.poster_url),
        (f"{base}/sea.webm", stored.url),
        (caption, stored.tracks.get().url),
    ):
        response = client.get(former)
        assert (response.status_code, response.headers.get("Location")) == (302, now)
        assert response["Cache-Control"] == "no-store"
    assert client.get(f"{base}/fr-0123456789abcdef.vtt").status_code == 404
    # A text written later with the former address shows it too.
    again = make_post(title="Again", body=f"![]({before})")
    assert stored.url in again.body_html
    assert {use.title for use in usage.of(stored).shown} == {post.title, "Again"}
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert {"video.replaced", "video.deleted"} <= kinds
    assert "video.ready" not in kinds


def test_the_former_files_are_put_back_and_forgotten_after_thirty_days(
    client, make_shown, replace, convert, time_machine, django_capture_on_commit_callbacks
):
    stored = make_shown()
    first = stored.url
    convert(replace(stored))
    stored.refresh_from_db()
    second = stored.url
    with django_capture_on_commit_callbacks(execute=True):
        put_back(stored.former.get(), by=None)
    stored.refresh_from_db()
    assert (stored.url, stored.name, stored.width) == (first, "Sea.mov", 64)
    assert b"".join(client.get(first).streaming_content) == b"old"
    assert client.get(second)["Location"] == first
    # The same bytes as a former one's are a video of their own again.
    with mock.patch("library.videos.video.probe", return_value=FACTS):
        other = videos.store_video(film(), "other.mov")
    assert other.digest not in second
    assert (forget_former_videos(), delete_orphans()) == (0, 0)
    time_machine.move_to(timezone.now() + timedelta(days=31), tick=False)
    assert forget_former_videos() == 1
    assert client.get(second)["Location"] == first
    with pytest.raises(ValidationError, match="not kept"):
        put_back(stored.former.get(), by=None)


def test_what_waits_is_given_up_and_another_one_follows(make_shown, replace, ada, eve, bob):
    stored = make_shown(uploaded_by=ada)
    first = replace(stored, by=ada)
    assert replace(stored, by=ada) == first
    second = replace(stored, b"newer", by=ada)
    assert set(Video.objects.all()) == {stored, second}
    stored.refresh_from_db()
    with pytest.raises(PermissionDenied):
        give_up(stored.replacement, by=bob)
    give_up(stored.replacement, by=ada)
    assert list(Video.objects.all()) == [stored]


def test_what_cannot_take_its_place_changes_nothing(make_shown, make_video, replace, ada, bob):
    stored = make_shown(uploaded_by=ada)
    waiting = make_video(b"waits", uploaded_by=ada)
    make_video(HEAD + b"known", name="Known.mov")
    with pytest.raises(PermissionDenied):
        replace(stored, by=bob)
    for target, data, reason in (
        (stored, b"known", "already: Known.mov"),
        (waiting, b"new", "not converted yet"),
    ):
        with pytest.raises(ValidationError, match=reason):
            replace(target, data, by=ada)
    with pytest.raises(ValidationError, match="not a video"):
        replace_video(stored, SimpleUploadedFile("x", b"hello"), "x.mp4", by=ada)
    assert not Video.objects.exclude(replaces=None).exists()


def test_a_deleted_video_takes_everything_along(
    make_shown, replace, convert, django_capture_on_commit_callbacks
):
    stored = make_shown()
    convert(replace(stored))
    stored.refresh_from_db()
    former = stored.former.get().file_name("mp4")
    assert default_storage.exists(former)
    upload = replace(stored, b"newer")
    with django_capture_on_commit_callbacks(execute=True):
        videos.delete_video(stored)
    assert not Video.objects.exists()
    for name in (former, upload.original, stored.file_name("mp4")):
        assert not default_storage.exists(name)


def test_in_the_admin_who_may_change_it_replaces_and_puts_back(
    client, ada, bob, make_shown, convert
):
    stored = make_shown(uploaded_by=ada)
    page = f"/admin/library/video/{stored.pk}/replace/"
    client.force_login(bob)
    assert client.get(page).status_code == 404
    assert client.post(page, {"former": "1"}).status_code == 404
    client.force_login(ada)
    for sent, reason in (
        ({"upload": SimpleUploadedFile("x.mov", b"hello")}, "not a video"),
        ({}, "Choose a file"),
        ({"former": "x"}, "whole number"),
    ):
        response = client.post(page, sent)
        assert (response.status_code, reason in response.content.decode()) == (200, True)
    for sent in ({"former": "99"}, {"give_up": "1"}):
        assert client.post(page, sent).status_code == 404
    with mock.patch("library.videos.video.probe", return_value=FACTS):
        assert client.post(page, {"upload": film()}).status_code == 302
    shown = client.get(page).content.decode()
    assert "New.mov" in shown
    assert "waiting to be converted" in shown
    # It is no video of its own: no list has it.
    assert "New.mov" not in client.get("/admin/library/video/").content.decode()
    assert client.post(page, {"give_up": "1"}).status_code == 302
    with mock.patch("library.videos.video.probe", return_value=FACTS):
        client.post(page, {"upload": film()})
    stored.refresh_from_db()
    convert(stored.replacement.upload)
    assert "Sea.mov" in client.get(page).content.decode()
    assert client.post(page, {"former": stored.former.get().pk}).status_code == 302
    stored.refresh_from_db()
    assert stored.name == "Sea.mov"
    assert client.put(page).status_code == 405


def test_over_the_api_it_is_told_what_takes_its_place(client, ada, bob, make_shown):
    stored = make_shown(uploaded_by=ada)
    address = f"/api/v1/media/videos/{stored.pk}/replace/"

    def send(user, file, query=""):
        client.force_login(user)
        with mock.patch("library.videos.video.probe", return_value=FACTS):
            return client.post(address + query, {"file": file})

    assert send(bob, film()).status_code == 403
    refused = send(ada, SimpleUploadedFile("x.mov", b"hello"))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "#/file")
    dry = send(ada, film(), "?validate_only=true").json()
    assert (dry["valid"], dry["result"]["replacement"]) == (True, None)
    answer = send(ada, film())
    assert answer.status_code == 200
    waits = {"name": "New.mov", "state": "waiting", "progress": 0, "error": ""}
    assert (answer.json()["id"], answer.json()["replacement"]) == (stored.pk, waits)
    listed = client.get("/api/v1/media/videos/").json()["results"]
    assert [(one["id"], one["replacement"]) for one in listed] == [(stored.pk, waits)]
    assert client.get(address).status_code == 405
