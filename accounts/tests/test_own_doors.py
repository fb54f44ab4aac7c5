"""What somebody who is signed in does with address, password and sessions."""

import re

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.doors import addresses, sessions
from accounts.models import Role, User
from accounts.services import ensure_first_administrator, save_user
from accounts.tests.mailbox import mailed_code
from events.models import Event

pytestmark = pytest.mark.django_db
SIGN_IN, CONFIRM = "/account/login/", "/account/confirm-email/"
ADDRESS, CHANGE, SESSIONS = "/account/email/", "/account/password/change/", "/account/sessions/"
PASSWORD, OTHER = "correct horse battery", "a blue heron at dawn"


# --- one truth about the address ----------------------------------------------------------


def test_whoever_writes_the_address_the_row_beside_it_is_true(ada, sam, make_user):
    def rows(user) -> list:
        return list(user.emailaddress_set.values_list("email", "primary", "verified"))

    assert rows(ada) == [("ada@example.org", True, True)]
    ada.email = "Ada@Other.example"
    save_user(ada, by=sam, role=Role.AUTHOR)
    assert rows(ada) == [("ada@other.example", True, True)]
    ada.email = None
    ada.save()
    assert rows(ada) == []
    # An address that somebody gave up, by a way that tells nobody, belongs to its new owner.
    User.objects.filter(username="sam").update(email=None, email_key=None)
    new = make_user("sue", email="sam@example.org")
    assert rows(new) == [("sam@example.org", True, True)]
    assert addresses.is_confirmed(new)
    assert not addresses.is_confirmed(User.objects.get(username="sam"))


def test_another_save_does_not_confirm_an_address(sam):
    from accounts.sign_up import sign_up

    user = sign_up("nora", "nora@example.org", PASSWORD)
    user = User.objects.get(pk=user.pk)
    user.display_name = "Nora"
    save_user(user, by=sam, role=None)
    assert not addresses.is_confirmed(user)


def test_the_first_administrator_needs_no_address(client):
    _, password = ensure_first_administrator()
    answer = client.post(SIGN_IN, {"login": "admin", "password": password, "next": "/admin/"})
    assert answer["Location"] == "/admin/"
    assert client.get("/admin/")["Location"] == "/admin/password_change/"


def test_a_changed_address_counts_once_confirmed_and_both_are_told(proven, commit, ada):
    browser = proven("ada")
    with commit():
        answer = browser.post(ADDRESS, {"email": "New@example.org", "action_add": "1"})
    assert answer["Location"] == CONFIRM
    assert mail.outbox[-1].to == ["new@example.org"]
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"
    with commit():
        browser.post(CONFIRM, {"code": mailed_code()})
    ada.refresh_from_db()
    assert (ada.email, ada.email_key) == ("new@example.org", "new@example.org")
    told = {message.to[0]: message for message in mail.outbox[-2:]}
    assert set(told) == {"ada@example.org", "new@example.org"}
    for message in told.values():
        assert "from ada@example.org to new@example.org" in message.body
        assert "Firefox on Linux" in message.body
    event = Event.objects.get(kind="user.email_confirmed")
    assert event.payload == {"changed": True}


def test_changing_the_address_asks_for_the_password_again(signed_in, ada):
    browser = signed_in("ada")
    answer = browser.post(ADDRESS, {"email": "new@example.org", "action_add": "1"})
    assert answer["Location"].startswith("/account/reauthenticate/")
    # What was asked for is done once the password is given.
    answer = browser.post(answer["Location"], {"password": PASSWORD, "next": ADDRESS})
    assert answer["Location"] == CONFIRM


def test_an_address_of_somebody_else_stays_theirs_and_is_not_given_away(proven, commit, ada, bob):
    browser = proven("ada")
    with commit():
        taken = browser.post(ADDRESS, {"email": "bob@example.org", "action_add": "1"})
    assert taken["Location"] == CONFIRM  # as for any other
    answer = browser.post(CONFIRM, {"code": mailed_code()})
    assert "already registered" in answer.content.decode()
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"


def test_an_address_taken_while_it_is_confirmed_is_no_error(proven, commit, ada, bob, monkeypatch):
    browser = proven("ada")
    with commit():
        browser.post(ADDRESS, {"email": "new@example.org", "action_add": "1"})
    code = mailed_code()
    # Between our look and our write.
    monkeypatch.setattr(
        "accounts.doors.forms.ConfirmAddressForm.clean_code", lambda self: self.cleaned_data["code"]
    )
    bob.email = "new@example.org"
    bob.save()
    assert browser.post(CONFIRM, {"code": code}).status_code == 302
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"


@pytest.mark.parametrize("email", ["ADA@example.org", "nobody", "", "x" * 400 + "@example.org"])
def test_what_cannot_be_an_address_is_told(email, proven, ada):
    browser = proven("ada")
    answer = browser.post(ADDRESS, {"email": email, "action_add": "1"})
    assert answer.status_code == 200
    assert 'id="id_email_error"' in answer.content.decode()


def test_the_only_address_cannot_be_taken_away(proven, ada):
    proven("ada").post(ADDRESS, {"email": "ada@example.org", "action_remove": "1"})
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"
    assert addresses.is_confirmed(ada)


# --- passwords ----------------------------------------------------------------------------


def test_a_changed_password_ends_the_other_sessions_and_keeps_this(signed_in, commit, ada):
    here, there = signed_in("ada"), signed_in("ada")
    new = {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER}
    with commit():
        assert here.post(CHANGE, new).status_code == 302
    assert here.get(SESSIONS).status_code == 200
    assert there.get(SESSIONS).status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(OTHER)
    assert "Your password was changed" in mail.outbox[-1].subject
    assert Event.objects.filter(kind="user.password_changed").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("oldpassword", "wrong"),
        ("password1", "short"),
        ("password1", PASSWORD),
        ("password2", "another one"),
        ("password1", "x" * 1_000_000),
        ("oldpassword", "x" * 1_000_000),
    ],
)
def test_a_password_that_cannot_be_is_told_at_its_field(field, value, client, ada):
    client.force_login(ada)
    new = {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER, field: value}
    answer = client.post(CHANGE, new)
    assert answer.status_code == 200
    assert re.search(r'id="id_(password1|password2|oldpassword)_error"', answer.content.decode())
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_a_stolen_session_does_not_guess_the_password_for_long(client, ada):
    client.force_login(ada)
    guess = {"oldpassword": "wrong", "password1": OTHER, "password2": OTHER}
    answers = [client.post(CHANGE, guess).status_code for _ in range(21)]
    assert answers[0] == 200
    assert answers[-1] == 429


# --- sessions -----------------------------------------------------------------------------


def rows(browser: Client) -> list[str]:
    html = browser.get(SESSIONS).content.decode()
    return re.findall(r"<strong>(.*?)</strong>", html.partition('class="account-list"')[2])


def test_one_sees_where_one_is_signed_in(signed_in, ada, bob):
    here = signed_in("ada")
    signed_in("ada", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1")
    signed_in("ada", "")
    signed_in("bob")
    assert sorted(rows(here)) == ["An unknown device", "Firefox on Linux", "Safari on iPhone"]
    assert here.get(SESSIONS).content.decode().count("this one") == 1


def test_one_session_is_ended(signed_in, ada):
    here, there = signed_in("ada"), signed_in("ada", "curl/8")
    other = UserSession.objects.get(user_agent="curl/8")
    assert here.post(SESSIONS, {"session": other.pk}).status_code == 302
    assert rows(here) == ["Firefox on Linux"]
    assert there.get(SESSIONS).status_code == 302


@pytest.mark.parametrize("number", ["0", "x", "9" * 40, "-1", "٣"])
def test_no_session_of_such_a_number(number, signed_in, ada):
    assert signed_in("ada").post(SESSIONS, {"session": number}).status_code == 404


def test_nobody_ends_the_session_of_somebody_else(signed_in, ada, bob):
    here, there = signed_in("ada"), signed_in("bob", "curl/8")
    other = UserSession.objects.get(user_agent="curl/8")
    assert here.post(SESSIONS, {"session": other.pk}).status_code == 404
    assert there.get(SESSIONS).status_code == 200


def test_signing_out_everywhere_else_voids_sessions_and_tokens(signed_in, client, ada):
    here, there = signed_in("ada"), signed_in("ada")
    client.force_login(ada)  # without a row beside it
    version = ada.token_version
    assert here.post(SESSIONS).status_code == 302
    assert len(rows(here)) == 1
    assert there.get(SESSIONS).status_code == 302
    assert client.get(SESSIONS).status_code == 302
    ada.refresh_from_db()
    assert ada.token_version == version + 1


def test_the_sessions_cost_the_same_whatever_their_number(
    signed_in, ada, django_assert_max_num_queries
):
    here = signed_in("ada")
    for _ in range(4):
        signed_in("ada")
    with django_assert_max_num_queries(6):
        assert len(rows(here)) == 5


def test_the_last_use_is_kept_every_five_minutes(signed_in, ada, time_machine):
    time_machine.move_to("2026-11-21T12:00:00Z", tick=False)
    here = signed_in("ada")
    row = UserSession.objects.get()
    time_machine.move_to("2026-11-21T12:04:00Z", tick=False)
    here.get(SESSIONS)
    assert UserSession.objects.get().last_seen_at == row.last_seen_at
    time_machine.move_to("2026-11-21T12:05:01Z", tick=False)
    here.get(SESSIONS)
    assert UserSession.objects.get().last_seen_at == timezone.now()


def test_a_session_past_its_time_is_not_listed(signed_in, ada):
    signed_in("ada")
    Session.objects.update(expire_date=timezone.now())
    assert sessions.alive(ada) == []


@pytest.mark.parametrize("path", [ADDRESS, CHANGE, SESSIONS, "/account/2fa/"])
def test_a_visitor_is_led_to_sign_in(path, client, db):
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"{SIGN_IN}?next={path}")
