"""What every request passes first."""

import re
import uuid

from django.http import HttpRequest, HttpResponse

from config.errors import api_problem, is_api

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
MAX_QUERY_STRING = 8_192  # characters


class RequestGuardMiddleware:
    """Gives every answer an X-Request-ID and refuses addresses no view should have to read."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        if len(request.META.get("QUERY_STRING", "")) > MAX_QUERY_STRING:
            response = self._refuse(request, 414, "The query is too long.")
        elif "\x00" in request.path:
            response = self._refuse(request, 404, "Not found.")
        else:
            response = self.get_response(request)
        response["X-Request-ID"] = request.id
        return response

    @staticmethod
    def _refuse(request: HttpRequest, status: int, reason: str) -> HttpResponse:
        if is_api(request):
            return api_problem(request, status, reason)
        return HttpResponse(reason, status=status, content_type="text/plain")
