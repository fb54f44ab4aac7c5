"""Tokens for scripts: made by their owner, shown once, with scopes and an end."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP

from accounts import tokens
from accounts.models import AuditEntry, PersonalToken, Scope
from accounts.services import set_active, sign_out_everywhere
from accounts.tests.api_client import PASSWORD, App, app_of, problem, sign_in
from accounts.tokens import MAX_PERSONAL_TOKENS, make_personal_token

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NEW = {"name": "Backup", "scopes": ["read"]}


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def token_of(user, *scopes: str, **fields) -> str:
    return make_personal_token(user, name="Script", scopes=list(scopes) or ["read"], **fields)[1]


# --- making -----------------------------------------------------------------------------


def test_making_one(noon, rita):
    app = app_of("rita")
    response = app.post("auth/tokens/", {**NEW, "scopes": ["write", "read", "read"]})
    body = response.json()
    stored = PersonalToken.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"https://blog.test/api/v1/auth/tokens/{stored.pk}/"
    assert "no-store" in response["Cache-Control"]
    token = body.pop("token")
    assert token.startswith("ink_")
    assert len(token) == 44
    assert body == {
        "id": stored.pk,
        "name": "Backup",
        "scopes": ["read", "write"],
        "hint": token[-4:],
        "created_at": "2026-05-01T12:00:00Z",
        "expires_at": "2026-07-30T12:00:00Z",
        "last_used_at": None,
        "last_address": None,
    }
    assert stored.digest == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(PersonalToken.objects.values().get())
    assert app.get("auth/tokens/").json()["results"] == [body]
    assert app.get(f"auth/tokens/{stored.pk}/").json() == body
    assert App(token).get("users/me/").json()["username"] == "rita"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": ""}, "#/name"),
        ({"name": "x" * 101}, "#/name"),
        ({"scopes": []}, "#/scopes"),
        ({"scopes": ["root"]}, "#/scopes"),
        ({"scopes": "read"}, "#/scopes"),
        ({"expires_at": "2026-05-01T11:59:59Z"}, "#/expires_at"),
        ({"expires_at": "2027-06-01T00:00:00Z"}, "#/expires_at"),
        ({"expires_at": "tomorrow"}, "#/expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-23:59"}, "#/expires_at"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_not_right_is_pointed_at(fields, pointer, noon, rita):
    response = app_of("rita").post("auth/tokens/", {**NEW, **fields})
    assert problem(response) == (400, "validation")
    assert {error["pointer"] for error in response.json()["errors"]} == {pointer}


def test_a_sign_in_of_long_ago_must_be_confirmed(noon, rita):
    pair = sign_in("rita").json()
    noon.shift(1_000)
    pair = App().post("auth/refresh/", {"refresh_token": pair["refresh_token"]}).json()
    app = App(pair["access_token"])
    response = app.post("auth/tokens/", NEW)
    assert problem(response) == (401, "confirmation-required")
    assert response["WWW-Authenticate"] == 'Bearer error="insufficient_user_authentication"'
    refused = app.post("auth/tokens/", {**NEW, "password": "wrong"})
    assert problem(refused) == (401, "wrong-credentials")
    assert app.post("auth/tokens/", {**NEW, "password": PASSWORD}).status_code == 201
    TOTP.activate(rita, "JBSWY3DPEHPK3PXP")
    refused = app.post("auth/tokens/", {**NEW, "password": PASSWORD})
    assert problem(refused) == (401, "second-factor-required")


def test_a_session_must_be_confirmed_too(rita):
    app = App()
    app.client = type(app.client)()  # without the check of forged requests
    app.client.force_login(rita)
    assert problem(app.post("auth/tokens/", NEW)) == (401, "confirmation-required")
    assert app.post("auth/tokens/", {**NEW, "password": PASSWORD}).status_code == 201


def test_there_is_a_number_of_them(noon, rita):
    for _ in range(MAX_PERSONAL_TOKENS):
        token_of(rita)
    assert problem(app_of("rita").post("auth/tokens/", NEW)) == (400, "validation")
    PersonalToken.objects.first().revoke()
    assert app_of("rita").post("auth/tokens/", NEW).status_code == 201


# --- using ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scopes", "read", "write"),
    [
        (["read"], 200, 403),
        (["write"], 403, 200),
        (["read", "write"], 200, 200),
        (["media"], 403, 403),
    ],
)
def test_scopes_narrow_what_a_token_may(scopes, read, write, rita):
    app = App(token_of(rita, *scopes))
    assert app.get("users/me/").status_code == read
    response = app.patch("users/me/", {"bio": "x"})
    assert response.status_code == write
    if write == 403:
        assert problem(response) == (403, "insufficient-scope")
        assert 'scope="write"' in response["WWW-Authenticate"]


def test_addresses_of_others_take_the_scope_for_it(rita, sam):
    without, with_it = App(token_of(sam, "read")), App(token_of(sam, "read", "admin"))
    assert "email" not in without.get(f"users/{rita.pk}/").json()
    assert with_it.get(f"users/{rita.pk}/").json()["email"] == "rita@example.org"


def test_a_token_makes_no_tokens_and_ends_no_sessions(rita):
    app = App(token_of(rita, *Scope.values))
    for method, address in (
        ("GET", "auth/tokens/"),
        ("POST", "auth/tokens/"),
        ("DELETE", f"auth/tokens/{PersonalToken.objects.get().pk}/"),
        ("GET", "auth/sessions/"),
        ("DELETE", "auth/sessions/"),
    ):
        assert problem(app(method, address, {**NEW, "password": PASSWORD})) == (403, "forbidden")
    assert PersonalToken.objects.in_use().count() == 1


def test_use_is_noted_once_an_hour(noon, rita, django_assert_num_queries):
    app = App(token_of(rita))
    app.get("users/me/", REMOTE_ADDR="203.0.113.7")
    stored = PersonalToken.objects.get()
    assert (stored.last_used_at, stored.last_address) == (NOON, "203.0.113.7")
    noon.shift(3_599)
    with django_assert_num_queries(3):  # token and person; account; groups
        app.get("users/me/", REMOTE_ADDR="203.0.113.8")
    assert PersonalToken.objects.get().last_used_at == NOON
    noon.shift(1)
    app.get("users/me/", REMOTE_ADDR="203.0.113.8")
    assert PersonalToken.objects.get().last_address == "203.0.113.8"
    assert AuditEntry.objects.filter(action="token.used").count() == 2


@pytest.mark.parametrize("what", ["revoked", "expired", "deactivated", "everywhere", "deleted"])
def test_a_token_ends_at_once_when(what, noon, rita, sam):
    app = App(token_of(rita, expires_at=NOON + timedelta(hours=2)))
    assert app.get("posts/").status_code == 200
    if what == "revoked":
        owner, number = app_of("rita"), PersonalToken.objects.get().pk
        assert owner.delete(f"auth/tokens/{number}/").status_code == 204
        assert owner.delete(f"auth/tokens/{number}/").status_code == 404
    elif what == "expired":
        noon.shift(7_200)
    elif what == "deactivated":
        set_active(rita, False, by=sam)
    elif what == "everywhere":
        sign_out_everywhere(rita, by=rita)
    else:
        rita.delete()
    assert problem(app.get("posts/")) == (401, "token-invalid")


def test_who_finds_a_token_can_end_it(rita):
    token = token_of(rita)
    assert App().post("auth/revoke/", {"token": token}).status_code == 204
    assert App(token).get("posts/").status_code == 401


def test_tokens_of_others_are_not_there(rita, sam):
    token_of(rita)
    number = PersonalToken.objects.get().pk
    app = app_of("sam")
    assert app.get("auth/tokens/").json()["count"] == 0
    assert problem(app.get(f"auth/tokens/{number}/")) == (404, "not-found")
    assert problem(app.delete(f"auth/tokens/{number}/")) == (404, "not-found")
    assert PersonalToken.objects.in_use().count() == 1


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_token_is_not_changed(method, rita):
    token_of(rita)
    number = PersonalToken.objects.get().pk
    assert app_of("rita")(method, f"auth/tokens/{number}/", NEW).status_code == 405


def test_making_and_ending_are_in_the_audit_trail_without_the_secret(rita):
    token, text = make_personal_token(rita, name="Script", scopes=["read"])
    tokens.revoke_personal_token(token, by=rita)
    entries = AuditEntry.objects.filter(action__startswith="token.")
    assert [entry.action for entry in entries.order_by("id")] == ["token.created", "token.revoked"]
    assert text not in str(list(entries.values()))


def test_what_is_long_over_is_cleared(noon, rita):
    token_of(rita)
    sign_in("rita")
    noon.shift(119 * 86_400)
    assert tokens.clear_old() == 0
    noon.shift(2 * 86_400)
    assert tokens.clear_old() == 2
    assert not PersonalToken.objects.exists()
