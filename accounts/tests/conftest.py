"""Browsers in which somebody of the cast is signed in."""

import pytest
from django.test import Client

SIGN_IN = "/account/login/"
PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def signed_in(commit):
    """`signed_in("rita")`: a browser in which that person is, by the page."""

    def make(name: str, agent: str = FIREFOX) -> Client:
        browser = Client(headers={"user-agent": agent})
        with commit():
            answer = browser.post(SIGN_IN, {"login": name, "password": PASSWORD})
        assert answer.status_code == 302
        return browser

    return make


@pytest.fixture
def proven(signed_in):
    """As `signed_in`, just asked for the password again."""

    def make(name: str) -> Client:
        browser = signed_in(name)
        given = {"password": PASSWORD, "next": "/account/2fa/"}
        answer = browser.post("/account/reauthenticate/", given)
        assert answer["Location"] == "/account/2fa/"
        return browser

    return make
