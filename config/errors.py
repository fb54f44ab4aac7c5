"""How refusals are told: problem+json (RFC 9457) for the API, pages for people."""

import sys
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler

from blog import views as pages
from lib.api.problems import TYPE_PREFIX, Problem, TooLarge

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER = "5"  # seconds, when the database is away
BASIC_SLUGS = {
    400: "bad-request",
    401: "authentication-required",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    414: "address-too-long",
    415: "unsupported-media-type",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
}


def problem_details(error: Exception, context: dict) -> Response | None:
    """DRF's exception handler: the answer for `error`, None when it is not ours to answer.

    A model's ValidationError becomes a 400, which DRF alone would make a 500.
    """
    request = context["request"]
    error = _as_api_exception(error)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)):
        # DRF makes it a 403 when the first authenticator knows no challenge.
        response.status_code = 401
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    slug, extra = BASIC_SLUGS.get(response.status_code, "bad-request"), {}
    if isinstance(error, Problem):
        slug, extra = error.slug, error.extra
        for name, value in error.headers.items():
            response[name] = value
        response.data = {"detail": error.detail}
    elif isinstance(error, exceptions.ValidationError):
        slug = "bad-parameter" if request.method in SAFE_METHODS else "validation"
    elif isinstance(error, exceptions.AuthenticationFailed):
        slug = "authentication-failed"
    elif isinstance(error, exceptions.ParseError):
        slug = "malformed-body"
    is_invalid = isinstance(error, exceptions.ValidationError)
    response.data = problem(
        response.status_code,
        request,
        response.data if is_invalid else str(getattr(error, "detail", "")),
        slug=slug,
        extra=extra,
    )
    response.content_type = CONTENT_TYPE
    # Whatever was asked for: a refusal is one JSON document.
    request.accepted_renderer = JSONRenderer()
    request.accepted_media_type = CONTENT_TYPE
    return response


def problem(
    status: int,
    request: HttpRequest,
    data: Any = None,
    *,
    slug: str = "",
    extra: dict | None = None,
) -> dict:
    """The members of a problem document.

    `data` is one sentence, or what DRF says of each field. `slug` names the type.
    """
    body = {
        "type": TYPE_PREFIX + (slug or BASIC_SLUGS.get(status, "bad-request")),
        "title": HTTPStatus(status).phrase,
        "status": status,
        "instance": request.path,
        "request_id": getattr(request, "id", ""),
    }
    if isinstance(data, (dict, list)) and request.method in SAFE_METHODS:
        # Such a request has no body whose fields could be wrong.
        body["detail"] = _("Some parameters are not right.")
        body["errors"] = [
            {"parameter": _parameter_at(error["pointer"]), "detail": error["detail"]}
            for error in field_errors(data)
        ]
    elif isinstance(data, (dict, list)):
        body["detail"] = _("Some fields are not right.")
        body["errors"] = list(field_errors(data))
    elif data:
        body["detail"] = str(data)
    return body | (extra or {})


def field_errors(data: Any, pointer: str = "#") -> Iterator[dict[str, str]]:
    """DRF's nested errors as a flat list with JSON pointers (RFC 6901) to what is wrong."""
    if isinstance(data, dict):
        for name, inner in data.items():
            if name in ("non_field_errors", "__all__"):
                yield from field_errors(inner, pointer)
            else:
                part = str(name).replace("~", "~0").replace("/", "~1")
                yield from field_errors(inner, f"{pointer}/{part}")
    elif isinstance(data, (list, tuple)):
        for place, inner in enumerate(data):
            # A list of lists or dicts follows the data; a list of texts are the reasons.
            nested = isinstance(inner, (dict, list, tuple))
            yield from field_errors(inner, f"{pointer}/{place}" if nested else pointer)
    else:
        yield {"pointer": pointer, "detail": str(data)}


def _parameter_at(pointer: str) -> str:
    """The name of the parameter that a JSON pointer would point at, "" for the whole query."""
    name = pointer.removeprefix("#").removeprefix("/").partition("/")[0]
    return name.replace("~1", "/").replace("~0", "~")


def _as_api_exception(error: Exception) -> Exception:
    """What Django and our services raise, as DRF's exceptions."""
    if isinstance(error, ValidationError):
        detail = error.message_dict if hasattr(error, "error_dict") else error.messages
        return exceptions.ValidationError(detail)
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(*(str(text) for text in error.args[:1]))
    if isinstance(error, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return TooLarge()
    return error


def is_api(request: HttpRequest) -> bool:
    """Whether the client of `request` is a program that wants problem documents."""
    return request.path.startswith("/api/")


def api_problem(
    request: HttpRequest, status: int, detail: str = "", *, slug: str = ""
) -> JsonResponse:
    """A problem document for what never reaches a view of the API."""
    body = problem(status, request, detail, slug=slug)
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


def api_not_found(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
    """Unknown addresses below /api/ answer as the API does, not with a page."""
    return api_problem(request, 404, _("There is nothing at this address."))


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
    """An error nobody expected; 503 while the database is away or too busy."""
    away = isinstance(sys.exc_info()[1], (OperationalError, InterfaceError))
    if is_api(request) and away:
        detail = _("The database does not answer just now. Try again in a moment.")
        response = api_problem(request, 503, detail)
    elif is_api(request):
        detail = _("Something went wrong here. The request id finds it in our log.")
        response = api_problem(request, 500, detail)
    else:
        response = pages.server_error(request)
        response.status_code = 503 if away else 500
    if away:
        response["Retry-After"] = RETRY_AFTER
    return response
