"""Guessing is limited whatever the door and the address; the owner of the account still gets in."""

import re
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core import signing
from django.test import Client

from accounts import limits
from accounts.limits import GUESS_WINDOW, GUESSES_IN_ALL, KNOWN_COOKIE, TooManyAttempts
from accounts.models import User
from config.checks import clients_can_be_told_apart
from events.models import Mail
from lib import limits as counters

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"
PASSWORD, WRONG = "correct horse battery", "wrong"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class NoCache:
    def __getattr__(self, name):
        def fail(*args):
            raise ConnectionError("the cache is gone")

        return fail


@pytest.fixture(params=["cache", "no cache"])
def any_cache(request, monkeypatch):
    counters.forget()
    if request.param == "no cache":
        monkeypatch.setattr(counters, "cache", NoCache())
        monkeypatch.setattr(limits, "cache", NoCache())
    yield
    counters.forget()


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def looked_at(monkeypatch) -> list[str]:
    """The passwords that were compared with a stored one."""
    seen = []
    check = User.check_password

    def counting(user, password):
        seen.append(password)
        return check(user, password)

    monkeypatch.setattr(User, "check_password", counting)
    return seen


def guess(login: str, password: str = WRONG, client: Client | None = None, **meta):
    return (client or Client()).post(LOGIN, {"login": login, "password": password}, **meta)


def test_the_numbers_are_those_that_are_promised():
    assert (GUESSES_IN_ALL, GUESS_WINDOW) == (20, 15 * 60)
    assert limits.STRANGER_GUESSES == 100


def test_a_thousand_guesses_from_a_thousand_addresses(any_cache, noon, looked_at, ada, rf):
    waits = []
    for number in range(1_000):
        login = ("ada", "ADA", "ada@example.org", "Ada@Example.ORG")[number % 4]
        request = rf.post(LOGIN, REMOTE_ADDR=f"198.51.{number // 250}.{number % 250}")
        try:
            assert authenticate(request, username=login, password=f"guess {number}") is None
        except TooManyAttempts as refused:
            waits.append(refused.wait)
    assert len(waits) == 990
    assert set(waits) == {GUESS_WINDOW}
    assert len(looked_at) == limits.GUESSES_BY_NAME + limits.GUESSES_BY_E_MAIL


def test_the_owner_gets_in_with_a_browser_that_signed_in_before(any_cache, noon, ada):
    own, stranger = Client(), Client()
    assert guess("ada", PASSWORD, own).status_code == 302
    own.post("/account/logout/")
    for _ in range(30):
        refused = guess("ada", client=stranger, REMOTE_ADDR="198.51.100.7")
    assert refused.status_code == 429
    assert guess("ada", PASSWORD, stranger, REMOTE_ADDR="198.51.100.7").status_code == 429
    assert guess("ada", PASSWORD, own).status_code == 302


def test_the_owner_gets_in_with_a_mailed_code_from_anywhere(any_cache, noon, ada):
    for number in range(20):
        guess("ada", REMOTE_ADDR=f"198.51.100.{number}")
    new = Client(REMOTE_ADDR="203.0.113.77")
    assert guess("ada", PASSWORD, new).status_code == 429
    assert new.post("/account/login/code/", {"email": "ada@example.org"}).status_code == 302
    code = re.search(r"\b[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}\b", Mail.objects.latest("pk").text)[0]
    assert new.post("/account/login/code/confirm/", {"code": code}).status_code == 302
    assert new.get("/api/v1/users/me/").json()["username"] == "ada"


def test_a_program_gets_in_from_an_address_it_used_before(noon, ada, rf):
    home = rf.post(LOGIN, REMOTE_ADDR="203.0.113.5")
    limits.remember_address(home, ada)
    for number in range(30):
        away = rf.post(LOGIN, REMOTE_ADDR=f"198.51.100.{number}")
        with pytest.raises(TooManyAttempts) if number >= 5 else nullcontext():
            authenticate(away, username="ada", password="wrong")
    assert authenticate(home, username="ada", password=PASSWORD) == ada
    other = rf.post(LOGIN, REMOTE_ADDR="203.0.113.6")
    with pytest.raises(TooManyAttempts):
        authenticate(other, username="ada", password=PASSWORD)


def test_all_pools_together_hold_twenty_guesses(noon, looked_at, ada, rf):
    """Somebody with the owner's browser, address, both logins and the password."""
    request = rf.post(LOGIN, REMOTE_ADDR="203.0.113.5")
    limits.remember_address(request, ada)
    request.COOKIES[KNOWN_COOKIE] = signing.dumps([ada.pk], salt=KNOWN_COOKIE)
    for number in range(200):
        try:
            authenticate(request, username=("ada", "ada@example.org")[number % 2], password="no")
        except TooManyAttempts:
            continue
    codes = 0
    stranger = rf.post(LOGIN, REMOTE_ADDR="198.51.100.9")
    for _ in range(50):
        try:
            limits.check_code(stranger, ada)
            codes += 1
        except TooManyAttempts:
            continue
    assert len(looked_at) + codes == GUESSES_IN_ALL


def test_it_is_over_after_a_quarter_of_an_hour(noon, ada):
    for _ in range(6):
        refused = guess("ada")
    assert (refused.status_code, refused["Retry-After"]) == (429, str(GUESS_WINDOW))
    noon.shift(GUESS_WINDOW - 1)
    assert guess("ada", PASSWORD).status_code == 429
    noon.shift(5)
    assert guess("ada", PASSWORD).status_code == 302


@pytest.mark.slow
def test_a_right_password_counts_as_no_guess(noon, ada):
    for _ in range(GUESSES_IN_ALL + 1):
        assert guess("ada", PASSWORD).status_code == 302


def test_nobody_is_told_whether_there_is_an_account(noon, ada):
    """An unknown login is refused after as many guesses, with the same answer."""
    answers = {}
    for login in ("ada", "nobody", "ada@example.org", "nobody@example.org"):
        answers[login] = [
            guess(login, REMOTE_ADDR=f"198.51.100.{number}").status_code for number in range(8)
        ]
    assert len({tuple(codes) for codes in answers.values()}) == 1
    assert answers["ada"] == [200] * 5 + [429] * 3


@pytest.fixture
def few_strangers(monkeypatch):
    """A limit that is sooner reached; how high it is, is above."""
    monkeypatch.setattr(limits, "STRANGER_GUESSES", 12)


def test_forged_headers_change_nothing(few_strangers, noon, settings, ada):
    settings.TRUSTED_PROXY_COUNT = 1
    codes = [
        guess(
            f"somebody_{number}",
            HTTP_X_FORWARDED_FOR=f"10.0.{number // 250}.{number % 250}, 203.0.113.9",
            HTTP_X_REAL_IP=f"10.1.1.{number % 250}",
        ).status_code
        for number in range(limits.STRANGER_GUESSES + 3)
    ]
    assert codes.count(429) == 3
    assert codes[-3:] == [429, 429, 429]


def test_one_address_that_tries_everybody_does_not_stop_a_known_browser(few_strangers, noon, ada):
    own = Client()
    guess("ada", PASSWORD, own)
    for number in range(limits.STRANGER_GUESSES + 1):
        refused = guess(f"somebody_{number}")
    assert refused.status_code == 429
    assert guess("ada", PASSWORD, own).status_code == 302


def test_a_made_up_cookie_makes_nobody_known(rf):
    request = rf.get("/")
    for cookie in ("", "x", "x:y:z", signing.dumps([1], salt="another"), "é"):
        request.COOKIES[KNOWN_COOKIE] = cookie
        assert limits.known_people(request) == []


def test_the_cookie_is_for_sign_in_only_and_kept_from_scripts(client, ada):
    assert KNOWN_COOKIE not in client.get(LOGIN).cookies
    cookie = guess("ada", PASSWORD, client).cookies[KNOWN_COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert LOGIN.startswith(cookie["path"])
    assert cookie["path"] != "/"
    assert signing.loads(cookie.value, salt=KNOWN_COOKIE) == [ada.pk]


def test_the_refusal_is_a_page(noon, ada):
    for _ in range(6):
        refused = guess("ada")
    html = refused.content.decode()
    assert "Wait 15 minutes" in html
    assert refused["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("length", [1_000_000, 4_097])
def test_a_huge_password_is_not_hashed(length, looked_at, ada):
    assert authenticate(username="ada", password="x" * length) is None
    assert looked_at == []


@pytest.mark.parametrize(
    "login",
    ["nul\x00", "x" * 1_000_000, "@" * 10_000, "\ud800"],
    ids=["nul", "long", "at signs", "lone surrogate"],
)
def test_odd_logins_name_nobody(login):
    assert authenticate(username=login, password=PASSWORD) is None


def test_sign_ups_are_limited_by_address(noon, rf):
    request = rf.post("/", REMOTE_ADDR="2001:db8::1")
    for _ in range(limits.SIGN_UPS):
        limits.check_sign_up(request)
    neighbour = rf.post("/", REMOTE_ADDR="2001:db8::ffff")
    with pytest.raises(TooManyAttempts):
        limits.check_sign_up(neighbour)
    limits.check_sign_up(rf.post("/", REMOTE_ADDR="2001:db8:1::1"))


def test_mail_is_limited_by_mailbox_and_the_owner_still_gets_a_code(noon, ada, rf):
    for number in range(limits.MAILS_TO_ONE):
        limits.check_mail(rf.post("/", REMOTE_ADDR=f"198.51.100.{number}"), "ada@example.org", ada)
    with pytest.raises(TooManyAttempts):
        limits.check_mail(rf.post("/", REMOTE_ADDR="192.0.2.9"), "ADA@Example.org", ada)
    own = rf.post("/", REMOTE_ADDR="192.0.2.9")
    own.COOKIES[KNOWN_COOKIE] = signing.dumps([ada.pk], salt=KNOWN_COOKIE)
    limits.check_mail(own, "ada@example.org", ada)


@pytest.mark.parametrize(
    ("header", "count", "warnings"),
    [
        (None, 0, []),
        (("HTTP_X_FORWARDED_PROTO", "https"), 1, []),
        (("HTTP_X_FORWARDED_PROTO", "https"), 0, ["inkstone.W012"]),
    ],
)
def test_a_proxy_that_hides_all_clients_is_told_of(header, count, warnings, settings):
    settings.SECURE_PROXY_SSL_HEADER, settings.TRUSTED_PROXY_COUNT = header, count
    assert [warning.id for warning in clients_can_be_told_apart(None)] == warnings
