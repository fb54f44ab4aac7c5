import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from lib import video
from lib.tests import make_videos
from library import videos
from library.models import Video
from library.models.videos import MAX_TRIES
from library.tests.test_videos import CAPTIONS

pytestmark = pytest.mark.django_db
needs_ffmpeg = pytest.mark.skipif(not video.is_available(), reason="ffmpeg is not installed")
LIST = "/admin/library/video/"
ADD = f"{LIST}add/"
NO_CAPTIONS = {"tracks-TOTAL_FORMS": "0", "tracks-INITIAL_FORMS": "0"}


def change(stored):
    return f"{LIST}{stored.pk}/change/"


def words(**fields):
    return {"alt": "", "caption": "", "credit": "", **fields}


@needs_ffmpeg
def test_a_film_is_uploaded_and_its_page_shows_how_far_it_is(client, ada):
    client.force_login(ada)
    upload = SimpleUploadedFile("sea.mp4", make_videos.clip())
    response = client.post(ADD, words(alt="Waves", upload=upload))
    assert response.status_code == 302
    stored = Video.objects.get()
    assert (stored.alt, stored.uploaded_by, stored.seconds) == ("Waves", ada, 0.4)
    page = client.get(change(stored)).content.decode()
    assert f'<progress data-video="{stored.pk}"' in page
    assert "waiting to be converted" in page


@pytest.mark.parametrize("data", [b"hello", b"\0\0\0\x18ftypavif"])
def test_what_is_no_film_is_a_form_error_and_the_words_stay(client, ada, data):
    client.force_login(ada)
    upload = SimpleUploadedFile("sea.mp4", data)
    response = client.post(ADD, words(alt="My words", upload=upload))
    assert response.status_code == 200
    assert "not a video" in str(response.context["adminform"].form.errors["upload"])
    assert "My words" in response.content.decode()


def test_a_reader_finds_nothing(client, rita, make_video):
    client.force_login(rita)
    for address in (LIST, ADD, change(make_video()), f"{LIST}progress/"):
        assert client.get(address).status_code == 404


def test_words_and_captions_are_changed_by_uploader_and_editor(
    client,
    ada,
    bob,
    eve,
    make_video,
):
    stored = make_video(uploaded_by=ada)
    for user, allowed in ((ada, True), (eve, True), (bob, False)):
        client.force_login(user)
        response = client.post(change(stored), words(alt=f"By {user}", **NO_CAPTIONS))
        assert (response.status_code == 302) is allowed
        stored.refresh_from_db()
        assert (stored.alt == f"By {user}") is allowed
    client.force_login(ada)
    row = {
        "tracks-TOTAL_FORMS": "1",
        "tracks-INITIAL_FORMS": "0",
        "tracks-0-language": "en",
        "tracks-0-label": "English",
        "tracks-0-video": stored.pk,
    }
    file = SimpleUploadedFile("sea.vtt", CAPTIONS)
    response = client.post(change(stored), words(**row, **{"tracks-0-file": file}))
    assert response.status_code == 302
    track = stored.tracks.get()
    assert (track.language, track.label) == ("en", "English")
    assert client.get(track.url)["Content-Type"] == "text/vtt"
    kept = row | {"tracks-INITIAL_FORMS": "1", "tracks-0-id": track.pk}
    assert client.post(change(stored), words(**kept | {"tracks-0-label": "EN"})).status_code == 302
    track.refresh_from_db()
    assert track.label == "EN"
    gone = kept | {"tracks-0-DELETE": "on"}
    assert client.post(change(stored), words(**gone)).status_code == 302
    assert not stored.tracks.exists()


def test_bad_captions_are_told_on_the_page(client, ada, make_video):
    stored = make_video(uploaded_by=ada)
    client.force_login(ada)
    row = {
        "tracks-TOTAL_FORMS": "1",
        "tracks-INITIAL_FORMS": "0",
        "tracks-0-language": "en",
        "tracks-0-video": stored.pk,
        "tracks-0-file": SimpleUploadedFile("sea.vtt", b"hello"),
    }
    response = client.post(change(stored), words(**row))
    assert response.status_code == 200
    assert "no captions" in response.content.decode()
    assert not stored.tracks.exists()


def test_how_far_they_are_is_told_to_a_script(client, ada, make_video):
    open_, failed = make_video(progress=40), make_video(b"other", tries=MAX_TRIES, error="broken")
    client.force_login(ada)
    answer = client.get(f"{LIST}progress/?ids={open_.pk},{failed.pk},x,{'9' * 30}").json()
    assert answer == {
        str(open_.pk): {"state": "waiting", "words": "waiting to be converted", "progress": 40},
        str(failed.pk): {"state": "failed", "words": "not converted", "progress": 0},
    }
    assert client.post(f"{LIST}progress/").status_code == 405


def test_what_failed_is_converted_once_more(client, eve, make_video):
    failed = make_video(tries=MAX_TRIES, error="broken")
    client.force_login(eve)
    found = client.get(f"{LIST}?state=failed")
    assert list(found.context["cl"].queryset) == [failed]
    data = {"action": "convert_again", "_selected_action": [failed.pk]}
    assert client.post(LIST, data).status_code == 302
    assert list(Video.objects.waiting()) == [failed]


def test_a_film_in_a_text_is_not_deleted(client, eve, make_video, make_post):
    stored = make_video()
    make_post(title="On the sea", body=f"![Sea]({stored.url})")
    client.force_login(eve)
    response = client.post(f"{LIST}{stored.pk}/delete/", {"post": "yes"})
    assert "On the sea" in response.content.decode()
    assert Video.objects.exists()


@pytest.mark.parametrize("many", [False, True])
def test_a_text_saved_meanwhile_is_no_error_page(
    client,
    eve,
    make_video,
    make_post,
    monkeypatch,
    many,
):
    """Between the question and the answer somebody began to show it."""
    stored = make_video()
    delete = videos.delete_video

    def late(thing, *, by):
        make_post(body=f"![Sea]({stored.url})")
        delete(thing, by=by)

    monkeypatch.setattr("library.admin.videos.delete_video", late)
    client.force_login(eve)
    if many:
        data = {"action": "delete_selected", "_selected_action": [stored.pk], "post": "yes"}
        response = client.post(LIST, data, follow=True)
    else:
        response = client.post(f"{LIST}{stored.pk}/delete/", {"post": "yes"}, follow=True)
    assert "Nothing was deleted" in response.content.decode()
    assert Video.objects.exists()


def test_the_list_costs_the_same_whatever_its_length(
    client,
    eve,
    make_video,
    settings,
    django_assert_num_queries,
):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    client.force_login(eve)
    for number in range(6):
        make_video(b"film %d" % number, uploaded_by=eve)
        if number in {1, 5}:
            # Session, person, role's permissions, the count, the rows, the dates of the filter,
            # the collections of the filter and of the actions.
            with django_assert_num_queries(9):
                client.get(LIST)


def test_a_deleted_film_leaves_no_file(
    client,
    eve,
    make_video,
    django_capture_on_commit_callbacks,
):
    stored = make_video()
    client.force_login(eve)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{LIST}{stored.pk}/delete/", {"post": "yes"})
    assert not Video.objects.exists()
    assert not default_storage.exists(stored.original)
