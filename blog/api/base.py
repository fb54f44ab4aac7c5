"""What the viewsets of content share."""

from django.conf import settings


class SiteUrlMixin:
    """Gives serializers the site's own address: never the one in a Host header."""

    def get_serializer_context(self) -> dict:
        return {**super().get_serializer_context(), "site_url": settings.SITE_URL}
