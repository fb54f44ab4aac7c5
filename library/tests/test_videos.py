"""From the upload of a film to what readers get, with real clips."""

import shutil
from datetime import timedelta
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import ProtectedError
from django.utils import timezone

from config import work
from events.models import Event
from lib import video
from lib.tests import make_images, make_videos
from library import orphans, usage, videos
from library.models import Video
from library.models.videos import CLAIM_LEASE, MAX_TRIES
from library.video_tasks import convert_video, sweep_videos

pytestmark = pytest.mark.django_db
needs_ffmpeg = pytest.mark.skipif(not video.is_available(), reason="ffmpeg is not installed")
CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:00.400\nA tone.\n"


def upload(data=None, name="Sea Side.MOV"):
    return SimpleUploadedFile(name, make_videos.clip(place=True) if data is None else data)


@needs_ffmpeg
@pytest.mark.slow
def test_a_film_is_kept_and_converted(ada, client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        stored = videos.store_video(upload(), "Sea Side.MOV", by=ada, alt="Waves")
    assert stored.url == f"/media/videos/{stored.digest}/sea-side.mp4"
    stored.refresh_from_db()
    assert (stored.state, stored.progress, stored.error) == (Video.State.READY, 100, "")
    assert set(stored.files) == {"jpg", "mp4", "webm"}
    # Only what was made is left: the upload knew where it was recorded.
    assert not default_storage.exists(f"originals/{stored.digest}")
    for extension in stored.files:
        response = client.get(f"/media/videos/{stored.digest}/sea-side.{extension}")
        assert response.status_code == 200
        assert b"+40.0000" not in b"".join(response.streaming_content)
    assert Event.objects.filter(kind="video.ready").count() == 1
    # The same bytes again: the same video, and no more work.
    assert videos.store_video(upload(), "other.mp4") == stored
    convert_video(stored.pk)
    assert Event.objects.filter(kind="video.ready").count() == 1


def test_the_text_names_it_as_an_image_and_gets_a_player(make_video, make_post):
    stored = make_video(alt="Waves", files={"mp4": 900, "webm": 700, "jpg": 50})
    post = make_post(body=f'![]({stored.url} "At noon")')
    base = f"/media/videos/{stored.digest}/sea"
    player = (
        f'<video controls="" preload="none" playsinline="" poster="{base}.jpg" width="64" '
        f'height="48" aria-label="Waves"><source src="{base}.webm" type="video/webm">'
        f'<source src="{base}.mp4" type="video/mp4"><a href="{base}.mp4">Waves</a></video>'
    )
    assert player in post.body_html
    assert "<figcaption>At noon</figcaption>" in post.body_html
    assert [use.title for use in usage.of(stored).shown] == [post.title]


def test_what_becomes_of_it_reaches_the_texts(
    make_video, make_post, ada, django_capture_on_commit_callbacks
):
    """Its captions and words, and which files there are, without anybody saving the text."""
    stored = make_video()
    post = make_post(body=f"![Sea]({stored.url})")
    version = post.version
    with django_capture_on_commit_callbacks(execute=True):
        track = videos.set_captions(stored, "en", CAPTIONS, by=None, label="English")
    post.refresh_from_db()
    shown = f'<track kind="captions" src="{track.url}" srclang="en" label="English">'
    assert shown in post.body_html
    assert post.version == version
    with django_capture_on_commit_callbacks(execute=True):
        videos.remove_captions(track, by=None)
    post.refresh_from_db()
    assert "<track" not in post.body_html
    assert not default_storage.exists(track.file_name)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"hello", "not a video"),
        (make_images.photo(), "not a video"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "not a video"),
    ],
    ids=["text", "picture", "playlist"],
)
def test_what_is_no_film_is_refused(data, reason):
    with pytest.raises(ValidationError, match=reason):
        videos.store_video(upload(data), "x.mp4")
    assert not Video.objects.exists()


@needs_ffmpeg
@pytest.mark.slow
def test_a_film_beyond_a_limit_is_refused_with_the_limit(settings):
    settings.VIDEO_MAX_MINUTES = 0
    with pytest.raises(ValidationError, match="0 minutes are the limit"):
        videos.store_video(upload(), "x.mp4")
    settings.VIDEO_MAX_MB = 0
    with pytest.raises(ValidationError, match="0 MB"):
        videos.store_video(upload(), "x.mp4")
    settings.VIDEO_MAX_MB, settings.VIDEO_MAX_MINUTES = 1, 1
    with pytest.raises(ValidationError, match="damaged"):
        videos.store_video(upload(make_videos.clip()[:700]), "x.mp4")


def test_without_ffmpeg_people_are_told(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    with pytest.raises(ValidationError, match="no ffmpeg"):
        videos.store_video(upload(b"\0\0\0\x18ftypisom" + b"\0" * 99), "x.mp4")


# --- the work ----------------------------------------------------------------------------


def failing(error):
    return mock.patch("library.video_tasks.video.probe", side_effect=error)


def test_a_broken_film_is_given_up_at_once(make_video):
    stored = make_video()
    with failing(video.Broken("moov atom not found")):
        convert_video(stored.pk)
    stored.refresh_from_db()
    assert (stored.state, stored.error) == (Video.State.FAILED, "moov atom not found")
    assert not Video.objects.waiting().exists()


def test_what_may_pass_is_tried_again_after_a_while(make_video, time_machine):
    time_machine.move_to("2026-05-01T12:00Z", tick=False)
    stored = make_video()
    for attempt in range(1, MAX_TRIES + 1):
        with failing(video.Interrupted("ended by signal 9")):
            convert_video(stored.pk)
            sweep_videos()  # too early
        stored.refresh_from_db()
        assert stored.tries == attempt
        time_machine.shift(CLAIM_LEASE + timedelta(seconds=1))
    assert stored.state == Video.State.FAILED
    assert not Video.objects.waiting().exists()
    videos.try_again(stored, by=None)
    assert list(Video.objects.waiting()) == [stored]


def test_the_work_page_counts_them(make_video):
    make_video()
    Video.objects.claim(make_video(b"second").pk)
    make_video(b"third", tries=MAX_TRIES, error="cut off")
    make_video(b"fourth", tries=1, error="a full disk", claimed_at=timezone.now())
    make_video(b"fifth", made_at=timezone.now())
    count = work.count_videos()
    assert (count.waiting, count.running, count.failed, count.parked) == (3, 1, 1, 1)
    assert count.late_since


def test_a_killed_worker_is_followed_by_another(make_video, time_machine):
    time_machine.move_to("2026-05-01T12:00Z", tick=False)
    stored = make_video()
    assert Video.objects.claim(stored.pk)
    assert not Video.objects.claim(stored.pk)
    stored.refresh_from_db()
    assert stored.state == Video.State.WORKING
    time_machine.shift(CLAIM_LEASE + timedelta(seconds=1))
    assert Video.objects.claim(stored.pk)


def test_a_film_deleted_meanwhile_leaves_nothing(make_video, django_capture_on_commit_callbacks):
    stored = make_video()

    def delete(*_args, **_options):
        with django_capture_on_commit_callbacks(execute=True):
            videos.delete_video(stored)
        default_storage.save(f"videos/{stored.digest}/sea.mp4", upload(b"made"))
        return {"mp4": 4}

    with mock.patch("library.video_tasks._make", side_effect=delete):
        convert_video(stored.pk)
    assert not default_storage.exists(f"videos/{stored.digest}/sea.mp4")


# --- people ------------------------------------------------------------------------------


def test_a_film_in_a_text_is_not_deleted(make_video, make_post, eve):
    stored = make_video()
    make_post(body=f"![Sea]({stored.url})")
    with pytest.raises(ProtectedError):
        videos.delete_video(stored, by=eve)


def test_only_who_may_changes_or_deletes(make_video, ada, bob, eve):
    stored = make_video(uploaded_by=ada)
    stored.alt = "By bob"
    for action in (
        lambda: videos.describe_video(stored, by=bob),
        lambda: videos.set_captions(stored, "en", CAPTIONS, by=bob),
        lambda: videos.try_again(stored, by=bob),
        lambda: videos.delete_video(stored, by=ada),
    ):
        with pytest.raises(PermissionDenied):
            action()
    videos.describe_video(stored, by=ada)
    videos.delete_video(stored, by=eve)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"WEBVTT\n\nno cue", b"\xff\xfe", b"<html>WEBVTT", b"x" * 600_000]
)
def test_what_are_no_captions_is_refused(make_video, data):
    with pytest.raises(ValidationError):
        videos.set_captions(make_video(), "en", data, by=None)


# --- files -------------------------------------------------------------------------------


@pytest.fixture
def film(make_video):
    """The address of a stored file of ten bytes."""
    stored = make_video()
    default_storage.save(stored.file_name("mp4"), SimpleUploadedFile("x", b"0123456789"))
    return stored.url


@pytest.mark.parametrize(
    ("asked", "status", "content", "told"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=5-2", 200, b"0123456789", None),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_players_get_the_part_they_ask_for(client, film, asked, status, content, told):
    response = client.get(film, headers={"Range": asked})
    assert (response.status_code, response.getvalue()) == (status, content)
    assert response.headers.get("Content-Range") == told
    assert response["X-Content-Type-Options"] == "nosniff"
    if status == 206:
        assert response["Content-Type"] == "video/mp4"
        assert int(response["Content-Length"]) == len(content)


def test_a_part_of_another_version_is_the_whole(client, film):
    etag = client.get(film)["ETag"]
    for tag, status in ((etag, 206), ('"other"', 200)):
        response = client.get(film, headers={"Range": "bytes=0-3", "If-Range": tag})
        assert response.status_code == status
    assert client.get(film, headers={"If-None-Match": etag}).status_code == 304
    assert client.head(film)["Accept-Ranges"] == "bytes"
    assert client.post(film).status_code == 405


def test_nobody_gets_the_upload_itself(client, make_video):
    stored = make_video()
    assert client.get(f"/media/{stored.original}").status_code == 404
    assert client.get(stored.url).status_code == 404  # not made yet


def test_uploads_that_were_rolled_back_go_after_a_day(make_video, time_machine):
    stored = make_video()
    orphan = "originals/" + "0" * 64
    default_storage.save(orphan, upload(b"x"))
    assert orphans.delete_orphans() == 0
    time_machine.move_to(timezone.now() + timedelta(days=2), tick=False)
    assert orphans.delete_orphans() == 1
    assert default_storage.exists(stored.original)
    assert not default_storage.exists(orphan)
