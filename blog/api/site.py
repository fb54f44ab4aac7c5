"""The settings of the site over the API: anyone reads, administrators change."""

from django.core.exceptions import ValidationError as ModelError
from django.db import transaction
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.policy import require
from blog import services
from blog.models import Site
from blog.models.checks import level_by_rule
from events.writing import WritingMixin
from lib.api.conditional import etag_of, is_current
from lib.api.parameters import require_known
from lib.api.preconditions import tags_named
from lib.api.problems import StaleVersion
from lib.api.scopes import ADMIN


class SiteSerializer(serializers.ModelSerializer):
    """What the whole site says of itself, and how it publishes."""

    publish_checks = serializers.JSONField(
        required=False,
        help_text="Rule to level (off, warning or blocking); what is not named warns.",
    )

    class Meta:
        model = Site
        fields = [
            *("name", "tagline", "description", "language", "posts_per_page"),
            "publish_checks",
        ]

    def validate_publish_checks(self, value):
        try:
            level_by_rule(value)
        except ModelError as error:
            raise serializers.ValidationError(error.messages) from error
        return value


class SiteView(WritingMixin, APIView):
    """One thing, so no list."""

    write_scope = ADMIN

    def get(self, request: Request) -> Response:
        """The settings of the site."""
        require_known(request.query_params, set())
        site = Site.current()
        etag = _etag(site)
        response = Response(status=304) if is_current(request, etag, None) else self._answer(site)
        response["ETag"] = etag
        patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
        return response

    def put(self, request: Request) -> Response:
        """Change them; fields that are not sent stay. A name is always sent."""
        return self._change(request, partial=False)

    def patch(self, request: Request) -> Response:
        """Change some of them."""
        return self._change(request, partial=True)

    def _change(self, request: Request, *, partial: bool) -> Response:
        require(request.user.has_perm("blog.change_site"))
        tags = tags_named(request)
        with transaction.atomic():
            Site.objects.get_or_create(pk=1)
            site = Site.objects.select_for_update().get(pk=1)
            if tags is not None and _etag(site) not in tags:
                raise StaleVersion(_("Somebody else has changed the settings."))
            checked = SiteSerializer(site, data=request.data, partial=partial)
            checked.is_valid(raise_exception=True)
            for name, value in checked.validated_data.items():
                setattr(site, name, value)
            services.save_site(site, by=request.user)
        return self._answer(site)

    @staticmethod
    def _answer(site: Site) -> Response:
        return Response(SiteSerializer(site).data, headers={"ETag": _etag(site)})


def _etag(site: Site) -> str:
    return etag_of("site", SiteSerializer(site).data)
