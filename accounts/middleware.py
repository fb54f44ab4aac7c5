"""What an account changes about every answer."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control


class PrivateResponseMiddleware:
    """An answer made for a signed-in person is never kept by a shared cache.

    A request that carries a session or an Authorization header gets `private, no-store`,
    whatever the view said, unless the answer is immutable. One without a session cookie is
    anonymous without a look at the session, so that its answer does not say `Vary: Cookie` and
    any cache may keep it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.session.session_key:
            request.user = AnonymousUser()
        response = self.get_response(request)
        signed_in = "HTTP_AUTHORIZATION" in request.META or request.session.session_key
        # A file addressed by the hash of its content is the same for everyone, for ever.
        same_for_all = "immutable" in response.get("Cache-Control", "")
        if (signed_in and not same_for_all) or response.cookies:
            response["Cache-Control"] = ""
            patch_cache_control(response, private=True, no_store=True)
        return response


class FirstPasswordMiddleware:
    """Someone who signed in with a one-time password chooses an own one before anything else."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.session.session_key or not request.user.is_authenticated:
            return self.get_response(request)
        change, done = reverse("admin:password_change"), reverse("admin:password_change_done")
        free = {change, done, reverse("admin:logout"), reverse("admin:jsi18n")}
        # A reader has no business in the admin, where passwords are changed.
        due = request.user.is_staff and request.user.must_change_password
        if due and request.path not in free:
            return redirect(change)
        return self.get_response(request)
