"""From an exception to the members of a problem document (RFC 9457)."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions

from lib.api.problems import TYPE_PREFIX, Problem, TooLarge

SLUGS = {
    400: "bad-request",
    401: "authentication-required",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "conflict",
    413: "too-large",
    414: "address-too-long",
    415: "unsupported-media-type",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
    507: "insufficient-storage",
}


def as_api_exception(error: Exception) -> Exception:
    """What Django and our services raise, as DRF's exceptions; any other as it is."""
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


def document(error: exceptions.APIException, status: int, *, reading: bool = False) -> dict:
    """What is said of `error`, answered with `status`: type, title, status, detail and more.

    `reading`: the request had no body, so what is wrong are its parameters.
    """
    if isinstance(error, Problem):
        return frame(status, str(error.detail), error.slug) | error.extra
    if isinstance(error, exceptions.ValidationError):
        found = list(field_errors(error.detail))
        if not reading:
            text = _("Some fields are not right.")
            return frame(status, text, "validation") | {"errors": found}
        errors = [
            {"parameter": _parameter_at(one["pointer"]), "detail": one["detail"]} for one in found
        ]
        return frame(status, _("Some parameters are not right."), "bad-parameter") | {
            "errors": errors
        }
    slug = ""
    if isinstance(error, exceptions.AuthenticationFailed):
        slug = "authentication-failed"
    elif isinstance(error, exceptions.ParseError):
        slug = "malformed-body"
    return frame(status, str(getattr(error, "detail", "")), slug)


def frame(status: int, detail: str = "", slug: str = "") -> dict:
    """The members that every document has; `slug` names the type where the status says too
    little."""
    body = {
        "type": TYPE_PREFIX + (slug or SLUGS.get(status, SLUGS[400])),
        "title": HTTPStatus(status).phrase,
        "status": status,
    }
    return body | ({"detail": detail} if detail else {})


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
