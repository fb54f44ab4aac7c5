"""Signing in, to the admin too, and the one-time password that has to be changed first."""

import pytest
from django.contrib.auth import authenticate

from accounts.models import EMAIL_KEY_MAX_LENGTH, Role, User
from accounts.services import change_password, ensure_first_administrator

pytestmark = pytest.mark.django_db
LOGIN, CHANGE = "/account/login/", "/admin/password_change/"
PASSWORD = "correct horse battery"


def sign_in(client, login: str, password: str = PASSWORD):
    return client.post(LOGIN, {"login": login, "password": password, "next": "/admin/"})


@pytest.mark.parametrize("login", ["ada", "ADA", "ada@example.org", "Ada@EXAMPLE.org"])
def test_staff_sign_in_by_username_or_e_mail_in_any_case(login, client, ada):
    response = sign_in(client, login)
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("ada", "wrong"),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("ada", ""),
        ("a@b@c", PASSWORD),
        ("x" * 400, PASSWORD),
        ("nul\x00", PASSWORD),
    ],
)
def test_who_may_not_is_told_so_and_stays_outside(login, password, client, ada, rita):
    response = sign_in(client, login, password)
    assert response.status_code == 200
    assert b"account-errors" in response.content
    assert client.get("/admin/").status_code == 302


def test_the_admin_leads_to_the_one_page_where_passwords_are_read(client, ada):
    response = client.get("/admin/blog/post/", follow=True)
    assert [step[0] for step in response.redirect_chain] == [
        "/admin/login/?next=/admin/blog/post/",
        "/account/login/?next=/admin/blog/post/",
    ]
    given = {"username": "ada", "password": PASSWORD}
    assert client.post("/admin/login/", given)["Location"].startswith(LOGIN)
    assert "_auth_user_id" not in client.session


def test_a_reader_signs_in_and_finds_no_admin(client, rita):
    assert sign_in(client, "rita").status_code == 302
    for address in ("/admin/", "/admin/login/", "/admin/blog/post/"):
        assert client.get(address).status_code == 404


def test_staff_who_are_signed_in_are_not_asked_again(client, ada):
    client.force_login(ada)
    assert client.get("/admin/login/?next=/nowhere/")["Location"] == "/admin/"


def test_a_deactivated_account_does_not_sign_in(client, ada):
    User.objects.update(is_active=False)
    assert sign_in(client, "ada").status_code == 200
    assert authenticate(username="ada", password=PASSWORD) is None


def test_the_form_says_that_both_are_welcome(client):
    assert "E-mail or username" in client.get(LOGIN).content.decode()


def test_an_e_mail_address_longer_than_a_username_signs_in(client, make_user):
    address = f"{'x' * 60}@example.org"
    make_user("long_address", Role.AUTHOR, email=address)
    assert f'maxlength="{EMAIL_KEY_MAX_LENGTH}"' in client.get(LOGIN).content.decode()
    assert sign_in(client, address).status_code == 302


def test_signing_in_gives_a_new_session(client, ada):
    client.get(LOGIN)
    session = client.session
    session["planted"] = "x"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    sign_in(client, "ada")
    assert client.session.session_key != before


def test_a_one_time_password_leads_to_choosing_an_own_one_and_nowhere_else(client, make_post):
    user, password = ensure_first_administrator()
    sign_in(client, "admin", password)
    for address in ("/admin/", "/admin/blog/post/", "/", "/api/v1/posts/"):
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (302, CHANGE)
    assert client.get(CHANGE).status_code == 200
    own = {"new_password1": "my own good words", "new_password2": "my own good words"}
    response = client.post(CHANGE, {"old_password": password, **own})
    assert response.status_code == 302
    assert client.get("/admin/").status_code == 200
    user.refresh_from_db()
    assert not user.must_change_password
    assert user.check_password("my own good words")


def test_the_one_time_password_is_not_chosen_again(client):
    _, password = ensure_first_administrator()
    sign_in(client, "admin", password)
    same = {"old_password": password, "new_password1": password, "new_password2": password}
    response = client.post(CHANGE, same)
    assert "other than the old one" in response.content.decode()
    assert User.objects.get().must_change_password


@pytest.mark.parametrize("weak", ["short", "password", "12345678"])
def test_a_weak_password_is_refused(weak, client, ada):
    client.force_login(ada)
    weak = {"old_password": PASSWORD, "new_password1": weak, "new_password2": weak}
    assert client.post(CHANGE, weak).status_code == 200
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_a_changed_password_ends_every_other_session(client, ada):
    client.force_login(ada)
    change_password(ada, "my own good words", by=ada)
    assert client.get("/admin/").status_code == 302


def test_a_reader_with_a_one_time_password_still_reads(client, rita, make_post):
    rita.must_change_password = True
    rita.save()
    client.force_login(rita)
    assert client.get("/").status_code == 200


def test_signing_out_takes_a_post(client, ada):
    client.force_login(ada)
    assert client.get("/admin/logout/").status_code == 405
    client.post("/admin/logout/")
    assert client.get("/admin/").status_code == 302
