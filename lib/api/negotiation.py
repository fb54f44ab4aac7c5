"""Which renderer answers a request."""

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

ANYTHING = "*/*"


class QuickNegotiation(DefaultContentNegotiation):
    """DRF's own; who takes anything gets the first renderer without comparing media types."""

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        takes_anything = request.META.get("HTTP_ACCEPT", ANYTHING) == ANYTHING
        if takes_anything and not format_suffix and "format" not in request.GET:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)
