"""A video in a real browser: on the page of its editors while it is converted, and in a text."""

from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Page, expect

from lib import video
from lib.tests import make_videos
from library.models import Video
from library.models.videos import MAX_TRIES
from library.video_tasks import convert_video
from library.videos import set_captions, store_video
from tests.browser.test_library import editor as editor

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not video.is_available(), reason="ffmpeg is not installed"),
]


def test_a_film_is_watched_being_converted_and_plays_in_a_text(
    page: Page, editor, picture, make_post, monkeypatch
):
    # Converted when the test says so, as if the workers were busy until then.
    monkeypatch.setattr("library.videos.queue_on_commit", lambda *_args: None)
    page.goto("/admin/library/video/add/")
    page.get_by_label("File:").set_input_files(
        {"name": "Sea.mp4", "mimeType": "video/mp4", "buffer": make_videos.clip()}
    )
    page.get_by_label("What it shows:").fill("Waves")
    picture("video-add")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("progress[data-video]")).to_be_visible()
    film = Video.objects.get()
    picture("video-waiting")
    convert_video(film.pk)
    # The script on the page sees it, without a reload.
    expect(page.locator(".field-state_shown")).to_contain_text("ready")
    expect(page.locator("progress[data-video]")).to_have_count(0)
    set_captions(film, "en", b"WEBVTT\n\n00:00.000 --> 00:00.400\nA tone.\n", by=None)
    page.reload()
    picture("video-ready")

    film.refresh_from_db()
    post = make_post(author=editor, title="The sea", body=f'![]({film.url} "Taken at noon")')
    page.goto(post.get_absolute_url())
    player = page.locator(".prose video")
    expect(player).to_have_attribute("aria-label", "Waves")
    picture("video-in-text")
    player.evaluate(
        "film => new Promise((done, failed) => {"
        " film.onended = done; film.muted = true; film.play().catch(failed); })"
    )
    assert player.evaluate("film => film.videoWidth") == 64
    assert player.evaluate("film => film.textTracks.length") == 1


def test_the_list_tells_how_each_is(page: Page, editor, picture):
    upload = SimpleUploadedFile("Ready.mp4", make_videos.clip())
    ready = store_video(upload, "Ready.mp4")
    convert_video(ready.pk)
    for number, state in enumerate(({"progress": 40}, {"tries": MAX_TRIES, "error": "cut off"})):
        Video.objects.create(
            digest=str(number) * 64, stem="x", name=f"x{number}.mov", width=64, height=48, size=9,
            **state,
        )  # fmt: skip
    page.goto("/admin/library/video/")
    expect(page.locator(".field-state_shown")).to_have_text(
        ["not converted", "waiting to be converted", "ready"]
    )
    picture("video-list")


def test_a_film_is_uploaded_and_picked_on_the_writing_screen(page: Page, editor, monkeypatch):
    monkeypatch.setattr("library.videos.queue_on_commit", lambda *_args: None)
    page.goto("/admin/blog/post/add/")
    text = page.locator(".cm-content")
    page.get_by_role("button", name="Picture or video").click()
    page.get_by_label("Upload a picture or video").set_input_files(
        {"name": "Sea.mp4", "mimeType": "video/mp4", "buffer": make_videos.clip()}
    )
    expect(page.locator("[data-state]")).not_to_have_text("")
    film = f"![](/media/videos/{sha256(make_videos.clip()).hexdigest()}/sea.mp4)"
    expect(text).to_contain_text(film)
    Video.objects.update(alt="Waves")
    page.get_by_role("button", name="Picture or video").click()
    page.get_by_label("Words of a picture or video").fill("waves")
    page.get_by_role("button", name="Video: Waves").click()
    expect(text).to_contain_text(film.replace("![]", "![Waves]"))
