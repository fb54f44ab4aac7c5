"""Apps sign in by password, stay signed in by refresh tokens, and end when they should."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import jwt as pyjwt
import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from django.conf import settings as site_settings

from accounts import jwt, limits
from accounts.models import AuditEntry, Role, TokenFamily, User
from accounts.services import (
    change_password,
    save_user,
    set_active,
    set_role,
    sign_out_everywhere,
)
from accounts.tests.api_client import PASSWORD, App, app_of, problem, sign_in
from accounts.tokens import make_personal_token
from config.checks import tokens_can_be_signed
from lib import limits as counters

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class NoCache:
    def __getattr__(self, name):
        def fail(*args):
            raise ConnectionError("the cache is gone")

        return fail


FORM = "application/x-www-form-urlencoded"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def totp_code() -> str:
    return format_hotp_value(hotp_value(SECRET, int(datetime.now(UTC).timestamp()) // 30))


# --- signing in -------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["rita", "RITA", "rita@example.org", "Rita@Example.ORG"])
def test_login_and_password_give_tokens(login, rita, noon):
    response = sign_in(login)
    body = response.json()
    assert response.status_code == 200
    assert set(body) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (body["token_type"], body["expires_in"]) == ("bearer", 900)
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
    me = App(body["access_token"]).get("users/me/")
    assert (me.status_code, me.json()["username"]) == (200, "rita")


def test_a_form_does_as_well_as_json(rita):
    form = {"grant_type": "password", "username": "rita", "password": PASSWORD, "scope": ""}
    response = App().client.post("/api/v1/auth/token/", urlencode(form), content_type=FORM)
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("login", "password"),
    [("rita", "wrong"), ("nobody", PASSWORD), ("rita", PASSWORD.upper()), ("nul", "x" * 1_000)],
)
def test_wrong_credentials_all_get_the_same_answer(login, password, rita):
    response = sign_in(login, password)
    assert problem(response) == (401, "wrong-credentials")
    assert response["WWW-Authenticate"] == "Bearer"
    body = response.json()
    del body["request_id"]
    assert body == {
        "type": "urn:inkstone:problem:wrong-credentials",
        "title": "Unauthorized",
        "status": 401,
        "instance": "/api/v1/auth/token/",
        "detail": "The login or the password is not right.",
    }


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"username": "rita"},
        {"username": "rita", "password": "x" * 1_000_000},
        {"username": "x" * 1_000, "password": PASSWORD},
        {"username": ["rita"], "password": {"$ne": ""}},
        {"username": "rita", "password": PASSWORD, "grant_type": "client_credentials"},
        {"username": "rita\x00", "password": PASSWORD},
        {"username": "\ud800", "password": PASSWORD},
        [],
        "rita",
    ],
    ids=lambda data: str(data)[:30].encode("ascii", "replace").decode(),
)
def test_what_cannot_be_read_is_a_400(data, rita):
    response = App().post("auth/token/", data)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("address", ["auth/token/", "auth/refresh/", "auth/revoke/"])
def test_these_take_a_post(method, address):
    response = App()(method, address)
    assert problem(response) == (405, "method-not-allowed")
    assert "POST" in response["Allow"]


def test_a_deactivated_account_gets_no_token(rita, sam):
    set_active(rita, False, by=sam)
    assert problem(sign_in("rita")) == (401, "wrong-credentials")


def test_a_one_time_password_gets_no_token(ada):
    change_password(ada, PASSWORD, by=None, one_time=True)
    assert problem(sign_in("ada")) == (401, "password-change-due")


def test_an_unconfirmed_address_gets_no_token():
    App().post("users/", {"username": "new", "email": "new@example.org", "password": PASSWORD})
    assert problem(sign_in("new")) == (401, "email-not-confirmed")
    assert problem(sign_in("new", "wrong")) == (401, "wrong-credentials")


def test_guesses_are_limited_over_the_api_as_well(noon, rita):
    answers = [sign_in("rita", f"guess {number}") for number in range(8)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 3
    assert answers[-1]["Retry-After"] == str(limits.GUESS_WINDOW)
    assert problem(answers[-1])[1] == "too-many-requests"


def test_sign_ins_are_in_the_audit_trail(rita):
    sign_in("rita", "wrong")
    sign_in("rita")
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "user.sign_in_failed",
        "user.signed_in",
    }
    rita.refresh_from_db()
    assert rita.last_login is not None


# --- a second factor --------------------------------------------------------------------


@pytest.fixture
def with_totp(rita, rf):
    TOTP.activate(rita, SECRET)
    return rita


def test_a_password_alone_is_not_enough(with_totp, noon):
    response = sign_in("rita")
    assert problem(response) == (401, "second-factor-required")
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.json()["methods"] == ["totp"]
    assert sign_in("rita", otp=totp_code()).status_code == 200


def test_a_code_works_once(with_totp, noon):
    code = totp_code()
    assert sign_in("rita", otp=code).status_code == 200
    assert problem(sign_in("rita", otp=code)) == (401, "second-factor-wrong")


@pytest.mark.parametrize("has_cache", [True, False], ids=["cache", "no cache"])
def test_a_code_is_refused_again_for_as_long_as_it_is_good(has_cache, with_totp, noon, monkeypatch):
    counters.forget()
    if not has_cache:
        monkeypatch.setattr(counters, "cache", NoCache())
    noon.shift(-25)  # the clock of the phone is ahead
    code = format_hotp_value(hotp_value(SECRET, int(NOON.timestamp()) // 30))
    assert sign_in("rita", otp=code).status_code == 200
    noon.shift(50)
    assert problem(sign_in("rita", otp=code)) == (401, "second-factor-wrong")
    counters.forget()


def test_a_recovery_code_works_once(with_totp, noon):
    code = RecoveryCodes.activate(with_totp).get_unused_codes()[0]
    assert sign_in("rita", otp=code).status_code == 200
    assert problem(sign_in("rita", otp=code)) == (401, "second-factor-wrong")


def test_nobody_learns_of_the_second_factor_without_the_password(with_totp, noon):
    assert problem(sign_in("rita", "wrong", otp=totp_code())) == (401, "wrong-credentials")


def test_codes_cannot_be_guessed(with_totp, noon):
    answers = [sign_in("rita", otp=f"{number:06}").status_code for number in range(6)]
    assert answers == [401] * limits.GUESSES_OF_CODE + [429] * 2


def test_a_site_that_asks_for_second_factors_asks_here_too(settings, ada, rita):
    app = app_of("ada")
    settings.REQUIRE_SECOND_FACTOR = ["staff"]
    assert problem(sign_in("ada")) == (401, "second-factor-not-set-up")
    assert problem(app.get("users/me/")) == (401, "second-factor-not-set-up")
    assert sign_in("rita").status_code == 200
    TOTP.activate(ada, SECRET)
    assert app.get("users/me/").status_code == 200
    assert Authenticator.objects.count() == 1


# --- access tokens ----------------------------------------------------------------------


def claims_of(token: str) -> dict:
    return pyjwt.decode(token, options={"verify_signature": False})


def signed(claims: dict, key, algorithm: str = "HS256", **headers) -> str:
    return pyjwt.encode(claims, key, algorithm, headers=headers)


def forgeries(claims: dict) -> dict[str, str]:
    right = jwt._signing_key()[0]
    without = {name: {**claims} for name in ("exp", "sub", "sid", "iss", "aud", "use")}
    for name, less in without.items():
        del less[name]
    return {
        "no algorithm": signed(claims, None, "none"),
        "wrong key": signed(claims, "x" * 64),
        "the secret key itself": signed(claims, site_settings.SECRET_KEY),
        "another algorithm": signed(claims, right * 2, "HS512"),
        "another issuer": signed({**claims, "iss": "https://evil.test"}, right),
        "another audience": signed({**claims, "aud": "other"}, right),
        "a list of audiences": signed({**claims, "aud": ["api", "other"]}, right),
        "another use": signed({**claims, "use": "refresh"}, right),
        "another family": signed({**claims, "sid": "0" * 32}, right),
        "a family that is no key": signed({**claims, "sid": "x' or 1=1"}, right),
        "another person": signed({**claims, "sub": "999999"}, right),
        "not yet": signed({**claims, "nbf": 4_000_000_000}, right),
        "ends never": signed({**claims, "exp": "never"}, right),
        **{f"without {name}": signed(less, right) for name, less in without.items()},
        "nothing": "x",
        "dots": "..",
        "half": "eyJhbGciOiJIUzI1NiJ9..",
        "long": "a" * 10_000,
        "personal": "ink_" + "0" * 40,
        "two words": "a b",
    }


def test_a_forged_token_opens_nothing(rita, noon):
    good = sign_in("rita").json()["access_token"]
    claims = claims_of(good)
    assert App(signed(claims, jwt._signing_key()[0])).get("users/me/").status_code == 200
    for name, token in forgeries(claims).items():
        for address in ("users/me/", "posts/"):
            response = App(token).get(address)
            assert problem(response) == (401, "token-invalid"), name
            assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_bytes_that_are_no_text_are_no_token(client, db):
    response = client.get("/api/v1/posts/", HTTP_AUTHORIZATION="Bearer \xff\xfe")
    assert problem(response) == (401, "token-invalid")
    assert problem(client.get("/api/v1/posts/", HTTP_AUTHORIZATION="Bearer"))[0] == 401


def test_other_schemes_are_not_ours(client, db):
    assert client.get("/api/v1/posts/", HTTP_AUTHORIZATION="Basic eDp5").status_code == 200


def test_an_access_token_lives_for_minutes(rita, noon):
    app = app_of("rita")
    noon.shift(899)
    assert app.get("users/me/").status_code == 200
    noon.shift(10)
    assert problem(app.get("users/me/")) == (401, "token-expired")


@pytest.mark.parametrize("what", ["deactivated", "everywhere", "password", "deleted", "gone"])
def test_tokens_end_at_once_with(what, rita, sam):
    pair = sign_in("rita").json()
    app = App(pair["access_token"])
    assert app.get("users/me/").status_code == 200
    if what == "deactivated":
        set_active(rita, False, by=sam)
    elif what == "everywhere":
        sign_out_everywhere(rita, by=sam)
    elif what == "password":
        change_password(rita, "another good one", by=rita)
    elif what == "deleted":
        rita.delete()
    else:
        User.objects.filter(pk=rita.pk).update(delete_at=NOON.replace(year=2020))
    assert problem(app.get("users/me/")) == (401, "token-invalid")
    used = {"refresh_token": pair["refresh_token"]}
    assert problem(App().post("auth/refresh/", used)) == (401, "token-invalid")


def test_nothing_opens_again_when_an_account_does(rita, sam):
    pair = sign_in("rita").json()
    script = make_personal_token(rita, name="Script", scopes=["read"])[1]
    set_active(rita, False, by=sam)
    set_active(rita, True, by=sam)
    for token in (pair["access_token"], script):
        assert problem(App(token).get("users/me/")) == (401, "token-invalid")
    assert problem(refresh(pair["refresh_token"])) == (401, "token-invalid")
    assert sign_in("rita").status_code == 200


def test_the_form_of_the_admin_ends_tokens_too(rita, sam):
    app = app_of("rita")
    for active in (False, True):
        rita.is_active = active
        save_user(rita, by=sam, role=None)
    assert problem(app.get("users/me/")) == (401, "token-invalid")
    assert not TokenFamily.objects.in_use().exists()


def test_a_change_of_role_takes_effect_at_once(rita, make_user):
    app = app_of("rita")
    assert "email" not in app.get("users/").json()["results"][0]
    set_role(rita, Role.ADMINISTRATOR)
    assert "email" in app.get("users/").json()["results"][0]


def test_a_token_costs_one_query(rita, django_assert_num_queries):
    app = app_of("rita")
    with django_assert_num_queries(3):  # token and person; account; groups
        assert app.get("users/me/").status_code == 200


def test_a_cookie_beside_a_token_does_not_count(ada, rita):
    app = app_of("rita")
    app.client.force_login(ada)
    assert app.get("users/me/").json()["username"] == "rita"


def test_a_session_still_needs_its_csrf_token(rita):
    app = App()
    app.client.force_login(rita)
    assert app.get("users/me/").status_code == 200
    assert app.patch("users/me/", {"bio": "x"}).status_code == 403


# --- RS256 ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rsa_pem() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def another_pem() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


def public_pem(private_pem: str) -> str:
    key = serialization.load_pem_private_key(private_pem.encode(), None).public_key()
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def test_rs256_by_configuration(rsa_pem, settings, rita):
    old = app_of("rita")
    settings.JWT_ALGORITHM, settings.JWT_PRIVATE_KEY = "RS256", rsa_pem
    settings.JWT_FORMER_PUBLIC_KEYS = []
    new = app_of("rita")
    assert pyjwt.get_unverified_header(new.token)["alg"] == "RS256"
    assert new.get("users/me/").status_code == 200
    assert problem(old.get("users/me/")) == (401, "token-invalid")
    # The classic confusion: the public key taken for a shared secret.
    claims = claims_of(new.token)

    def part(data: dict) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=")

    body = part({"alg": "HS256", "typ": "JWT"}) + b"." + part(claims)
    digest = hmac.new(public_pem(rsa_pem).encode(), body, hashlib.sha256).digest()
    forged = body + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")
    assert problem(App(forged.decode()).get("users/me/")) == (401, "token-invalid")


def test_a_former_key_is_good_while_it_is_listed(rsa_pem, settings, rita):
    settings.JWT_ALGORITHM, settings.JWT_PRIVATE_KEY = "RS256", rsa_pem
    app = app_of("rita")
    settings.JWT_PRIVATE_KEY = another_pem()
    assert problem(app.get("users/me/")) == (401, "token-invalid")
    settings.JWT_FORMER_PUBLIC_KEYS = [public_pem(rsa_pem)]
    assert app.get("users/me/").status_code == 200


def test_public_keys_are_published_and_check_our_tokens(client, rsa_pem, settings, rita):
    address = "/.well-known/jwks.json"
    assert client.get(address).status_code == 404  # HS256: there is only a secret
    settings.JWT_ALGORITHM, settings.JWT_PRIVATE_KEY = "RS256", rsa_pem
    settings.JWT_FORMER_PUBLIC_KEYS = [public_pem(another_pem())]
    token = app_of("rita").token
    answer = client.get(address)
    assert answer["Content-Type"] == "application/jwk-set+json"
    assert answer["Cache-Control"] == "public, max-age=3600"
    keys = answer.json()["keys"]
    assert [set(key) for key in keys] == [{"kty", "kid", "use", "alg", "n", "e"}] * 2
    assert len({key["kid"] for key in keys}) == 2
    known = pyjwt.PyJWKSet.from_dict(answer.json())
    key = known[pyjwt.get_unverified_header(token)["kid"]]
    said = pyjwt.decode(token, key.key, ["RS256"], audience="api", issuer=settings.SITE_URL)
    assert said["sub"] == str(rita.pk)
    assert client.post(address).status_code == 405


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [("RS256", ""), ("RS256", "x"), ("none", ""), ("HS512", ""), ("ES256", "")],
)
def test_keys_that_would_not_do_stop_the_start(algorithm, key, settings):
    settings.JWT_ALGORITHM, settings.JWT_PRIVATE_KEY = algorithm, key
    assert [error.id for error in tokens_can_be_signed(None)] == ["inkstone.E011"]


def test_keys_that_do_start(rsa_pem, settings):
    assert tokens_can_be_signed(None) == []
    settings.JWT_ALGORITHM, settings.JWT_PRIVATE_KEY = "RS256", rsa_pem
    settings.JWT_FORMER_PUBLIC_KEYS = [public_pem(rsa_pem)]
    assert tokens_can_be_signed(None) == []
    of_another_kind = ed25519.Ed25519PrivateKey.generate().public_key()
    wrong = of_another_kind.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
    for former in ("x", wrong):
        settings.JWT_FORMER_PUBLIC_KEYS = [former]
        assert len(tokens_can_be_signed(None)) == 1


def test_a_former_secret_is_good_while_it_is_listed(settings, rita):
    app = app_of("rita")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" * 10
    assert app.get("users/me/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert problem(app.get("users/me/")) == (401, "token-invalid")


# --- refresh and revoke -----------------------------------------------------------------


def refresh(token: str):
    return App().post("auth/refresh/", {"refresh_token": token})


def test_a_refresh_token_is_rotated(rita, noon):
    first = sign_in("rita").json()
    noon.shift(3_600)
    answer = refresh(first["refresh_token"])
    second = answer.json()
    assert (answer.status_code, set(second)) == (200, set(first))
    assert second["refresh_token"] != first["refresh_token"]
    assert App(second["access_token"]).get("users/me/").status_code == 200
    assert refresh(second["refresh_token"]).status_code == 200


def test_a_replay_ends_the_family(rita, noon):
    first = sign_in("rita").json()
    other = app_of("rita")
    second = refresh(first["refresh_token"]).json()
    assert problem(refresh(first["refresh_token"])) == (401, "token-reused")
    assert problem(refresh(second["refresh_token"])) == (401, "token-invalid")
    assert problem(App(second["access_token"]).get("users/me/")) == (401, "token-invalid")
    assert other.get("users/me/").status_code == 200
    ended = TokenFamily.objects.exclude(ended_at=None).get()
    assert ended.ended_by == TokenFamily.End.REPLAYED
    assert AuditEntry.objects.filter(action="token.replayed").count() == 1


def test_a_refresh_token_lives_for_two_weeks_and_a_family_for_ninety_days(rita, noon):
    token = sign_in("rita").json()["refresh_token"]
    for _day in range(8):
        noon.shift(11 * 86_400)
        token = refresh(token).json()["refresh_token"]
    noon.shift(3 * 86_400)
    assert refresh(token).status_code == 401
    token = sign_in("rita").json()["refresh_token"]
    noon.shift(15 * 86_400)
    assert problem(refresh(token)) == (401, "token-expired")


def test_one_kind_of_token_does_not_pass_for_the_other(rita):
    pair = sign_in("rita").json()
    assert problem(App(pair["refresh_token"]).get("users/me/")) == (401, "token-invalid")
    assert problem(refresh(pair["access_token"])) == (401, "token-invalid")


@pytest.mark.parametrize("data", [{}, {"refresh_token": ""}, {"refresh_token": 5.5}, [1]])
def test_nothing_to_refresh(data):
    assert App().post("auth/refresh/", data).status_code in (400, 401)


def test_forged_refresh_tokens(rita, noon):
    good = sign_in("rita").json()["refresh_token"]
    claims = claims_of(good)
    right = jwt._signing_key()[0]
    for forged in (
        signed(claims, None, "none"),
        signed(claims, "x" * 64),
        signed({**claims, "use": "access"}, right),
        "x",
    ):
        assert problem(refresh(forged)) == (401, "token-invalid")
    assert refresh(good).status_code == 200


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
@pytest.mark.parametrize("field", ["token", "refresh_token"])
def test_revoking_ends_the_family(which, field, rita):
    pair, other = sign_in("rita").json(), app_of("rita")
    assert App().post("auth/revoke/", {field: pair[which]}).status_code == 204
    assert problem(refresh(pair["refresh_token"])) == (401, "token-invalid")
    assert App(pair["access_token"]).get("users/me/").status_code == 401
    assert other.get("users/me/").status_code == 200
    assert App().post("auth/revoke/", {field: pair[which]}).status_code == 204


def test_revoking_what_is_no_token(db):
    assert App().post("auth/revoke/", {"token": "x"}).status_code == 204
    for body in ({}, None, [], ["refresh_token"]):
        assert App().post("auth/revoke/", body).status_code == 400
