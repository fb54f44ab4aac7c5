"""What an account changes about every answer."""

import re

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control

from accounts import audit
from accounts.models import AuditEntry

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
# These tell for themselves what happened, or change nothing.
NOTED_ELSEWHERE = re.compile(
    r"admin:(login|logout|jsi18n|password_change|.*_preview|.*_autosave)|api:auth-.*|api:token-.*"
)


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


class AuditMiddleware:
    """Notes every write that succeeds below /admin/ and /api/; lets `audit.note` know the request.

    A view that noted more than this could know sets `request.audited = True`.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        held = audit.current_request.set(request)
        try:
            response = self.get_response(request)
            if request.method not in SAFE_METHODS and self._is_done(request, response):
                audit.write(self._entry(request, response))
        finally:
            audit.current_request.reset(held)
        return response

    def _is_done(self, request: HttpRequest, response: HttpResponse) -> bool:
        """Whether something was changed: a form that is shown again with its errors is not."""
        match = request.resolver_match
        if match is None or response.status_code >= 400 or getattr(request, "audited", False):
            return False
        if NOTED_ELSEWHERE.fullmatch(match.view_name):
            return False
        if request.path_info.startswith("/api/"):
            return True
        is_page = response.get("Content-Type", "").startswith("text/html")
        shown_again = response.status_code == 200 and is_page
        signed_in = audit.signed_in(request) is not None
        return request.path_info.startswith("/admin/") and signed_in and not shown_again

    def _entry(self, request: HttpRequest, response: HttpResponse) -> AuditEntry:
        door = "api" if request.path_info.startswith("/api/") else "admin"
        match = request.resolver_match
        detail = {"view": match.view_name, "path": request.path, "status": response.status_code}
        if door == "admin" and (action := request.POST.get("action")):
            # An action of a list: which one, on which rows.
            detail["action"] = action
            detail["rows"] = request.POST.getlist("_selected_action")[:100]
        entry = audit.entry_of(f"{door}.{request.method.lower()}", request, detail=detail)
        entry.subject_type, entry.subject_id = _subject(request, response)
        return entry


def _subject(request: HttpRequest, response: HttpResponse) -> tuple[str, str]:
    """Model and key of what a request to the admin or the API was about; "" where unknown."""
    match = request.resolver_match
    view = getattr(match.func, "cls", None)  # a viewset
    model = getattr(getattr(view, "queryset", None), "model", None)
    model_admin = getattr(match.func, "model_admin", None)
    model = model or getattr(model_admin, "model", None)
    kind = model._meta.label_lower if model else ""
    if not kind and match.view_name.startswith("api:"):
        kind = match.url_name.partition("-")[0]
    keys = match.kwargs
    key = keys.get("object_id") or keys.get("pk") or keys.get("slug") or ""
    data = getattr(response, "data", None)
    if not key and isinstance(data, dict):
        key = data.get("id", "")
    return kind, str(key)[:60]
