import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.middleware import PrivateResponseMiddleware

pytestmark = pytest.mark.django_db


class _Session:
    def __init__(self, key):
        self.session_key = key


def answer(cache_control: str, *, session_key=None, **headers):
    request = RequestFactory().get("/", **headers)
    request.session = _Session(session_key)

    def view(request):
        response = HttpResponse()
        response["Cache-Control"] = cache_control
        return response

    return PrivateResponseMiddleware(view)(request)["Cache-Control"]


def test_a_visitor_without_a_session_gets_what_the_view_said():
    assert answer("public, max-age=60") == "public, max-age=60"


def test_a_signed_in_person_gets_nothing_that_a_cache_may_keep():
    said = answer("public, max-age=60", session_key="abc")
    assert "private" in said
    assert "no-store" in said
    assert "public" not in said


def test_a_request_with_a_token_gets_nothing_that_a_cache_may_keep():
    assert "no-store" in answer("public, max-age=60", HTTP_AUTHORIZATION="Bearer x")


def test_a_file_that_never_changes_stays_cacheable_for_staff():
    said = "public, max-age=31536000, immutable"
    assert answer(said, session_key="abc") == said
