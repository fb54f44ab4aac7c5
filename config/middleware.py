"""What every request passes first."""

import re
import uuid

from django.http import HttpRequest, HttpResponse

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
            response = HttpResponse("The query is too long.", status=414, content_type="text/plain")
        elif "\x00" in request.path:
            response = HttpResponse("Not found.", status=404, content_type="text/plain")
        else:
            response = self.get_response(request)
        response["X-Request-ID"] = request.id
        return response
