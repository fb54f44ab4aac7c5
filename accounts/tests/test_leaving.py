"""The end of an account: asked for, taken back, carried out."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth import authenticate
from django.core import serializers
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts import erasure, profile, tasks
from accounts.doors import sessions
from accounts.models import AuditEntry, Role, User
from accounts.services import save_user, set_role
from accounts.tests.test_data_export import sign_in as sign_in
from accounts.tests.test_own_account import picture
from blog.models import Post
from events.models import Event, Mail
from library.services import store_image

pytestmark = pytest.mark.django_db
LEAVE, STAY = "/account/leave/", "/account/stay/"
PASSWORD = "correct horse battery"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def leave(client, user, **fields):
    return client.post(LEAVE, {"username": user.username, **fields})


def erased(user: User) -> User:
    User.objects.filter(pk=user.pk).update(delete_at=timezone.now())
    tasks.erase_accounts()
    return User.objects.get(pk=user.pk)


def test_who_asks_stays_for_fourteen_days_and_is_signed_out_elsewhere(client, sign_in, rita):
    elsewhere = type(client)()
    elsewhere.force_login(rita)
    with time_machine.travel(NOW, tick=False):
        sign_in(rita)
        assert leave(client, rita).status_code == 302
        rita.refresh_from_db()
        assert rita.delete_at == NOW + timedelta(days=14)
        assert "May 15, 2026" in client.get("/").content.decode()
        assert elsewhere.get("/account/").status_code == 302
        assert authenticate(username="rita", password=PASSWORD) == rita
        assert len(sessions.alive(rita)) == 1
    mail = Mail.objects.get(dedupe_key__startswith="deletion_asked")
    assert "May 15, 2026" in mail.text
    assert AuditEntry.objects.filter(action="user.leaving", actor=rita).exists()


def test_who_thinks_better_of_it_stays(client, sign_in, rita):
    sign_in(rita)
    leave(client, rita)
    assert client.get(STAY).status_code == 405
    assert client.post(STAY).status_code == 302
    rita.refresh_from_db()
    assert rita.delete_at is None
    assert "will be deleted" not in client.get("/").content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=30), tick=False):
        tasks.erase_accounts()
        assert authenticate(username="rita", password=PASSWORD) == rita
    assert client.post(STAY).status_code == 302  # a second time is told, not an error


def test_the_password_is_asked_again_first(client, rita):
    client.force_login(rita)
    for response in (client.get(LEAVE), leave(client, rita)):
        assert "reauthenticate" in response["Location"]
    rita.refresh_from_db()
    assert rita.delete_at is None


@pytest.mark.parametrize(
    "fields",
    [
        {"username": "bob"},
        {"username": ""},
        {"texts": "heir"},
        {"texts": "heir", "heir": "999999"},
        {"texts": "heir", "heir": "x\x00"},
        {"texts": "burn"},
    ],
)
def test_bad_input_is_told_and_changes_nothing(fields, client, sign_in, ada, bob, make_post):
    make_post(author=ada)
    sign_in(ada)
    fields = {"username": "ada", "texts": "anonymous", **fields}
    assert client.post(LEAVE, fields).status_code == 200
    ada.refresh_from_db()
    assert ada.delete_at is None


def test_only_who_answers_for_all_texts_inherits(ada, bob, cleo, rita, eve, sam, make_post):
    make_post(author=ada)
    assert set(erasure.possible_heirs(ada)) == {eve, sam}
    for heir in (ada, bob, cleo, rita):
        with pytest.raises(ValidationError):
            erasure.ask(ada, heir=heir, by=ada)
    with pytest.raises(PermissionDenied):
        erasure.ask(ada, heir=eve, by=sam)
    erasure.ask(ada, heir=eve, by=ada)
    assert Mail.objects.filter(recipient=eve, dedupe_key__startswith="deletion_heir").exists()


def test_the_last_administrator_cannot_leave(sam, eve):
    with pytest.raises(ValidationError, match="administrator"):
        erasure.ask(sam, heir=None, by=sam)
    sam.refresh_from_db()
    assert sam.delete_at is None
    set_role(eve, Role.ADMINISTRATOR)
    erasure.ask(sam, heir=None, by=sam)
    # And who stays cannot step down meanwhile.
    with pytest.raises(ValidationError, match="administrator"):
        set_role(eve, Role.EDITOR)


def test_after_fourteen_days_the_account_is_shut_without_any_worker(client, ada, make_post):
    make_post(author=ada)
    with time_machine.travel(NOW, tick=False) as clock:
        erasure.ask(ada, heir=None, by=ada)
        client.force_login(User.objects.get(pk=ada.pk))
        clock.shift(timedelta(days=13, hours=23))
        assert client.get("/account/").status_code == 200
        clock.shift(timedelta(hours=1))
        assert client.get("/account/").status_code == 302
        assert authenticate(username="ada", password=PASSWORD) is None
        with pytest.raises(ValidationError):
            erasure.take_back(ada, by=ada)


def test_nothing_that_tells_who_it_was_is_left(client, ada, sam, make_post):
    """Everything in the database is looked through, by the words that were this person's."""
    with time_machine.travel(NOW, tick=False):
        profile.save_profile(
            ada, by=ada, bio="Countess", links=[{"name": "", "url": "https://lovelace.example"}]
        )
        profile.set_avatar(ada, picture(), "me.jpg", by=ada)
        ada.username = "ada_lovelace"
        save_user(ada, by=sam, role=Role.AUTHOR)
        post = make_post(author=ada, title="Notes", body="On the engine.")
        store_image(picture(), "engine.jpg", by=ada)
        door = {"login": "ada_lovelace", "password": PASSWORD}
        client.post("/account/login/", door, headers={"User-Agent": "Lovelace's browser"})
        assert AuditEntry.objects.filter(action="user.signed_in", actor=ada).exists()
        avatar = ada.avatar
        erasure.ask(ada, heir=None, by=ada)
    gone = erased(ada)
    assert gone.username == f"deleted_{ada.pk}"
    assert (gone.email, gone.email_key, gone.avatar, gone.links, gone.bio) == (
        None,
        None,
        "",
        [],
        "",
    )
    assert (gone.is_active, gone.is_staff, gone.role) == (False, False, None)
    assert not gone.has_usable_password()
    assert not EmailAddress.objects.filter(user=gone).exists()
    farewell = Mail.objects.get(dedupe_key__startswith="deletion_done")
    assert farewell.to == "ada@example.org"
    farewell.delete()
    kept = "".join(
        serializers.serialize("json", model._base_manager.all())
        for model in apps.get_models(include_auto_created=True)
    ).lower()
    for word in ("lovelace", "ada@example.org", "countess", avatar):
        assert word not in kept, word
    assert Post.objects.get(pk=post.pk).byline == [gone]
    html = client.get(post.get_absolute_url()).content.decode()
    assert "Former member" in html
    assert AuditEntry.objects.filter(actor=gone, actor_name=gone.username).exists()


def test_the_old_author_page_is_gone_and_the_name_is_free(client, ada, make_post, make_user):
    make_post(author=ada)
    erased(ada)
    assert client.get("/authors/ada/").status_code == 404
    assert client.get(f"/authors/deleted_{ada.pk}/").status_code == 200
    assert make_user("ada", Role.AUTHOR, email="ada@example.org").username == "ada"


def test_an_heir_takes_the_place_in_each_byline_once(ada, bob, eve, make_post):
    alone = make_post(author=ada, title="Alone")
    draft = make_post(author=ada, title="Draft", draft=True)
    together = make_post(authors=[bob, ada], title="Together")
    with_heir = make_post(authors=[ada, eve], title="With the heir")
    erasure.ask(ada, heir=eve, by=ada)
    gone = erased(ada)
    bylines = {post.title: post.byline for post in Post.objects.all()}
    assert bylines == {
        "Alone": [eve],
        "Draft": [eve],
        "Together": [bob, eve],
        "With the heir": [eve],
    }
    for post in (alone, draft, together, with_heir):
        assert post.revisions.latest("number").reason == "handed over"
    assert not Post.objects.written_by(gone).exists()


def test_an_heir_who_lost_the_role_meanwhile_gets_nothing(ada, eve, make_post):
    post = make_post(author=ada)
    erasure.ask(ada, heir=eve, by=ada)
    set_role(eve, Role.AUTHOR)
    gone = erased(ada)
    assert Post.objects.get(pk=post.pk).byline == [gone]


def test_emptying_twice_does_nothing_more(rita):
    first = erased(rita)
    tasks.erase_accounts()
    second = User.objects.get(pk=rita.pk)
    assert (first.erased_at, first.username) == (second.erased_at, second.username)
    assert Event.objects.filter(kind="user.erased").count() == 1
    assert Mail.objects.filter(dedupe_key__startswith="deletion_done").count() == 1


def test_one_that_cannot_be_emptied_keeps_nobody_else(rita, bob, monkeypatch, caplog):
    def fail_for_rita(user, heir):
        if user == rita:
            raise OSError("later")

    monkeypatch.setattr(
        erasure,
        "_belongings",
        {"broken": erasure.Belongings(count=lambda user: 0, settle=fail_for_rita)},
    )
    User.objects.filter(pk__in=[rita.pk, bob.pk]).update(delete_at=timezone.now())
    tasks.erase_accounts()
    assert User.objects.get(pk=rita.pk).erased_at is None
    assert User.objects.get(pk=bob.pk).erased_at is not None
    assert "could not be emptied" in caplog.text


def test_who_keeps_copies_hears_of_the_changed_byline(
    ada, make_post, django_capture_on_commit_callbacks
):
    post = make_post(author=ada)
    with django_capture_on_commit_callbacks(execute=True):
        erased(ada)
    told = Event.objects.filter(kind="post.updated", subject_id=str(post.pk)).latest("id")
    assert told.payload == {"changed": ["authors"]}
