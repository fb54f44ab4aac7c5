"""A copy of one's own data: made by a worker, for its owner, for seven days."""

import io
import json
import time
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from accounts import export, profile, tasks
from accounts.models import AuditEntry
from accounts.models.export import DataExport
from accounts.tests.test_own_account import picture
from events.models import Mail
from library.services import store_image

pytestmark = pytest.mark.django_db
DATA = "/account/data/"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def sign_in(client):
    """`sign_in(user)`: with the password typed a moment ago."""

    def go(user):
        client.force_login(user)
        session = client.session
        typed = {"method": "password", "at": time.time(), "reauthenticated": True}
        session["account_authentication_methods"] = [typed]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()

    return go


def made(user) -> DataExport:
    asked = export.ask(user, by=user)
    export.make(asked.pk)
    asked.refresh_from_db()
    return asked


def contents(found: DataExport) -> dict[str, object]:
    with zipfile.ZipFile(export.path_of(found)) as archive:
        assert archive.testzip() is None
        return {
            name: json.loads(archive.read(name)) if name.endswith(".json") else archive.read(name)
            for name in archive.namelist()
        }


def test_asking_on_the_page_makes_an_archive_and_a_mail(
    client, sign_in, rita, django_capture_on_commit_callbacks
):
    sign_in(rita)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(DATA)
    assert (response.status_code, response["Location"]) == (302, DATA)
    found = DataExport.objects.get(user=rita)
    assert found.is_ready
    assert found.percent == 100
    assert Mail.objects.filter(kind="data_export", recipient=rita).count() == 1
    response = client.get(f"{DATA}{found.pk}/")
    assert response["Content-Type"] == "application/zip"
    assert "attachment" in response["Content-Disposition"]
    assert response["Cache-Control"] == "private, no-store"
    data = b"".join(response.streaming_content)
    assert len(data) == found.size
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    assert AuditEntry.objects.filter(action="user.export_downloaded", actor=rita).exists()


def test_an_archive_holds_all_that_is_theirs_and_nothing_of_others(ada, bob, make_post):
    profile.set_avatar(ada, picture(), "me.jpg", by=ada)
    post = make_post(author=ada, title="Mine", body="My *words*.", tags=["ink"])
    make_post(author=bob, title="His")
    store_image(picture((500, 400), "PNG"), "mine.png", by=ada, alt="Blue")
    store_image(picture((510, 400), "PNG"), "his.png", by=bob)
    found = contents(made(ada))
    assert found["account.json"]["email"] == "ada@example.org"
    assert "password" not in found["account.json"]
    assert [row["title"] for row in found["posts.json"]] == ["Mine"]
    assert found["posts.json"][0]["body"] == "My *words*."
    assert found["post_tags.json"] == [{"id": post.pk, "tags__name": "ink"}]
    assert [row["alt"] for row in found["images.json"]] == ["Blue"]
    pictures = [name for name in found if name.startswith("images/")]
    assert len(pictures) == 1
    assert found[pictures[0]].startswith(b"\x89PNG")
    assert [name for name in found if name.startswith("avatar/")] == [
        "avatar/96.webp",
        "avatar/192.webp",
        "avatar/384.webp",
    ]
    assert all(row["action"] != "user.created" for row in found["activity.json"])


def test_where_others_were_is_not_in_it(ada, sam, client):
    client.force_login(sam)
    profile.save_profile(ada, by=sam, bio="Changed by sam.")
    done = contents(made(ada))["done_to_account.json"]
    assert done
    assert all("address" not in row and "device" not in row for row in done)


def test_only_the_owner_downloads_it(client, sign_in, rita, sam):
    found = made(rita)
    sign_in(sam)
    assert client.get(f"{DATA}{found.pk}/").status_code == 404
    client.logout()
    assert client.get(f"{DATA}{found.pk}/").status_code == 302
    sign_in(rita)
    assert client.post(f"{DATA}{found.pk}/").status_code == 405
    assert client.get(f"{DATA}{found.pk}/").status_code == 200
    with pytest.raises(PermissionDenied):
        export.ask(rita, by=sam)


def test_the_password_is_asked_again_first(client, rita):
    found = made(rita)
    client.force_login(rita)
    assert client.get(DATA).status_code == 200
    for response in (client.post(DATA), client.get(f"{DATA}{found.pk}/")):
        assert response.status_code == 302
        assert "reauthenticate" in response["Location"]


def test_asked_again_too_soon_is_refused_with_when_to_come_back(client, sign_in, rita):
    with time_machine.travel(NOW, tick=False) as clock:
        export.ask(rita, by=rita)
        sign_in(rita)
        response = client.post(DATA)
        assert response.status_code == 429
        assert int(response["Retry-After"]) > 0
        assert rita.data_exports.count() == 1
        clock.shift(timedelta(hours=24, seconds=1))
        assert export.ask(rita, by=rita)


def test_it_expires_by_the_clock_and_is_then_deleted(client, sign_in, rita):
    with time_machine.travel(NOW, tick=False) as clock:
        found = made(rita)
        clock.shift(timedelta(days=7))
        sign_in(rita)
        assert client.get(f"{DATA}{found.pk}/").status_code == 404
        assert export.path_of(found).exists()
        tasks.sweep_data_exports()
        tasks.sweep_data_exports()
    assert not export.path_of(found).exists()
    assert not rita.data_exports.exists()


def test_a_lost_queue_delays_and_does_not_drop_it(rita):
    asked = export.ask(rita, by=rita)
    tasks.sweep_data_exports()
    asked.refresh_from_db()
    assert asked.is_ready
    before = asked.finished_at
    tasks.make_data_export(asked.pk)
    asked.refresh_from_db()
    assert asked.finished_at == before
    assert Mail.objects.filter(kind="data_export").count() == 1


def test_one_that_fails_is_tried_three_times_and_may_then_be_asked_for_again(rita, monkeypatch):
    def fail(user, archive):
        raise OSError("disk full")

    monkeypatch.setitem(export._parts, "broken", fail)
    with time_machine.travel(NOW, tick=False) as clock:
        asked = export.ask(rita, by=rita)
        for _ in range(3):
            with pytest.raises(OSError, match="disk full"):
                export.make(asked.pk)
            export.make(asked.pk)  # in work by another, for all we know
            clock.shift(timedelta(minutes=16))
        export.make(asked.pk)
        asked.refresh_from_db()
        assert (asked.tries, asked.error, asked.is_given_up) == (3, "OSError: disk full", True)
        assert list(export.path_of(asked).parent.iterdir()) == []
        assert export.ask(rita, by=rita).pk != asked.pk


def test_two_clicks_make_one(rita):
    export.ask(rita, by=rita)
    with pytest.raises(ValidationError):
        export.ask(rita, by=rita)


def test_the_page_tells_how_far_it_is(client, rita):
    asked = export.ask(rita, by=rita)
    DataExport.objects.filter(pk=asked.pk).update(parts_done=1, parts_total=4)
    client.force_login(rita)
    assert 'value="25"' in client.get(DATA).content.decode()
