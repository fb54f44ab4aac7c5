"""What OPTIONS answers: what the view is and which media types it reads and writes."""

from django.views import View
from rest_framework.metadata import SimpleMetadata
from rest_framework.request import Request


class ViewMetadata(SimpleMetadata):
    """Without the fields of a change: DRF would take those that are read, which differ from
    those that are sent. The OpenAPI document tells them."""

    def determine_actions(self, request: Request, view: View) -> dict:
        return {}
