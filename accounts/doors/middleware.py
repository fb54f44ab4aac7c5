"""What being signed in asks on every request."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from accounts.doors import second_factor, sessions
from lib.api.problems import TYPE_PREFIX

PAGES = "/account/"
METHODS = ["GET", "HEAD", "POST"]


class AccountPagesMiddleware:
    """The pages of an account are kept by no cache, and take the methods that forms use."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PAGES):
            return self.get_response(request)
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        response = self.get_response(request)
        response["Cache-Control"] = ""
        patch_cache_control(response, private=True, no_store=True)
        return response

    def process_template_response(self, request: HttpRequest, response: HttpResponse):
        # allauth puts a site of its own there, made from the Host header.
        if request.path_info.startswith(PAGES) and response.context_data:
            response.context_data.pop("site", None)
        return response


class SessionUseMiddleware:
    """Keeps when each session was last used; every few minutes, not on every request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            sessions.touch(request)
        return self.get_response(request)


class SecondFactorMiddleware:
    """Whoever needs a second factor and has none sets one up before anything else.

    Asks the database only on a site that requires one, and only for those whom it concerns.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.session.session_key or not second_factor.is_due(request.user):
            return self.get_response(request)
        path = request.path_info
        if path.startswith(_open_paths()):
            return self.get_response(request)
        if path.startswith("/api/"):
            return JsonResponse(
                {
                    "type": f"{TYPE_PREFIX}second-factor-setup-required",
                    "title": _("Set up a second factor first."),
                    "status": 403,
                },
                status=403,
                content_type="application/problem+json",
            )
        return redirect("mfa_index")


def _open_paths() -> tuple[str, ...]:
    """What it takes to set one up, and to leave: an address, a password, the factor itself."""
    names = (
        "account_logout",
        "account_email",
        "account_email_verification_sent",
        "account_reauthenticate",
        "account_change_password",
        "admin:password_change",
        "admin:logout",
        "mfa_index",
    )
    return tuple(reverse(name) for name in names)
