"""Confirming an address, and moving to another, by an app that never opens a page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts import limits
from accounts.doors import keys
from accounts.doors.addresses import is_confirmed
from accounts.models import AuditEntry, Scope, User
from accounts.services import change_password, set_active, sign_out_everywhere
from accounts.sign_up import sign_up
from accounts.tests.api_client import PASSWORD, App, app_of, problem, sign_in
from accounts.tokens import make_personal_token
from events.models import Event, Mail
from events.relay import run_receipts

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
NEW = {"username": "nora", "email": "Nora@Example.org", "password": PASSWORD}
CONFIRM, KEY, MOVE = "auth/email/confirm/", "auth/email/key/", "auth/email/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def nora() -> User:
    return sign_up("nora", "nora@example.org", PASSWORD)


def mailed() -> tuple[str, str]:
    """To whom the last mail goes, and the key in it."""
    mail = Mail.objects.exclude(kind="email_changed").latest("pk")
    key = re.search(r"^([\w-]+:[\w-]+:[\w-]+)$", mail.text, re.MULTILINE)[1]
    assert key in mail.html
    return mail.to, key


def confirm(key: object, app: App | None = None):
    return (app or App()).post(CONFIRM, {"key": key})


# --- the first address ------------------------------------------------------------------


def test_who_signs_up_in_an_app_confirms_there_and_is_let_in():
    assert App().post("users/", NEW).status_code == 201
    assert problem(sign_in("nora")) == (401, "email-not-confirmed")
    to, key = mailed()
    assert to == "Nora@Example.org"
    answer = confirm(key)
    assert (answer.status_code, answer.content, list(answer.cookies)) == (204, b"", [])
    user = User.objects.get()
    assert is_confirmed(user)
    assert app_of("nora").get("users/me/").json()["email_verified"] is True
    assert Event.objects.filter(kind="user.email_confirmed", subject_id=user.pk).count() == 1
    assert AuditEntry.objects.filter(action="user.email_confirmed", subject_id=user.pk).exists()
    run_receipts(60)
    assert Mail.objects.filter(kind="welcome").count() == 1
    again = confirm(key)
    assert problem(again) == (400, "validation")
    assert again.json()["errors"][0]["pointer"] == "#/key"


def test_another_key_comes_for_the_password(nora):
    known = {"username": "nora", "password": PASSWORD}
    assert App().post(KEY, known).status_code == 204
    assert confirm(mailed()[1]).status_code == 204
    assert problem(App().post(KEY, known)) == (409, "conflict")
    wrong = App().post(KEY, {**known, "password": "wrong"})
    nobody = App().post(KEY, {**known, "username": "nobody"})
    assert problem(wrong) == problem(nobody) == (401, "wrong-credentials")
    assert Mail.objects.filter(kind="confirm_by_signing_in").count() == 1


def test_mails_to_one_address_are_counted(nora, monkeypatch):
    monkeypatch.setattr(limits, "MAILS_TO_ONE", 1)
    known = {"username": "nora", "password": PASSWORD}
    assert App().post(KEY, known).status_code == 204
    refused = App().post(KEY, known)
    assert problem(refused) == (429, "too-many-requests")
    assert int(refused["Retry-After"]) > 0
    assert Mail.objects.count() == 1


def test_a_key_holds_for_a_quarter_of_an_hour(nora, clock):
    key = keys.make_key(nora, nora.email)
    clock.move_to(NOW + timedelta(seconds=keys.LIFETIME + 1))
    assert problem(confirm(key)) == (400, "validation")
    clock.move_to(NOW + timedelta(seconds=keys.LIFETIME - 1))
    assert confirm(key).status_code == 204


@pytest.mark.parametrize(
    "change",
    [
        lambda user: change_password(user, "another blue heron", by=user),
        lambda user: sign_out_everywhere(user, by=user),
        lambda user: set_active(user, False, by=None),
        lambda user: user.delete(),
    ],
)
def test_what_changes_the_account_voids_its_keys(change, nora, sam):
    key = keys.make_key(nora, nora.email)
    change(User.objects.get(pk=nora.pk))
    assert problem(confirm(key)) == (400, "validation")


def test_a_key_that_is_none_confirms_nothing(nora, settings):
    key = keys.make_key(nora, nora.email)
    forged = [key[:-1] + ("A" if key[-1] != "A" else "B"), key.replace(":", ".", 1), "x", "é", ":"]
    for wrong in (*forged, "", None, 7, ["x"], "x" * 1_001):
        assert problem(confirm(wrong)) == (400, "validation"), wrong
    settings.SECRET_KEY = "another key, long enough to be one"
    assert problem(confirm(key)) == (400, "validation")
    assert not is_confirmed(nora)
    assert App().get(CONFIRM).status_code == 405


# --- another address --------------------------------------------------------------------


def test_an_account_moves_when_the_key_comes_back_and_both_addresses_are_told(ada):
    app = app_of("ada")
    assert app.post(MOVE, {"email": "Ada@Elsewhere.example"}).status_code == 204
    to, key = mailed()
    ada.refresh_from_db()
    assert (to, ada.email) == ("Ada@Elsewhere.example", "ada@example.org")
    assert problem(confirm(key)) == (400, "validation"), "Not by whoever holds the key."
    assert confirm(key, app).status_code == 204
    me = app.get("users/me/").json()
    assert (me["email"], me["email_verified"]) == ("ada@elsewhere.example", True)
    told = set(Mail.objects.filter(kind="email_changed").values_list("to", flat=True))
    assert told == {"ada@example.org", "ada@elsewhere.example"}
    assert AuditEntry.objects.filter(action="user.email_changed", subject_id=ada.pk).exists()
    assert problem(confirm(key, app)) == (400, "validation")


def test_it_takes_the_owner(ada, bob):
    app, other = app_of("ada"), app_of("bob")
    token = make_personal_token(ada, name="all", scopes=list(Scope.values))[1]
    new = {"email": "ada@elsewhere.example"}
    assert problem(App().post(MOVE, new)) == (401, "authentication-required")
    assert problem(App(token).post(MOVE, new)) == (403, "forbidden")
    assert app.post(MOVE, new).status_code == 204
    assert problem(confirm(mailed()[1], other)) == (400, "validation")
    assert problem(confirm(mailed()[1], App(token))) == (403, "forbidden")
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"


def test_a_sign_in_of_long_ago_sends_the_password_along(ada, settings, clock):
    settings.ACCESS_TOKEN_SECONDS = 7_200
    app = app_of("ada")
    clock.move_to(NOW + timedelta(minutes=16))
    new = {"email": "ada@elsewhere.example"}
    assert problem(app.post(MOVE, new)) == (401, "confirmation-required")
    assert problem(app.post(MOVE, {**new, "password": "x"})) == (401, "wrong-credentials")
    assert not Mail.objects.exists()
    assert app.post(MOVE, {**new, "password": PASSWORD}).status_code == 204


def test_an_address_of_somebody_else_is_told_only_to_who_reads_there(ada, bob):
    app = app_of("ada")
    answers = [app.post(MOVE, {"email": email}) for email in ("BOB@example.org", "x@example.org")]
    assert [answer.status_code for answer in answers] == [204, 204]
    refused = confirm(keys.make_key(ada, "bob@example.org"), app)
    assert problem(refused) == (409, "account-exists")
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"


def test_what_cannot_be_an_address_is_told(ada):
    app = app_of("ada")
    for email in ("", "nobody", "ADA@example.org", "x" * 300 + "@example.org"):
        assert problem(app.post(MOVE, {"email": email})) == (400, "validation"), email
    assert problem(app.post(MOVE, {})) == (400, "validation")
    assert not Mail.objects.exists()
