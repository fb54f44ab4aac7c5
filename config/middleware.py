"""What every request passes first."""

import os
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bound_contextvars

from config.errors import api_problem, is_api
from config.logs import tell_of_request
from config.metrics import observe, route_of

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
MAX_QUERY_STRING = 8_192  # characters
# Asked every few seconds, by machines.
QUIET = {"healthz", "readyz", "metrics"}
BY_ANY_NAME = {f"/{name}" for name in QUIET}


def id_of(environ: Mapping[str, Any]) -> str:
    """The id that the client gave to its request, when it is well-formed, else a new one."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return given if REQUEST_ID.fullmatch(given) else os.urandom(16).hex()


def tell(request_id: str, method: str, route: str, status: int, seconds: float) -> None:
    """Log and count one answer."""
    if route not in QUIET:
        tell_of_request(request_id, method, route, status, seconds)
    observe(method, route, status, seconds)


class RequestGuardMiddleware:
    """Gives every answer an X-Request-ID and refuses addresses no view should have to read.

    The id is in every message that is logged meanwhile, and goes along with tasks. The answer
    says how long it took (X-Process-Time, in seconds), is counted, and is logged by its route:
    an address may hold a token.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = id_of(request.META)
        began = time.perf_counter()
        with bound_contextvars(request_id=request.id):
            response = self._answer(request)
            seconds = time.perf_counter() - began
            route = route_of(request)
            tell(request.id, request.method, route, response.status_code, seconds)
        response["X-Request-ID"] = request.id
        response["X-Process-Time"] = f"{seconds:.4f}"
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if len(request.META.get("QUERY_STRING", "")) > MAX_QUERY_STRING:
            return self._refuse(request, 414, "The query is too long.")
        if "\x00" in request.path:
            return self._refuse(request, 404, "Not found.")
        if request.path in BY_ANY_NAME:
            # A load balancer and Prometheus ask each host by its own address.
            request.META["HTTP_HOST"] = urlsplit(settings.SITE_URL).netloc
        return self.get_response(request)

    @staticmethod
    def _refuse(request: HttpRequest, status: int, reason: str) -> HttpResponse:
        if is_api(request):
            return api_problem(request, status, reason)
        return HttpResponse(reason, status=status, content_type="text/plain")
