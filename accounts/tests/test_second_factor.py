"""Authenticator apps, recovery codes, passkeys' refusals, and a site that asks for a factor."""

import base64
import json
import re
import time
from datetime import UTC, datetime

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import override_settings

from accounts import limits
from accounts.doors import second_factor
from accounts.doors.recovery import remove_second_factors
from accounts.doors.sealing import seal, unseal
from accounts.tests.mailbox import mailed_code, mailed_link

pytestmark = pytest.mark.django_db
FACTORS, APP = "/account/2fa/", "/account/2fa/totp/activate/"
REMOVE, ASKED = "/account/2fa/totp/deactivate/", "/account/2fa/authenticate/"
CODES, PASSKEYS = "/account/2fa/recovery-codes/", "/account/2fa/webauthn/"
SIGN_IN, PASSWORD = "/account/login/", "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXP"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
WRONG = "000000"  # for that secret at noon


def app_code(secret: str = SECRET, later: int = 0) -> str:
    """What an authenticator app shows now, or so many steps of 30 seconds later."""
    counter = int(time.time()) // 30 + later
    return auth.format_hotp_value(auth.hotp_value(secret, counter))


@pytest.fixture(autouse=True)
def noon():
    """So that no step of 30 seconds ends while a code is typed in."""
    with time_machine.travel(NOON, tick=False):
        yield


def wrong_code(secret: str) -> str:
    """What the app does not show, of which a made-up secret might make anything."""
    right = {app_code(secret, later) for later in (-1, 0, 1)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)


@pytest.fixture
def with_app(ada):
    auth.TOTP.activate(ada, SECRET)
    return ada


def is_in(browser) -> bool:
    return "_auth_user_id" in browser.session


def test_an_app_is_set_up_by_its_picture_and_gives_recovery_codes(proven, commit, ada):
    browser = proven("ada")
    html = browser.get(APP).content.decode()
    secret = re.search(r"account-secret\">(\w+)<", html)[1]
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html)[1]
    assert base64.b64decode(picture).startswith(b"<?xml")
    assert re.search(rf'<a href="otpauth://totp/[^"]*secret={secret}', html)
    assert browser.post(APP, {"code": wrong_code(secret)}).status_code == 200
    with commit():
        answer = browser.post(APP, {"code": app_code(secret)})
    assert answer["Location"] == CODES
    shown = browser.get(CODES).content.decode()
    assert len(re.findall(r"<code>\d{8}</code>", shown)) == 10
    assert second_factor.has_one(ada)
    assert "An authenticator app was added" in {message.subject for message in mail.outbox}
    # Neither the key nor the codes can be read from the database alone.
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    # The codes are shown this once.
    assert not re.search(r"<code>\d{8}</code>", browser.get(CODES).content.decode())


def test_setting_up_asks_for_the_password_again(signed_in, ada):
    browser = signed_in("ada")
    for path in (APP, f"{PASSKEYS}add/", f"{CODES}generate/"):
        assert browser.get(path)["Location"].startswith("/account/reauthenticate/?next=")
    wrong = browser.post("/account/reauthenticate/", {"password": "wrong"})
    assert wrong.status_code == 200
    assert "account-errors" in wrong.content.decode()


def test_signing_in_then_takes_the_code_too(client, with_app):
    answer = client.post(SIGN_IN, {"login": "ada", "password": PASSWORD, "next": "/archive/"})
    assert answer["Location"] == ASKED
    assert not is_in(client)
    assert client.get("/admin/").status_code == 302
    assert client.post(ASKED, {"code": WRONG}).status_code == 200
    answer = client.post(ASKED, {"code": app_code()})
    assert (answer.status_code, answer["Location"]) == (302, "/archive/")
    assert is_in(client)


def test_a_code_of_the_app_is_good_once(client, with_app):
    for expected in (True, False):
        client.cookies.clear()
        client.post(SIGN_IN, {"login": "ada", "password": PASSWORD})
        client.post(ASKED, {"code": app_code()})
        assert is_in(client) is expected


@pytest.mark.parametrize("door", ["code", "reset"])
def test_no_mailed_way_goes_round_the_second_factor(door, client, commit, with_app):
    with commit():
        if door == "code":
            client.post("/account/login/code/", {"email": "ada@example.org"})
        else:
            client.post("/account/password/reset/", {"email": "ada@example.org"})
    if door == "code":
        answer = client.post("/account/login/code/confirm/", {"code": mailed_code()})
        assert answer["Location"] == ASKED
    else:
        form = client.get(mailed_link())["Location"]
        client.post(
            form, {"password1": "a blue heron at dawn", "password2": "a blue heron at dawn"}
        )
    assert not is_in(client)


def test_a_recovery_code_signs_in_once(client, with_app):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    code = RecoveryCodes.activate(with_app).get_unused_codes()[0]
    for expected in (True, False):
        client.cookies.clear()
        client.post(SIGN_IN, {"login": "ada", "password": PASSWORD})
        client.post(ASKED, {"code": code})
        assert is_in(client) is expected


def test_codes_are_guessed_only_so_often(client, with_app):
    client.post(SIGN_IN, {"login": "ada", "password": PASSWORD})
    wrong = [client.post(ASKED, {"code": WRONG}) for _ in range(limits.GUESSES_OF_CODE + 1)]
    assert [answer.status_code for answer in wrong] == [200] * limits.GUESSES_OF_CODE + [429]
    assert int(wrong[-1]["Retry-After"]) > 0
    assert client.post(ASKED, {"code": app_code()}).status_code == 429


@pytest.mark.parametrize(
    "code",
    ["", "x" * 100_000, "\x00", "１２３４５６", "🙂"],
    ids=["none", "long", "nul", "wide", "face"],
)
def test_what_is_no_code_is_refused(code, client, with_app):
    client.post(SIGN_IN, {"login": "ada", "password": PASSWORD})
    assert client.post(ASKED, {"code": code}).status_code == 200
    assert not is_in(client)


def test_the_app_is_removed_and_its_owner_told(proven, commit, ada):
    browser = proven("ada")
    auth.TOTP.activate(ada, SECRET)
    assert "Remove the app?" in browser.get(REMOVE).content.decode()
    with commit():
        assert browser.post(REMOVE)["Location"] == FACTORS
    assert not second_factor.has_one(ada)
    assert "was removed" in mail.outbox[-1].subject


def test_another_secret_key_opens_no_second_factor_and_breaks_nothing(client, with_app):
    client.post(SIGN_IN, {"login": "ada", "password": PASSWORD})
    Authenticator.objects.update(data={"secret": "nonsense"})
    assert client.post(ASKED, {"code": app_code()}).status_code == 200


def test_what_is_sealed_outlives_a_new_secret_key(settings):
    sealed = seal("a secret")
    assert "secret" not in sealed
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "x" * 60
    assert unseal(sealed) == "a secret"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(ValueError):
        unseal(sealed)


def test_an_administrator_helps_in_who_lost_every_factor(client, commit, sam, with_app, signed_in):
    version = with_app.token_version
    client.force_login(sam)
    action = {"action": "remove_factors", "_selected_action": [with_app.pk]}
    with commit():
        client.post("/admin/accounts/user/", action)
    assert not second_factor.has_one(with_app)
    assert "were removed" in mail.outbox[-1].subject
    with_app.refresh_from_db()
    assert with_app.token_version == version + 1
    signed_in("ada")
    with pytest.raises(ValidationError):
        remove_second_factors(with_app, by=sam)


def test_nobody_else_removes_a_factor(with_app, bob):
    with pytest.raises(PermissionDenied):
        remove_second_factors(with_app, by=bob)
    assert second_factor.has_one(with_app)


def test_the_only_administrator_is_helped_by_the_command_line(with_app):
    with pytest.raises(CommandError):
        call_command("remove_second_factors", "nobody")
    call_command("remove_second_factors", "ADA@example.org", verbosity=0)
    assert not second_factor.has_one(with_app)
    with pytest.raises(CommandError):
        call_command("remove_second_factors", "ada")


# --- passkeys: what the browser test does not send ----------------------------------------


def told_on(origin: str) -> dict:
    data = json.dumps({"type": "webauthn.get", "challenge": "x", "origin": origin}).encode()
    return {
        "id": "AAAA",
        "rawId": "AAAA",
        "type": "public-key",
        "clientExtensionResults": {},
        "response": {
            "clientDataJSON": base64.urlsafe_b64encode(data).decode().rstrip("="),
            "authenticatorData": "AAAA",
            "signature": "AAAA",
            "userHandle": "MQ",
        },
    }


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        '"x"',
        "{}",
        "[" * 19_000,
        "[" * 200_000,
        '{"response": {"clientDataJSON": 5}}',
        '{"response": {"clientDataJSON": "!!!!"}}',
        json.dumps(told_on("https://evil.test")),
        json.dumps(told_on("https://evil.blog.test")),
        json.dumps(told_on("https://blog.test")),
    ],
    ids=lambda credential: credential[:20],
)
def test_what_is_no_passkey_is_refused(credential, client, proven, with_app, bob):
    assert client.get(f"{PASSKEYS}login/", headers={"accept": "application/json"}).json()
    answer = client.post(f"{PASSKEYS}login/", {"credential": credential})
    assert (answer.status_code, answer["Location"]) == (302, SIGN_IN)
    assert not is_in(client)
    client.post(SIGN_IN, {"login": "ada", "password": PASSWORD})
    assert client.post(ASKED, {"credential": credential}).status_code == 200
    assert not is_in(client)
    browser = proven("bob")
    browser.get(f"{PASSKEYS}add/")
    answer = browser.post(f"{PASSKEYS}add/", {"credential": credential, "name": "x"})
    assert answer.status_code == 200
    assert not second_factor.has_one(bob)


def test_passkeys_are_tried_only_so_often(client, ada, monkeypatch):
    monkeypatch.setattr(limits, "PASSKEYS", 2)
    given = {"credential": json.dumps(told_on("https://blog.test"))}
    answers = [client.post(f"{PASSKEYS}login/", given) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_the_passkey_of_somebody_else_is_not_there(proven, ada, bob):
    key = Authenticator.objects.create(
        user=bob, type=Authenticator.Type.WEBAUTHN, data={"name": "Bob's", "credential": {}}
    )
    browser = proven("ada")
    for what in ("edit", "remove"):
        path = f"{PASSKEYS}keys/{key.pk}/{what}/"
        assert browser.get(path).status_code == 404
        assert browser.post(path, {"name": "Mine"}).status_code == 404


# --- a site that asks for one -------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "people"),
    [
        ([], set()),
        (["staff"], {"ada", "cleo", "eve", "sam"}),
        (["Staff"], {"ada", "cleo", "eve", "sam"}),
        (["everyone"], {"ada", "cleo", "eve", "sam", "rita"}),
        (["Administrator", "editor"], {"eve", "sam"}),
    ],
)
def test_of_whom_a_second_factor_is_asked(asked, people, settings, ada, cleo, eve, sam, rita):
    settings.REQUIRE_SECOND_FACTOR = asked
    found = {user.username for user in (ada, cleo, eve, sam, rita) if second_factor.is_due(user)}
    assert found == people


def test_pages_admin_and_api_wait_for_it(settings, client, ada):
    settings.REQUIRE_SECOND_FACTOR = ["staff"]
    client.force_login(ada)
    for path in ("/", "/admin/", "/admin/blog/post/add/", "/account/sessions/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, FACTORS)
    answer = client.get("/api/v1/posts/")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"].endswith("second-factor-setup-required")
    assert "asks you to set one up" in client.get(FACTORS).content.decode()
    auth.TOTP.activate(ada, SECRET)
    assert client.get("/admin/").status_code == 200
    assert client.get("/api/v1/posts/").status_code == 200


def test_who_was_asked_for_a_factor_can_set_it_up_from_the_sign_in_on(settings, signed_in, ada):
    settings.REQUIRE_SECOND_FACTOR = ["staff"]
    browser = signed_in("ada")
    assert browser.get("/admin/")["Location"] == FACTORS
    given = {"password": PASSWORD, "next": APP}
    assert browser.post("/account/reauthenticate/", given)["Location"] == APP
    secret = re.search(r"account-secret\">(\w+)<", browser.get(APP).content.decode())[1]
    browser.post(APP, {"code": app_code(secret)})
    assert browser.get("/admin/").status_code == 200


def test_readers_are_left_alone(settings, client, rita, django_assert_num_queries):
    settings.REQUIRE_SECOND_FACTOR = ["staff"]
    client.force_login(rita)
    assert client.get("/").status_code == 200


def test_the_last_factor_stays_where_one_is_asked(settings, proven, ada):
    browser = proven("ada")
    auth.TOTP.activate(ada, SECRET)
    settings.REQUIRE_SECOND_FACTOR = ["staff"]
    assert "before you remove this" in browser.post(REMOVE).content.decode()
    assert second_factor.has_one(ada)
    Authenticator.objects.all().delete()
    key = Authenticator.objects.create(
        user=ada, type=Authenticator.Type.WEBAUTHN, data={"name": "Key", "credential": {}}
    )
    assert browser.post(f"{PASSKEYS}keys/{key.pk}/remove/")["Location"] == PASSKEYS
    assert second_factor.has_one(ada)


def test_an_unknown_value_stops_the_start():
    from config.checks import second_factor_is_asked_of_known_people

    with override_settings(REQUIRE_SECOND_FACTOR=["stuff"]):
        assert [error.id for error in second_factor_is_asked_of_known_people(None)] == [
            "inkstone.E010"
        ]
    with override_settings(REQUIRE_SECOND_FACTOR=["staff", "Editor"]):
        assert second_factor_is_asked_of_known_people(None) == []
