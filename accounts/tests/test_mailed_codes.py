"""What a session keeps of a code that was mailed types nobody in."""

import copy
import json
import pickle

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from accounts.doors.codes import StoredCode, is_right
from accounts.tests.mailbox import mailed_code

NEW = {"username": "nora", "email": "nora@example.org", "password1": "a blue heron at dawn"}
CODE = "QX7K-B2MN"


def test_a_digest_knows_its_code_only_until_it_is_stored():
    made = StoredCode.of(CODE)
    assert made.code == CODE
    for stored in (pickle.loads(pickle.dumps(made)), json.loads(json.dumps(made)), str(made)):  # noqa: S301 (made here)
        assert not hasattr(stored, "code")
        assert is_right(CODE, stored)
    assert not hasattr(copy.deepcopy({"code": made})["code"], "code")
    assert CODE not in repr(made)


@pytest.mark.parametrize("typed", [CODE, "qx7kb2mn", " QX7K B2MN "])
def test_a_code_is_right_as_it_may_be_typed(typed):
    assert is_right(typed, StoredCode.of(CODE))


@pytest.mark.parametrize("typed", ["", "QX7K-B2MM", "é", "x" * 5_000])
def test_another_code_is_not(typed):
    assert not is_right(typed, StoredCode.of(CODE))
    assert not is_right(typed, None)


def test_neither_the_digest_nor_an_old_plain_code_opens():
    assert not is_right(str(StoredCode.of(CODE)), StoredCode.of(CODE))
    assert not is_right(CODE, CODE)


def test_the_digest_hangs_on_the_key_of_the_site(settings):
    stored = StoredCode.of(CODE)
    settings.SECRET_KEY = "another key, long enough to be one"
    assert not is_right(CODE, stored)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ask", "fields", "give"),
    [
        ("/account/signup/", NEW, "/account/confirm-email/"),
        (
            "/account/login/code/",
            {"email": "ada@example.org"},
            "/account/login/code/confirm/",
        ),
    ],
)
def test_no_session_holds_the_code_and_the_code_opens(
    ask, fields, give, ada, settings, mailoutbox, django_capture_on_commit_callbacks
):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    cache.clear()
    client = Client()

    def stored() -> str:
        session = Session.objects.get(session_key=client.cookies["sessionid"].value)
        kept = cache.get(f"django.contrib.sessions.cached_db{session.session_key}")
        assert kept, "It is in the cache too."
        return str(session.get_decoded()) + str(kept) + pickle.dumps(kept).decode("latin-1")

    for step in (lambda: client.post(ask, fields), lambda: client.post(give, {"action": "resend"})):
        with django_capture_on_commit_callbacks(execute=True):
            step()
        code = mailed_code()
        assert code not in stored()
        assert code.replace("-", "") not in stored()
    client.post(give, {"code": code.lower()})
    assert "_auth_user_id" in client.session
