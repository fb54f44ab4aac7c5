"""Signing up, confirming, signing in by code, resetting: each door, and who stays outside."""

import re

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import limits
from accounts.doors.addresses import is_confirmed
from accounts.models import User
from accounts.services import set_active
from accounts.sign_up import sign_up
from accounts.tests.mailbox import mailed_code, mailed_link
from events.models import Event

pytestmark = pytest.mark.django_db(transaction=False)
SIGN_UP, CONFIRM, SIGN_IN = "/account/signup/", "/account/confirm-email/", "/account/login/"
ASK_CODE, GIVE_CODE = "/account/login/code/", "/account/login/code/confirm/"
RESET, RESET_DONE = "/account/password/reset/", "/account/password/reset/done/"
PASSWORD = "correct horse battery"
NEW = {"username": "nora", "email": "nora@example.org", "password1": "a blue heron at dawn"}


@pytest.fixture(autouse=True)
def sent_at_once(django_capture_on_commit_callbacks):
    """Mail is sent when the row is committed, which a test's transaction never is."""
    with django_capture_on_commit_callbacks(execute=True):
        yield


@pytest.fixture
def post(client, django_capture_on_commit_callbacks):
    def send(path: str, **fields):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(path, fields)

    return send


def signed_in_as(client) -> str | None:
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key).username if key else None


def errors_of(response) -> str:
    return " ".join(re.findall(r"account-errors.*?</ul>", response.content.decode(), re.DOTALL))


# --- signing up -------------------------------------------------------------------------


def test_who_signs_up_confirms_the_address_and_is_in(client, post):
    answer = post(SIGN_UP, **NEW)
    assert (answer.status_code, answer["Location"]) == (302, CONFIRM)
    assert signed_in_as(client) is None
    user = User.objects.get(username="nora")
    assert not is_confirmed(user)
    assert (user.role, user.is_staff, user.is_active) == (None, False, True)
    message = mail.outbox[-1]
    assert message.to == ["nora@example.org"]
    html = next(body for body, kind in message.alternatives if kind == "text/html")
    assert mailed_code() in html
    answer = post(CONFIRM, code=mailed_code(), action="verify")
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert signed_in_as(client) == "nora"
    assert is_confirmed(user)
    kinds = list(Event.objects.filter(subject_id=user.pk).values_list("kind", flat=True))
    assert kinds.count("user.created") == 1
    assert kinds.count("user.email_confirmed") == 1


def test_a_name_makes_an_author_address_as_in_the_admin(post):
    from accounts.services import naming_hooks

    seen = []
    naming_hooks.append(lambda user, before: seen.append((user.username, before)))
    try:
        post(SIGN_UP, **NEW)
    finally:
        naming_hooks.pop()
    assert seen == [("nora", None)]


def test_an_unconfirmed_account_gets_a_code_instead_of_a_session(client, post):
    sign_up("nora", "nora@example.org", PASSWORD)
    answer = post(SIGN_IN, login="nora", password=PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, CONFIRM)
    assert signed_in_as(client) is None
    post(CONFIRM, code=mailed_code())
    assert signed_in_as(client) == "nora"


@pytest.mark.parametrize("code", ["", "AAAA-AAAA", "x" * 5_000, "\x00"])
def test_a_wrong_code_confirms_nothing(code, client, post):
    post(SIGN_UP, **NEW)
    assert post(CONFIRM, code=code).status_code == 200
    assert not is_confirmed(User.objects.get(username="nora"))


def test_three_wrong_codes_void_the_right_one(client, post):
    post(SIGN_UP, **NEW)
    right = mailed_code()
    for _ in range(3):
        post(CONFIRM, code="AAAA-AAAA")
    post(CONFIRM, code=right)
    assert not is_confirmed(User.objects.get(username="nora"))


def test_another_browser_cannot_use_the_code(client, post, django_capture_on_commit_callbacks):
    post(SIGN_UP, **NEW)
    code = mailed_code()
    client.cookies.clear()
    assert post(CONFIRM, code=code)["Location"] == SIGN_IN
    assert not is_confirmed(User.objects.get(username="nora"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "no"),
        ("username", "ada lovelace"),
        ("username", "ada\x00"),
        ("username", "x" * 51),
        ("username", ""),
        ("email", "nobody"),
        ("email", "a@b"),
        # Mail to such an address is refused by most servers on its way.
        ("email", "nöra@example.org"),
        ("email", "ｎｏｒａ@example.org"),
        ("email", f"{'x' * 400}@example.org"),
        ("email", ""),
        ("password1", ""),
        ("password1", "short"),
        ("password1", "password"),
        ("password1", "nora_nora"),
        ("password1", "x" * 1_000_000),
    ],
)
def test_what_cannot_be_stored_is_told_at_its_field(field, value, post):
    fields = {**NEW, "username": "nora_nora"} if value == "nora_nora" else NEW
    answer = post(SIGN_UP, **{**fields, field: value})
    assert answer.status_code == 200
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert not User.objects.filter(username__startswith="nora").exists()


def test_a_huge_password_is_refused_before_it_is_hashed(post, monkeypatch, ada):
    monkeypatch.setattr(User, "set_password", pytest.fail)
    monkeypatch.setattr(User, "check_password", pytest.fail)
    huge = "x" * 1_000_000
    for email in ("nora@example.org", "ada@example.org"):
        assert post(SIGN_UP, **{**NEW, "email": email, "password1": huge}).status_code == 200
    assert post(SIGN_IN, login="ada", password=huge).status_code == 200


def test_a_username_is_taken_whatever_its_case(post, ada):
    answer = post(SIGN_UP, **{**NEW, "username": "ADA"})
    assert "This username is taken." in errors_of(answer)


@pytest.mark.parametrize(
    "email",
    ["Nora+news@Example.ORG", "o'nora@example.org", "nora@bücher.example"],
)
def test_odd_addresses_sign_up_and_in(email, client, post):
    assert post(SIGN_UP, **{**NEW, "email": email}).status_code == 302
    post(CONFIRM, code=mailed_code())
    assert signed_in_as(client) == "nora"
    client.logout()
    post(SIGN_IN, login=email.upper(), password=NEW["password1"])
    assert signed_in_as(client) == "nora"


def test_nobody_gives_themselves_more_than_an_account(client, post):
    more = {
        "is_staff": "on",
        "is_superuser": "on",
        "role": "Administrator",
        "groups": "4",
        "id": "1",
        "email_verified": "on",
        "verified": "on",
        "must_confirm_email": "",
        "is_active": "on",
    }
    post(SIGN_UP, **NEW, **more)
    user = User.objects.get(username="nora")
    assert (user.is_staff, user.is_superuser, user.role) == (False, False, None)
    assert not is_confirmed(user)
    assert list(user.groups.all()) == []


def test_a_closed_site_takes_nobody(settings, client, post):
    settings.SIGN_UP_OPEN = False
    assert "no new accounts" in client.get(SIGN_UP).content.decode()
    post(SIGN_UP, **NEW)
    assert not User.objects.filter(username="nora").exists()
    assert "No account yet?" not in client.get(SIGN_IN).content.decode()


def test_two_who_want_one_name_at_once_get_an_answer(post, monkeypatch, ada):
    # The look that comes before the write saw nobody.
    monkeypatch.setattr("accounts.adapter.AccountAdapter.clean_username", lambda self, name: name)
    answer = post(SIGN_UP, **{**NEW, "username": "ada"})
    assert answer.status_code == 200
    assert "taken" in errors_of(answer)
    assert User.objects.filter(email_key="nora@example.org").count() == 0


# --- nobody learns who has an account -----------------------------------------------------


def the_same(one, other) -> bool:
    """Whether two answers differ in nothing but tokens against forgery and what was typed."""

    def plain(response) -> tuple:
        html = re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", response.content.decode())
        html = re.sub(r"[\w.]+@example\.org", "ADDRESS", html)
        # The number of the request, and what a clock says.
        own = ("X-Request-ID", "X-Process-Time", "Expires")
        headers = {k: v for k, v in response.headers.items() if k not in own}
        return response.status_code, headers, sorted(response.cookies), html

    return plain(one) == plain(other)


def steps(client, post, path: str, fields: dict) -> list:
    """The answers to a form and to what follows it, by a browser that nobody knows."""
    client.cookies.clear()
    answers = [post(path, **fields)]
    if answers[0].status_code == 302:
        answers.append(client.get(answers[0]["Location"]))
        answers.append(post(answers[0]["Location"], code="AAAA-AAAA"))
    return answers


@pytest.mark.parametrize(
    ("path", "known", "unknown"),
    [
        (
            SIGN_UP,
            {"username": "nora", "email": "ada@example.org", "password1": NEW["password1"]},
            {"username": "nina", "email": "xyz@example.org", "password1": NEW["password1"]},
        ),
        (
            SIGN_IN,
            {"login": "ada@example.org", "password": "wrong"},
            {"login": "xyz@example.org", "password": "wrong"},
        ),
        (ASK_CODE, {"email": "ada@example.org"}, {"email": "xyz@example.org"}),
        (RESET, {"email": "ada@example.org"}, {"email": "xyz@example.org"}),
    ],
)
def test_the_answers_do_not_tell_who_has_an_account(path, known, unknown, client, post, ada):
    answers = zip(steps(client, post, path, known), steps(client, post, path, unknown), strict=True)
    for one, other in answers:
        assert the_same(one, other)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (SIGN_UP, {"username": "nora", "password1": NEW["password1"]}),
        (ASK_CODE, {}),
        (RESET, {}),
    ],
)
def test_each_way_one_mail_is_sent(path, fields, client, post, ada):
    for email in ("ada@example.org", "xyz@example.org"):
        client.cookies.clear()
        before = len(mail.outbox)
        post(path, email=email, **fields)
        assert len(mail.outbox) == before + 1
        assert mail.outbox[-1].to == [email]


def test_each_way_a_password_is_hashed_once(client, post, monkeypatch, ada):
    from django.contrib.auth import hashers

    hashed = []
    inner = hashers.MD5PasswordHasher.encode

    def encode(self, password, salt):
        hashed.append(password)
        return inner(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", encode)
    counts = []
    for email, username in (("ada@example.org", "nora"), ("xyz@example.org", "nina")):
        client.cookies.clear()
        hashed.clear()
        post(SIGN_UP, username=username, email=email, password1=NEW["password1"])
        counts.append(len(hashed))
    for login in ("ada", "nobody", "ada@example.org", "nobody@example.org"):
        client.cookies.clear()
        hashed.clear()
        post(SIGN_IN, login=login, password="wrong")
        counts.append(len(hashed))
    assert counts == [1] * 6


def test_each_way_a_sign_up_does_the_same_work(client, ada):
    """The time must not tell: as many statements, but for those of the account's own rows."""
    counts = []
    for email, username in (("ada@example.org", "nora"), ("xyz@example.org", "nina")):
        client.cookies.clear()
        with CaptureQueriesContext(connection) as queries:
            # Without what follows the commit, in other processes.
            given = {"username": username, "email": email, "password1": NEW["password1"]}
            client.post(SIGN_UP, given)
        counts.append(len(queries))
    assert abs(counts[0] - counts[1]) <= 8
    assert not User.objects.filter(username="nora").exists()
    assert User.objects.filter(username="nina").exists()
    assert not Event.objects.filter(payload__icontains="example.invalid").exists()


def test_a_taken_address_makes_no_second_account_and_tells_its_owner(client, post, ada):
    post(SIGN_UP, **{**NEW, "email": "ADA@example.org"})
    assert User.objects.filter(username="nora").count() == 0
    assert mail.outbox[-1].to == ["ada@example.org"]
    assert "has an account already" in mail.outbox[-1].body
    assert post(CONFIRM, code="AAAA-AAAA").status_code == 200
    assert signed_in_as(client) is None


# --- signing in by a mailed code ----------------------------------------------------------


def test_a_mailed_code_signs_in_once(client, post, ada):
    answer = post(ASK_CODE, email="Ada@Example.org", next="/archive/")
    assert answer["Location"] == f"{GIVE_CODE}?next=%2Farchive%2F"
    code = mailed_code()
    # Looking at the page, as often as one likes, uses nothing up.
    for _ in range(5):
        assert client.get(GIVE_CODE).status_code == 200
    answer = post(GIVE_CODE, code=code.lower().replace("-", ""), next="/archive/")
    assert (answer.status_code, answer["Location"]) == (302, "/archive/")
    assert signed_in_as(client) == "ada"
    client.logout()
    assert post(GIVE_CODE, code=code)["Location"] == ASK_CODE
    assert signed_in_as(client) is None


def test_mail_goes_to_the_stored_address_whatever_was_typed(post, ada):
    User.objects.filter(pk=ada.pk).update(email="Ada@example.org")
    post(ASK_CODE, email="aDa@example.org")
    assert mail.outbox[-1].to == ["Ada@example.org"]


def test_a_code_is_too_old_after_fifteen_minutes(client, post, ada, time_machine):
    time_machine.move_to("2026-11-21T12:00:00Z", tick=False)
    post(ASK_CODE, email="ada@example.org")
    code = mailed_code()
    time_machine.move_to("2026-11-21T12:15:01Z", tick=False)
    post(GIVE_CODE, code=code)
    assert signed_in_as(client) is None


def test_a_deactivated_account_gets_no_code(client, post, ada, sam):
    set_active(ada, False, by=sam)
    post(ASK_CODE, email="ada@example.org")
    assert "has no account here" in mail.outbox[-1].body


def test_a_mailbox_is_not_flooded(client, post, ada):
    answers = []
    for _ in range(limits.MAILS_TO_ONE + 1):
        client.cookies.clear()
        answers.append(post(ASK_CODE, email="ada@example.org"))
    assert {answer.status_code for answer in answers[:-1]} == {302}
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0
    assert len(mail.outbox) == limits.MAILS_TO_ONE


def test_sign_ups_from_one_place_are_limited(client, post):
    for number in range(limits.SIGN_UPS):
        client.cookies.clear()
        post(SIGN_UP, **{**NEW, "username": f"n{number}_x", "email": f"n{number}@example.org"})
    client.cookies.clear()
    assert post(SIGN_UP, **NEW).status_code == 429


# --- forgotten passwords ------------------------------------------------------------------


def test_a_mailed_link_resets_the_password_once(client, post, ada):
    client.force_login(ada)
    post(RESET, email="ada@example.org")
    link = mailed_link()
    client.logout()
    # A scanner of mail that opens the link uses nothing up.
    for _ in range(3):
        client.get(link)
        client.cookies.clear()
    form = client.get(link)["Location"]
    assert "set-password" in form
    new = {"password1": "a blue heron at dawn", "password2": "a blue heron at dawn"}
    answer = post(form, **new)
    assert answer["Location"] == "/account/password/reset/key/done/"
    ada.refresh_from_db()
    assert ada.check_password(new["password1"])
    assert "was reset" in mail.outbox[-1].subject
    client.cookies.clear()
    assert "It was used before" in client.get(link).content.decode()
    assert "It was used before" in post(form, **new).content.decode()


def test_a_reset_ends_every_session(client, post, ada):
    client.force_login(ada)
    session = client.session.session_key
    post(RESET, email="ada@example.org")
    form = client.get(mailed_link())["Location"]
    client.cookies["sessionid"] = session
    client.get(mailed_link())
    post(form, password1="a blue heron at dawn", password2="a blue heron at dawn")
    client.cookies["sessionid"] = session
    assert client.get("/admin/").status_code == 302


def test_a_link_is_too_old_after_three_days(client, post, ada, time_machine):
    time_machine.move_to("2026-11-18T12:00:00Z", tick=False)
    post(RESET, email="ada@example.org")
    time_machine.move_to("2026-11-21T12:00:01Z", tick=False)
    assert "It was used before" in client.get(mailed_link()).content.decode()


def test_a_new_address_voids_the_links_to_the_old_one(client, post, ada):
    post(RESET, email="ada@example.org")
    ada.email = "other@example.org"
    ada.save()
    assert "It was used before" in client.get(mailed_link()).content.decode()


@pytest.mark.parametrize("link", ["1-abc", "zzzzzzzz-abc-def", "1-set-password"])
def test_a_forged_link_resets_nothing(link, client, ada):
    answer = client.get(f"/account/password/reset/key/{link}/")
    assert "It was used before" in answer.content.decode()


def test_the_host_that_a_visitor_names_steers_no_link(client, settings, ada):
    settings.ALLOWED_HOSTS = ["*"]
    for path, fields in ((RESET, {}), (ASK_CODE, {}), (SIGN_UP, NEW)):
        client.cookies.clear()
        client.post(path, {**fields, "email": "ada@example.org"}, headers={"host": "evil.test"})
    client.cookies.clear()
    client.post(ASK_CODE, {"email": "xyz@example.org"}, headers={"host": "evil.test"})
    from events.models import Mail

    assert Mail.objects.count() >= 4
    for message in Mail.objects.all():
        assert "evil.test" not in message.text + message.html


# --- where one comes from -----------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "\\\\evil.test",
        "https:evil.test",
        "javascript:alert(1)",
        " //evil.test",
        "https://blog.test.evil.test/",
        "http://blog.test@evil.test/",
    ],
)
def test_nobody_is_led_elsewhere(address, client, post, ada):
    assert post(SIGN_IN, login="ada", password=PASSWORD, next=address)["Location"] == "/account/"
    answer = post("/account/logout/", next=address)
    assert answer["Location"] == "/"
    html = client.get(SIGN_IN, {"next": address}).content.decode()
    assert 'href="https://evil' not in html


@pytest.mark.parametrize("path", [SIGN_IN, SIGN_UP, ASK_CODE, RESET])
def test_the_doors_need_no_cookie_to_be_looked_at_but_their_own(path, client):
    answer = client.get(path)
    assert answer.status_code == 200
    assert set(answer.cookies) <= {"csrftoken"}
    assert answer["Cache-Control"] == "private, no-store"
    assert "testserver" not in answer.content.decode()
    assert "<script>" not in answer.content.decode()


def test_readers_pages_stay_without_a_cookie(client, make_post):
    make_post()
    assert not client.get("/").cookies


@pytest.mark.parametrize("path", [SIGN_IN, SIGN_UP, ASK_CODE, RESET, "/account/sessions/"])
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_another_method_is_refused(path, method, client, ada):
    if "sessions" in path:
        client.force_login(ada)
    assert getattr(client, method)(path).status_code == 405


def test_a_form_from_elsewhere_is_refused(ada):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    given = {"login": "ada", "password": PASSWORD}
    assert strict.post(SIGN_IN, given).status_code == 403
    assert signed_in_as(strict) is None


def test_signing_out_takes_a_post_and_ends_the_session(client, post, ada):
    post(SIGN_IN, login="ada", password=PASSWORD)
    assert client.get("/account/logout/").status_code == 200
    assert signed_in_as(client) == "ada"
    assert post("/account/logout/")["Location"] == "/"
    assert signed_in_as(client) is None
