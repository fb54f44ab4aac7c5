"""How refusals are told: problem+json (RFC 9457) for the API, pages for people."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

CONTENT_TYPE = "application/problem+json"


def problem_details(error: Exception, context: dict) -> Response | None:
    """DRF's exception handler: the answer for `error`, None when it is not ours to answer.

    A model's ValidationError becomes a 400, which DRF alone would make a 500.
    """
    if isinstance(error, ValidationError):
        detail = error.message_dict if hasattr(error, "error_dict") else error.messages
        error = exceptions.ValidationError(detail)
    elif isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None:
        return None
    request = context["request"]
    response.data = problem(response.status_code, request, response.data)
    response.content_type = CONTENT_TYPE
    return response


def problem(status: int, request: HttpRequest, data=None) -> dict:
    """The members of a problem document; `data` is what DRF says of the error."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "instance": request.path,
        "request_id": getattr(request, "id", ""),
    }
    if isinstance(data, dict) and set(data) == {"detail"}:
        body["detail"] = str(data["detail"])
    elif isinstance(data, dict):
        body["detail"] = "Some fields are not right."
        body["errors"] = [
            {"pointer": f"#/{name}", "detail": str(message)}
            for name, messages in data.items()
            for message in (messages if isinstance(messages, list) else [messages])
        ]
    elif data:
        body["detail"] = " ".join(str(message) for message in data)
    return body


def api_not_found(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
    """Unknown addresses below /api/ answer as the API does, not with a page."""
    body = problem(404, request, {"detail": "There is nothing at this address."})
    return JsonResponse(body, status=404, content_type=CONTENT_TYPE)
