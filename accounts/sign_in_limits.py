"""How the limits of `accounts.limits` show: a page with 429, and a browser that is known."""

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import limits
from accounts.models import User


def connect() -> None:
    """Listen to Django's own signal, which every way to sign in sends; and see codes used once.

    allauth remembers a used code for 30 seconds of the 90 for which it takes it, and fails when the
    cache is gone. It offers no setting for that.
    """
    user_logged_in.connect(_signed_in, dispatch_uid="limits")
    TOTP._mark_code_used = _mark_code_used


def _signed_in(sender, request: HttpRequest | None, user: User, **kwargs) -> None:
    if request is not None:
        request.signed_in_as = user.pk
        limits.remember_address(request, user)


def _mark_code_used(totp: TOTP, code: str) -> bool:
    return limits.is_first_use(totp.instance.user_id, normalize_user_code(code))


class SignInLimitMiddleware:
    """Answers a guess too many with a page, and remembers a browser that was signed in with."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user_id = getattr(request, "signed_in_as", None)
        if user_id is not None:
            limits.remember_browser(request, response, user_id)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, limits.TooManyAttempts):
            return None
        minutes = -(-int(error.wait or 0) // 60)
        response = render(request, "429.html", {"minutes": minutes}, status=429)
        response["Retry-After"] = str(int(error.wait or 0))
        response["Cache-Control"] = "private, no-store"
        return response
