"""Where one is signed in: browsers and apps in one list, and ending any of them."""

import pytest
from django.test import Client

from accounts.models import TokenFamily
from accounts.services import change_password
from accounts.tests.api_client import PASSWORD, App, app_of, problem
from accounts.tokens import make_personal_token

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def browser_of(login: str) -> Client:
    client = Client(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="203.0.113.5")
    answer = client.post("/account/login/", {"login": login, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_both_kinds_are_listed(rita, ada, django_assert_num_queries):
    browser_of("rita")
    browser_of("ada")
    app_of("ada")
    app = app_of("rita")
    with django_assert_num_queries(4):  # the token; the browsers, two; the apps
        body = app.get("auth/sessions/").json()
    assert [(one["kind"], one["current"]) for one in body] == [("app", True), ("browser", False)]
    assert (body[1]["device"], body[1]["address"]) == ("Firefox on Linux", "203.0.113.5")
    assert set(body[0]) == {
        *("id", "kind", "device", "address", "created_at", "last_used_at", "current"),
    }
    assert body[0]["id"] == f"app-{TokenFamily.objects.get(user=rita).pk}"


def test_a_browser_finds_itself(rita):
    browser = browser_of("rita")
    body = browser.get("/api/v1/auth/sessions/").json()
    assert [one["current"] for one in body] == [True]


def test_ending_one_browser(rita):
    browser, app = browser_of("rita"), app_of("rita")
    number = app.get("auth/sessions/").json()[1]["id"]
    assert app.delete(f"auth/sessions/{number}/").status_code == 204
    assert browser.get("/api/v1/users/me/").status_code == 401
    assert problem(app.delete(f"auth/sessions/{number}/")) == (404, "not-found")


def test_ending_one_app(rita):
    app, other = app_of("rita"), app_of("rita")
    found = app.get("auth/sessions/").json()
    number = next(one["id"] for one in found if not one["current"])
    assert app.delete(f"auth/sessions/{number}/").status_code == 204
    assert other.get("users/me/").status_code == 401
    assert app.get("users/me/").status_code == 200
    assert len(app.get("auth/sessions/").json()) == 1


def test_signing_out_everywhere(rita, ada):
    browser, app, other = browser_of("rita"), app_of("rita"), app_of("ada")
    script = App(make_personal_token(rita, name="Script", scopes=["read"])[1])
    assert app.delete("auth/sessions/").status_code == 204
    assert app.get("users/me/").status_code == 401
    assert script.get("users/me/").status_code == 401
    assert browser.get("/api/v1/users/me/").status_code == 401
    assert other.get("users/me/").status_code == 200
    assert len(app_of("rita").get("auth/sessions/").json()) == 1


def test_signing_out_everywhere_from_a_browser(rita):
    browser = browser_of("rita")
    assert browser.delete("/api/v1/auth/sessions/").status_code == 204
    assert browser.get("/api/v1/users/me/").status_code == 401


def test_sessions_of_a_former_password_are_not_listed(rita):
    browser_of("rita")
    app_of("rita")
    change_password(rita, "another good one", by=rita)
    answer = App().post("auth/token/", {"username": "rita", "password": "another good one"})
    found = App(answer.json()["access_token"]).get("auth/sessions/").json()
    assert [one["current"] for one in found] == [True]


def test_sessions_of_others_are_not_there(rita, ada):
    browser_of("rita")
    theirs = [one["id"] for one in app_of("rita").get("auth/sessions/").json()]
    app = app_of("ada")
    for number in (*theirs, "app-x", "browser-abc", "browser-1e5", "app-" + "0" * 36, "other-1"):
        assert problem(app.delete(f"auth/sessions/{number}/")) == (404, "not-found")
    assert len(app_of("rita").get("auth/sessions/").json()) == 3


def test_anonymous_readers_have_none(db):
    assert problem(App().get("auth/sessions/")) == (401, "authentication-required")
    assert problem(App().delete("auth/sessions/")) == (401, "authentication-required")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_methods(method, rita):
    assert app_of("rita")(method, "auth/sessions/", {}).status_code == 405
