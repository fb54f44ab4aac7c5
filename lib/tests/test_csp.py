"""The policy that is kept is the one that django-csp builds."""

import pytest
from csp.constants import HEADER, NONCE
from csp.decorators import csp_exempt, csp_update
from csp.middleware import CSPMiddleware
from django.http import HttpResponse
from django.test import override_settings

from lib.csp import SteadyCSPMiddleware


def plain(request):
    return HttpResponse("x")


def with_nonce(request):
    return HttpResponse(str(request.csp_nonce))


def own(request):
    return HttpResponse("x", headers={HEADER: "sandbox"})


changed = csp_update({"img-src": ["data:", "https://images.example.org"]})(plain)


@pytest.mark.parametrize("view", [plain, changed, own, csp_exempt()(plain)])
def test_it_is_as_django_csp_has_it(rf, view):
    steady = SteadyCSPMiddleware(plain)
    steady(rf.get("/"))  # has kept it now
    steady.get_response = view
    expected = CSPMiddleware(view)(rf.get("/"))
    assert steady(rf.get("/")).headers == expected.headers


def test_a_nonce_is_of_one_answer(rf):
    steady = SteadyCSPMiddleware(plain)
    with override_settings(CONTENT_SECURITY_POLICY={"DIRECTIVES": {"script-src": [NONCE]}}):
        steady(rf.get("/"))
        steady.get_response = with_nonce
        first, second = steady(rf.get("/")), steady(rf.get("/"))
    assert f"script-src 'nonce-{first.content.decode()}'" in first[HEADER]
    assert f"script-src 'nonce-{second.content.decode()}'" in second[HEADER]
    assert first[HEADER] != second[HEADER]


def test_another_setting_is_another_policy(rf):
    steady = SteadyCSPMiddleware(plain)
    before = steady(rf.get("/"))[HEADER]
    with override_settings(CONTENT_SECURITY_POLICY={"DIRECTIVES": {"default-src": ["x.test"]}}):
        assert "default-src x.test" in steady(rf.get("/"))[HEADER]
    assert steady(rf.get("/"))[HEADER] == before
