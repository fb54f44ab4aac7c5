"""From a visitor to somebody who is signed in, by every door, in a real browser."""

import re
import time

import pytest
from allauth.mfa.totp.internal import auth
from playwright.sync_api import Page, expect

from accounts.doors import second_factor
from accounts.models import User
from tests.browser.conftest import DESKTOP

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a blue heron at dawn"
ARCHIVE, HUB = re.compile("^[^?]*/archive/$"), re.compile("^[^?]*/account/$")
CODE = re.compile(r"^[A-Z0-9]{2,8}(?:-[A-Z0-9]{2,8})*$", re.MULTILINE)


@pytest.fixture(autouse=True)
def roles(db):
    """What migrations put into the database; a test that commits leaves it empty."""


@pytest.fixture
def nora(db) -> User:
    return User.objects.create_user("nora", "nora@example.org", PASSWORD)


def app_code(secret: str) -> str:
    """What an authenticator app shows now."""
    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))


def sign_in(page: Page, name: str = "nora") -> None:
    page.goto("/account/login/")
    page.get_by_label("E-mail or username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def prove(page: Page) -> None:
    """Give the password once more, where it is asked for."""
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def is_signed_in(page: Page) -> bool:
    return any(cookie["name"] == "sessionid" for cookie in page.context.cookies())


def test_a_visitor_signs_up_and_stays_signed_in(page, picture, last_mail):
    page.goto("/account/login/")
    picture("sign-in")
    page.get_by_role("link", name="Sign up").click()
    picture("sign-up")
    page.get_by_label("Username").fill("no")
    page.get_by_label("E-mail").fill("nora@example.org")
    page.get_by_label("Password").fill("short")
    page.evaluate("document.querySelector('.account-form').noValidate = true")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_label("Username")).to_have_attribute("aria-invalid", "true")
    picture("sign-up-refused")
    page.get_by_label("Username").fill("nora")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", name="Confirm your address")).to_be_visible()
    picture("confirm")
    page.get_by_label("Code").fill(CODE.search(last_mail())[0])
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(HUB)
    picture("hub")
    # A session as a comment or any other form needs it: signed in, with a token against forgery.
    page.goto("/account/sessions/")
    expect(page.get_by_text("this one")).to_be_visible()
    expect(page.locator("input[name=csrfmiddlewaretoken]").first).to_be_attached()
    picture("sessions")


def test_a_mailed_code_signs_in(page, nora, picture, last_mail):
    page.goto("/account/login/?next=/archive/")
    page.get_by_role("link", name="Have a code mailed to you").click()
    page.get_by_label("E-mail").fill("NORA@example.org")
    picture("ask-for-code")
    page.get_by_role("button", name="Mail me a code").click()
    page.get_by_label("Code").fill(CODE.search(last_mail())[0].lower())
    picture("code")
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(ARCHIVE)


def test_a_forgotten_password_is_replaced(page, nora, picture, last_mail):
    page.goto("/account/password/reset/")
    picture("forgotten")
    page.get_by_label("E-mail").fill("nora@example.org")
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", name="Look in your mailbox")).to_be_visible()
    page.goto(re.search(r"https?://\S+/key/\S+", last_mail())[0])
    picture("new-password")
    page.get_by_label("New password", exact=True).fill("another blue heron")
    page.get_by_label("New password again").fill("another blue heron")
    page.get_by_role("button", name="Keep this password").click()
    expect(page.get_by_role("heading", name="Your password is changed")).to_be_visible()
    nora.refresh_from_db()
    assert nora.check_password("another blue heron")


def test_an_app_is_set_up_and_asked_for(page, nora, picture):
    sign_in(page)
    page.goto("/account/2fa/")
    picture("factors")
    page.get_by_role("link", name="Set up an app").click()
    picture("prove")
    prove(page)
    expect(page.get_by_alt_text("QR code of the key below")).to_be_visible()
    expect(page.locator(".account-qr")).not_to_have_js_property("naturalWidth", 0)
    secret = page.locator(".account-secret").inner_text()
    picture("app")
    page.get_by_label("Code that the app shows").fill(app_code(secret))
    page.get_by_role("button", name="Use this app").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    codes = page.locator(".account-codes code").all_inner_texts()
    assert len(codes) == 10
    picture("recovery-codes")
    page.context.clear_cookies()
    sign_in(page)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    picture("second-factor")
    page.get_by_label("recovery code").fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(HUB)


def with_authenticator(page: Page) -> None:
    """Give the browser a device that makes passkeys and always finds its owner's finger."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def add_passkey(page: Page, *, alone: bool) -> None:
    page.goto("/account/2fa/webauthn/add/")
    if page.get_by_role("heading", name="Is it still you?").is_visible():
        prove(page)
    page.get_by_label("A name for it").fill("My phone")
    if alone:
        page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Add a passkey").click()


def test_a_passkey_signs_in_alone(page, nora, picture):
    with_authenticator(page)
    sign_in(page)
    page.goto("/account/2fa/webauthn/add/")
    prove(page)
    picture("add-passkey")
    add_passkey(page, alone=True)
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert second_factor.has_one(nora)
    page.goto("/account/2fa/webauthn/")
    expect(page.get_by_text("Signs in without a password.")).to_be_visible()
    picture("passkeys")
    page.context.clear_cookies()
    page.goto("/account/login/?next=/archive/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(ARCHIVE)
    page.goto("/account/sessions/")
    expect(page.get_by_text("this one")).to_be_visible()


def test_a_passkey_is_asked_for_after_the_password(page, nora):
    with_authenticator(page)
    sign_in(page)
    add_passkey(page, alone=False)
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.context.clear_cookies()
    sign_in(page)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(HUB)
    # It also proves that it is still oneself.
    page.goto("/account/2fa/recovery-codes/generate/")
    page.get_by_role("link", name="Use a security key").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="New recovery codes")).to_be_visible()


def test_without_a_passkey_at_hand_one_is_told(page, nora):
    page.goto("/account/login/")
    page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'x')) }"
    )
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("That did not work.")).to_be_visible()


def test_without_scripts_everything_but_passkeys_works(chromium, site, nora):
    context = chromium.new_context(base_url=site, java_script_enabled=False, viewport=DESKTOP)
    page = context.new_page()
    sign_in(page)
    expect(page).to_have_url(HUB)
    page.goto("/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto("/account/login/")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    context.close()


@pytest.mark.parametrize(
    "path", ["login/", "signup/", "login/code/", "password/reset/", "email/", "password/change/"]
)
def test_nothing_hangs_over_the_edge_of_a_phone(path, page, nora):
    if path in ("email/", "password/change/"):
        sign_in(page)
    page.goto(f"/account/{path}")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
