"""People over the API: registering, finding one another, changing one's own."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
import time_machine

from accounts import limits
from accounts.models import User
from accounts.services import set_active
from accounts.tests.api_client import PASSWORD, App, app_of, problem
from events.models import Event, Mail

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NEW = {"username": "Nora", "email": "Nora@Example.org", "password": PASSWORD}


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


# --- registering ------------------------------------------------------------------------


def test_registering(noon):
    response = App().post("users/", {**NEW, "display_name": "Nora N.", "language": "zh-hans"})
    user = User.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"https://blog.test/api/v1/users/{user.pk}/"
    assert response.json() == {
        "id": user.pk,
        "username": "Nora",
        "name": "Nora N.",
        "display_name": "Nora N.",
        "bio": "",
        "website": "",
        "links": [],
        "avatar": None,
        "date_joined": "2026-05-01T12:00:00Z",
        "email": "Nora@Example.org",
        "email_verified": False,
        "role": None,
        "language": "zh-hans",
        "time_zone": "",
        "is_active": True,
    }
    assert user.check_password(PASSWORD)
    assert Event.objects.filter(kind="user.created", subject_id=user.pk).count() == 1
    mail = Mail.objects.get()
    assert mail.to == "Nora@Example.org"


@pytest.mark.parametrize(
    ("accepted", "language"), [("zh-CN,zh;q=0.9,en;q=0.5", "zh-hans"), ("tlh", "en"), (None, "")]
)
def test_mail_comes_in_the_language_of_the_program(accepted, language, noon):
    headers = {"HTTP_ACCEPT_LANGUAGE": accepted} if accepted else {}
    assert App().post("users/", NEW, **headers).json()["language"] == language


@pytest.mark.parametrize("kind", ["multipart", "urlencoded"])
def test_a_form_registers_as_well(kind, noon):
    client = App().client
    if kind == "multipart":
        response = client.post("/api/v1/users/", NEW)
    else:
        form = "application/x-www-form-urlencoded"
        response = client.post("/api/v1/users/", urlencode(NEW), content_type=form)
    assert response.status_code == 201
    assert User.objects.get().check_password(PASSWORD)


def test_what_may_not_be_set_is_passed_over(noon):
    more = {
        "id": 999_999_999,
        "is_staff": True,
        "is_superuser": True,
        "is_active": False,
        "role": "administrator",
        "groups": [1],
        "email_verified": True,
        "token_version": 9,
        "date_joined": "2000-01-01T00:00:00Z",
    }
    response = App().post("users/", {**NEW, **more})
    user = User.objects.get()
    assert (response.status_code, user.pk != 999_999_999) == (201, True)
    assert (user.is_staff, user.is_superuser, user.is_active, user.role) == (
        *(False, False, True),
        None,
    )
    assert (user.date_joined, user.token_version) == (NOON, 0)
    assert response.json()["email_verified"] is False


@pytest.mark.parametrize(
    ("changed", "pointers"),
    [
        ({"username": "nora"}, ["#/username"]),
        ({"email": "NORA@example.ORG"}, ["#/email"]),
        ({"email": "\uff4eora@example.org"}, ["#/email"]),  # the same after NFKC
        ({"username": "NORA", "email": "nora@example.org"}, ["#/username", "#/email"]),
    ],
)
def test_what_is_taken_is_a_conflict(changed, pointers, noon):
    assert App().post("users/", NEW).status_code == 201
    other = {"username": "other", "email": "other@example.org", "password": PASSWORD}
    response = App().post("users/", {**other, **changed})
    if response.status_code == 400:  # an address that Django does not take for one
        assert changed["email"].startswith("\uff4e")
        return
    assert problem(response) == (409, "account-exists")
    assert [error["pointer"] for error in response.json()["errors"]] == pointers
    assert User.objects.count() == 1
    assert Mail.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"username": "ab"}, "#/username"),
        ({"username": "a b c"}, "#/username"),
        ({"username": "é" * 5}, "#/username"),
        ({"username": "x" * 51}, "#/username"),
        ({"username": None}, "#/username"),
        ({"username": ["nora"]}, "#/username"),
        ({"email": "nora"}, "#/email"),
        ({"email": "nora@" + "x" * 300 + ".org"}, "#/email"),
        ({"email": ""}, "#/email"),
        ({"password": "short"}, "#/password"),
        ({"password": "password"}, "#/password"),
        ({"password": "nora@example"}, "#/password"),
        ({"password": "x" * 1_000_000}, "#/password"),
        ({"password": ""}, "#/password"),
        ({"language": "tlh"}, "#/language"),
        ({"display_name": "x" * 101}, "#/display_name"),
    ],
    ids=lambda value: str(value)[:40].encode("ascii", "replace").decode(),
)
def test_what_is_not_right_is_pointed_at(changed, pointer, noon):
    response = App().post("users/", {**NEW, **changed})
    assert problem(response) == (400, "validation")
    assert {error["pointer"] for error in response.json()["errors"]} == {pointer}
    assert not User.objects.exists()


def test_plus_signs_are_part_of_an_address(noon):
    for number, email in enumerate(["a+1@example.org", "a+2@example.org", "a@example.org"]):
        fields = {**NEW, "username": f"nora_{number}", "email": email}
        assert App().post("users/", fields).status_code == 201


def test_registering_is_limited(noon):
    codes = [
        App().post("users/", {**NEW, "password": "short"}).status_code
        for _ in range(limits.SIGN_UPS + 1)
    ]
    assert codes == [400] * limits.SIGN_UPS + [429]


def test_a_site_may_close_its_doors(settings):
    settings.SIGN_UP_OPEN = False
    assert problem(App().post("users/", NEW)) == (403, "sign-up-closed")
    assert not User.objects.exists()


def test_a_username_that_would_take_an_old_address_is_refused(noon, monkeypatch):
    from django.core.exceptions import ValidationError

    from accounts import services

    def refuse(user, former):
        raise ValidationError({"username": "This address is in use."})

    monkeypatch.setattr(services, "naming_hooks", [refuse])
    response = App().post("users/", NEW)
    assert problem(response) == (400, "validation")
    assert not User.objects.exists()
    assert not Mail.objects.exists()


# --- finding one another ----------------------------------------------------------------


def test_anonymous_readers_see_nobody(rita):
    for address in ("users/", f"users/{rita.pk}/", "users/999999/", "users/me/"):
        response = App().get(address)
        assert problem(response) == (401, "authentication-required")
        assert response["WWW-Authenticate"] == "Bearer"


def test_the_list(noon, rita, ada, django_assert_num_queries):
    app = app_of("rita")
    # The token with its person; two for permissions; the count; the people.
    with django_assert_num_queries(5):
        body = app.get("users/").json()
    assert body == {
        "count": 2,
        "next": None,
        "previous": None,
        "results": [
            {
                "id": ada.pk,
                "username": "ada",
                "name": "Ada Lovelace",
                "display_name": "Ada Lovelace",
                "bio": "",
                "website": "",
                "links": [],
                "avatar": None,
                "date_joined": "2026-05-01T12:00:00Z",
            },
            {
                "id": rita.pk,
                "username": "rita",
                "name": "rita",
                "display_name": "",
                "bio": "",
                "website": "",
                "links": [],
                "avatar": None,
                "date_joined": "2026-05-01T12:00:00Z",
            },
        ],
    }


def test_the_list_costs_the_same_at_any_size(sam, make_user, django_assert_num_queries):
    for number in range(30):
        make_user(f"reader_{number:02}")
    app = app_of("sam")
    with django_assert_num_queries(6):
        body = app.get("users/?page_size=25&page=2").json()
    assert (body["count"], len(body["results"])) == (31, 6)
    assert body["previous"].startswith("https://blog.test/api/v1/users/?")


def test_searching_and_turning_pages_by_cursor(rita, ada, bob, cleo):
    app = app_of("rita")
    found = app.get("users/?search=love").json()["results"]
    assert [person["username"] for person in found] == ["ada"]
    names, address = [], "users/?cursor=&page_size=3"
    while address:
        body = app.get(address).json()
        names += [person["username"] for person in body["results"]]
        address = body["next"] and body["next"].partition("/api/v1/")[2]
    assert names == ["ada", "bob", "cleo", "rita"]


@pytest.mark.parametrize("query", ["page=0", "page=x", "page_size=1000", "ordering=password"])
def test_bad_parameters(query, rita):
    assert App(app_of("rita").token).get(f"users/?{query}").status_code in (400, 404)


@pytest.mark.parametrize("who", ["rita", "ada", "eve"])
def test_an_address_is_shown_to_its_owner_and_to_administrators(who, rita, ada, eve, sam):
    app = app_of(who)
    for person in (rita, ada, eve, sam):
        body = app.get(f"users/{person.pk}/").json()
        assert ("email" in body) == (person.username == who)
        assert "@example.org" not in str(app.get("users/").json())
    assert app_of("sam").get(f"users/{rita.pk}/").json()["email"] == "rita@example.org"


def test_nobody_is_found_who_is_not_there(rita, bob, sam):
    app = app_of("rita")
    for number in (999_999, 10**17):
        assert problem(app.get(f"users/{number}/")) == (404, "not-found")
    assert problem(app.get("users/x/")) == (404, "not-found")
    set_active(bob, False, by=sam)
    assert problem(app.get(f"users/{bob.pk}/")) == (404, "not-found")
    assert "bob" not in str(app.get("users/").json())
    assert app_of("sam").get(f"users/{bob.pk}/").json()["is_active"] is False


def test_never_a_password(rita, sam):
    for app in (app_of("rita"), app_of("sam")):
        for address in ("users/", "users/me/", f"users/{rita.pk}/"):
            assert "password" not in app.get(address).content.decode()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_others_are_not_changed_here(method, rita, sam):
    for app in (app_of("rita"), app_of("sam")):
        assert app(method, f"users/{rita.pk}/", {"display_name": "x"}).status_code == 405


# --- oneself ----------------------------------------------------------------------------


def test_me(noon, eve):
    body = app_of("eve").get("users/me/").json()
    assert (body["id"], body["email"], body["email_verified"]) == (
        eve.pk,
        "eve@example.org",
        True,
    )
    assert body["role"] == "editor"


def test_changing_ones_profile(rita):
    changes = {
        "display_name": "Rita R.",
        "bio": "Reads.\n\nA lot.",
        "website": "https://rita.example.org/",
        "links": [{"name": "Photos", "url": "https://photos.example.org/rita"}],
        "language": "zh-hans",
        "time_zone": "Asia/Shanghai",
    }
    response = app_of("rita").patch("users/me/", changes)
    assert response.status_code == 200
    body = response.json()
    assert {name: body[name] for name in changes} == changes
    rita.refresh_from_db()
    assert rita.bio == "Reads.\n\nA lot."


def test_nobody_promotes_oneself(rita):
    taken = {
        "id": 1,
        "username": "admin",
        "email": "other@example.org",
        "email_verified": True,
        "is_staff": True,
        "is_superuser": True,
        "role": "administrator",
        "password": "x",
        "must_change_password": True,
        "date_joined": "2000-01-01T00:00:00Z",
    }
    before = User.objects.filter(pk=rita.pk).values().get()
    response = app_of("rita").patch("users/me/", {**taken, "bio": "Hello"})
    assert response.status_code == 200
    after = User.objects.filter(pk=rita.pk).values().get()
    changed = {name for name in after if after[name] != before[name]}
    assert changed - {"last_login"} == {"bio"}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"website": "javascript:alert(1)"}, "#/website"),
        ({"bio": "x" * 2_001}, "#/bio"),
        ({"bio": {"a": 1}}, "#/bio"),
        ({"time_zone": "Mars/Olympus"}, "#/time_zone"),
        ({"language": "tlh"}, "#/language"),
        ({"links": "https://example.org"}, "#/links"),
        ({"links": [{"url": "javascript:alert(1)"}]}, "#/links"),
        ({"display_name": None}, "#/display_name"),
    ],
    ids=str,
)
def test_a_profile_that_is_not_right(changes, pointer, rita):
    response = app_of("rita").patch("users/me/", changes)
    assert problem(response) == (400, "validation")
    assert {error["pointer"] for error in response.json()["errors"]} == {pointer}


@pytest.mark.parametrize("data", [[], "x", 5, None])
def test_a_change_that_is_no_object(data, rita):
    assert app_of("rita").client is not None
    response = app_of("rita")("PATCH", "users/me/", data)
    assert response.status_code in (200, 400)
    assert response.status_code == 400 or data is None


@pytest.mark.parametrize(
    "address",
    ["users/", "users/me/", "auth/token/", "auth/refresh/", "auth/tokens/", "auth/sessions/"],
)
def test_options_tell_nothing_of_others(address, rita, sam):
    answer = app_of("rita")("OPTIONS", address)
    assert answer.status_code == 200
    assert "sam" not in answer.content.decode()


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_methods_of_me(method, rita):
    assert app_of("rita")(method, "users/me/", {}).status_code == 405
