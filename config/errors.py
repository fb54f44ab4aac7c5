"""How refusals are told: problem+json (RFC 9457) for the API, pages for people."""

import sys

from django.contrib.auth import SESSION_KEY
from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from blog import views as pages
from config.failures import Failure, failure_of
from lib.api.documents import as_api_exception, document, frame
from lib.api.problems import TooLarge

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER = "5"  # seconds, when the database is away


def problem_details(error: Exception, context: dict) -> Response | None:
    """DRF's exception handler: the answer for `error`, None when it is not ours to answer.

    A model's ValidationError becomes a 400, which DRF alone would make a 500.
    """
    request = context["request"]
    error = as_api_exception(error)
    if type(error) is exceptions.PermissionDenied and _is_nobody(request):
        error = exceptions.NotAuthenticated()
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)):
        # DRF makes it a 403 when the first authenticator knows no challenge.
        response.status_code = 401
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    for name, value in getattr(error, "headers", {}).items():
        response[name] = value
    reading = request.method in SAFE_METHODS
    response.data = document(error, response.status_code, reading=reading) | _of(request)
    response.content_type = CONTENT_TYPE
    # Whatever was asked for: a refusal is one JSON document.
    request.accepted_renderer = JSONRenderer()
    request.accepted_media_type = CONTENT_TYPE
    return response


def _is_nobody(request: Request) -> bool:
    """Whether signing in could help; a session whose CSRF token is missing is somebody's."""
    # DRF has taken the user of such a session away already.
    session = getattr(request, "session", None)
    by_session = session and session.session_key and SESSION_KEY in session
    return not by_session and request.successful_authenticator is None


def _of(request: HttpRequest) -> dict:
    """Which request it was, for whoever reads our log."""
    return {"instance": request.path, "request_id": getattr(request, "id", "")}


def is_api(request: HttpRequest) -> bool:
    """Whether the client of `request` is a program that wants problem documents."""
    return request.path.startswith("/api/")


def api_problem(
    request: HttpRequest, status: int, detail: str = "", *, slug: str = "", **extra: str
) -> JsonResponse:
    """A problem document for what never reaches a view of the API; `extra` are more members."""
    body = frame(status, detail, slug) | extra | _of(request)
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


@csrf_exempt  # It changes nothing, and a program has no such cookie.
def api_not_found(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
    """Unknown addresses below /api/ answer as the API does, not with a page."""
    extra = {}
    if not request.path.endswith("/"):
        slashed = f"{request.path}/"
        if resolve(slashed).func is not api_not_found:
            extra["did_you_mean"] = slashed
    return api_problem(request, 404, _("There is nothing at this address."), **extra)


# --- what Django calls when no view answers ---------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Django's answer to a wrong Host header and the like."""
    if not is_api(request):
        return defaults.bad_request(request, exception)
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return api_problem(request, 413, str(TooLarge.default_detail))
    detail = "" if isinstance(exception, SuspiciousOperation) else str(exception)
    return api_problem(request, 400, detail or _("This request cannot be understood."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """A refusal outside the views of the API."""
    if not is_api(request):
        return defaults.permission_denied(request, exception)
    return api_problem(request, 403, _("You may not do this."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Nothing there."""
    return api_not_found(request) if is_api(request) else pages.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """An error nobody expected; 503 while the database is away or too busy, 507 without room."""
    failure = failure_of(sys.exc_info()[1])
    if is_api(request):
        response = api_problem(request, failure.value, _sentence(failure))
    elif failure is Failure.OURS:
        response = pages.server_error(request)
    else:
        context = {"number": failure.value, "full": failure is Failure.FULL}
        context["request_id"] = getattr(request, "id", "")
        page = render_to_string("unavailable.html", context)
        response = HttpResponse(page, status=failure.value, headers={"Cache-Control": "no-store"})
    if failure is Failure.AWAY:
        response["Retry-After"] = RETRY_AFTER
    return response


def _sentence(failure: Failure) -> str:
    if failure is Failure.AWAY:
        return _("The database does not answer just now. Try again in a moment.")
    if failure is Failure.FULL:
        return _("The storage of this site is full, so nothing was stored.")
    return _("Something went wrong here. The request id finds it in our log.")
