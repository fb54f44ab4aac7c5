"""Tokens on their page and in the admin: made once, seen once, ended by who may."""

import re

import pytest
from django.test import Client

from accounts.models import PersonalToken, TokenFamily
from accounts.tests.api_client import PASSWORD, App, app_of
from accounts.tokens import make_personal_token

pytestmark = pytest.mark.django_db
PAGE = "/account/tokens/"
NEW = {"name": "Backup <b>", "scopes": ["read", "media"], "days": "30"}


@pytest.fixture
def browser(rita) -> Client:
    """Signed in, and confirmed a moment ago."""
    client = Client()
    client.force_login(rita)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def test_making_a_token_shows_it_once(browser, rita):
    response = browser.post(PAGE, NEW)
    html = response.content.decode()
    text = re.search(r"ink_[0-9a-f]{40}", html)[0]
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "Backup &lt;b&gt;" in html
    again = browser.get(PAGE).content.decode()
    assert text not in again
    assert f"ink_…{text[-4:]}" in again
    token = PersonalToken.objects.get()
    assert (token.user, token.scopes) == (rita, ["read", "media"])
    assert App(text).get("users/me/").json()["username"] == "rita"


def test_making_one_takes_the_password_again(rita):
    client = Client()
    client.force_login(rita)
    assert client.get(PAGE).status_code == 200
    response = client.post(PAGE, NEW)
    assert (response.status_code, response["Location"].partition("?")[0]) == (
        302,
        "/account/reauthenticate/",
    )
    assert not PersonalToken.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "x" * 101}, {"scopes": []}, {"scopes": ["root"]}, {"days": "9999"}],
    ids=str,
)
def test_a_form_that_is_not_right(wrong, browser):
    response = browser.post(PAGE, {**NEW, **wrong})
    assert response.status_code == 200
    assert "account-errors" in response.content.decode()
    assert not PersonalToken.objects.exists()


def test_ending_a_token(browser, rita):
    token, text = make_personal_token(rita, name="Script", scopes=["read"])
    address = f"{PAGE}{token.pk}/revoke/"
    assert browser.get(address).status_code == 405
    assert browser.post(address).status_code == 302
    assert App(text).get("posts/").status_code == 401
    assert browser.post(address).status_code == 404


def test_signing_an_app_out(browser, rita):
    app = app_of("rita")
    family = TokenFamily.objects.get()
    html = browser.get(PAGE).content.decode()
    address = f"{PAGE}apps/{family.pk}/end/"
    assert address in html
    assert browser.post(address).status_code == 302
    assert app.get("users/me/").status_code == 401
    assert browser.post(address).status_code == 404


def test_those_of_others_are_not_there(browser, ada):
    token, text = make_personal_token(ada, name="Ada's morning mail", scopes=["read"])
    app = app_of("ada")
    family = TokenFamily.objects.get()
    html = browser.get(PAGE).content.decode()
    assert "morning mail" not in html
    assert str(family.pk) not in html
    assert browser.post(f"{PAGE}{token.pk}/revoke/").status_code == 404
    assert browser.post(f"{PAGE}apps/{family.pk}/end/").status_code == 404
    assert App(text).get("posts/").status_code == 200
    assert app.get("users/me/").status_code == 200


def test_anonymous_readers_are_asked_to_sign_in(client, db):
    for address in (PAGE, f"{PAGE}1/revoke/"):
        response = client.post(address)
        assert (response.status_code, response["Location"].partition("?")[0]) == (
            302,
            "/account/login/",
        )


def test_the_page_costs_the_same_with_many_tokens(browser, rita, django_assert_num_queries):
    for number in range(20):
        make_personal_token(rita, name=f"Script {number}", scopes=["read"])
    with django_assert_num_queries(6):  # site, session, person; tokens; apps; footer
        browser.get(PAGE)


# --- the admin --------------------------------------------------------------------------

LIST = "/admin/accounts/personaltoken/"


def test_an_administrator_sees_and_ends_tokens(client, sam, rita):
    token, text = make_personal_token(rita, name="Script", scopes=["read"])
    client.force_login(sam)
    for address in (LIST, f"{LIST}{token.pk}/change/", f"{LIST}?q=rita"):
        html = client.get(address).content.decode()
        assert "Script" in html
        assert text not in html
        assert token.digest not in html
    action = {"action": "end", "_selected_action": [token.pk]}
    assert client.post(LIST, action).status_code == 302
    assert App(text).get("posts/").status_code == 401


def test_an_administrator_signs_apps_out(client, sam, rita):
    app = app_of("rita")
    family = TokenFamily.objects.get()
    client.force_login(sam)
    address = "/admin/accounts/tokenfamily/"
    assert client.get(address).status_code == 200
    client.post(address, {"action": "end", "_selected_action": [str(family.pk)]})
    assert app.get("users/me/").status_code == 401


def test_a_superusers_tokens_are_not_an_administrators_to_end(client, sam, make_user):
    root = make_user("root", is_superuser=True, is_staff=True)
    token, text = make_personal_token(root, name="Script", scopes=["read"])
    client.force_login(sam)
    client.post(LIST, {"action": "end", "_selected_action": [token.pk]})
    assert App(text).get("posts/").status_code == 200


@pytest.mark.parametrize("who", ["eve", "ada", "cleo"])
def test_other_staff_find_no_tokens(who, client, request):
    person = request.getfixturevalue(who)
    make_personal_token(person, name="Script", scopes=["read"])
    client.force_login(person)
    assert client.get(LIST).status_code == 404
    assert client.get("/admin/accounts/tokenfamily/").status_code == 404
