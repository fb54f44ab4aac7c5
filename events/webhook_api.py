"""Webhooks over the API, for administrators."""

from django.http import Http404
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotAuthenticated
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from events import webhooks
from events.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from lib.api.parameters import require_known
from lib.api.problems import InsufficientScope
from lib.api.scopes import ADMIN


class Administrates(BasePermission):
    """Others find nothing here; a token needs the scope `admin`, to read as well."""

    def has_permission(self, request: Request, view) -> bool:
        if not request.user.is_authenticated:
            raise NotAuthenticated
        if not request.user.has_perm(webhooks.PERMISSION):
            raise Http404
        if request.auth is not None and ADMIN not in getattr(request.auth, "scopes", ()):
            raise InsufficientScope(ADMIN)
        return True


class EndpointSerializer(serializers.ModelSerializer):
    """An address that is told of events."""

    kinds = serializers.ListField(
        child=serializers.CharField(max_length=60),
        max_length=50,
        help_text="Such as post.live, post.* or *.",
    )
    owner = serializers.CharField(source="owner.username", read_only=True, default=None)

    class Meta:
        model = WebhookEndpoint
        fields = [
            *("id", "url", "description", "kinds", "owner", "created_at"),
            *("paused_at", "pause_reason", "failing_since"),
        ]
        read_only_fields = ["id", "created_at", "paused_at", "pause_reason", "failing_since"]


class EndpointWithSecretSerializer(EndpointSerializer):
    """As it is answered once: when it is made, and when its secret is."""

    class Meta(EndpointSerializer.Meta):
        fields = [*EndpointSerializer.Meta.fields, "secret"]
        read_only_fields = [*EndpointSerializer.Meta.read_only_fields, "secret"]


class AttemptSerializer(serializers.ModelSerializer):
    """One request, and what was answered."""

    class Meta:
        model = WebhookAttempt
        fields = [
            *("at", "url", "request_headers", "status", "answer_headers", "answer"),
            *("seconds", "error"),
        ]
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer):
    """One event on its way."""

    class Meta:
        model = WebhookDelivery
        fields = [
            *("id", "message_id", "kind", "subject", "state", "tries", "error"),
            *("planned_at", "due_at", "done_at"),
        ]
        read_only_fields = fields


class DeliveryWithAttemptsSerializer(DeliverySerializer):
    attempts = AttemptSerializer(many=True, read_only=True)

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "body", "attempts"]
        read_only_fields = fields


class WebhookViewSet(GenericViewSet):
    """Programs that are told of events by a signed request (Standard Webhooks)."""

    permission_classes = [Administrates]
    write_scope = ADMIN
    serializer_class = EndpointSerializer
    queryset = WebhookEndpoint.objects.select_related("owner").order_by("id")
    lookup_value_regex = r"\d{1,18}"

    def list(self, request: Request) -> Response:
        """All webhooks, in pages."""
        require_known(request.query_params, ("page", "page_size"))
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One webhook, without its secret."""
        return Response(self.get_serializer(self.get_object()).data)

    def create(self, request: Request) -> Response:
        """Make a webhook that belongs to you. Its secret is answered here and never again."""
        endpoint = self._saved(WebhookEndpoint(), request)
        body = EndpointWithSecretSerializer(endpoint).data
        return Response(body, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change its address, description or kinds."""
        return Response(self.get_serializer(self._saved(self.get_object(), request)).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it, with its log."""
        webhooks.delete_endpoint(self.get_object(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True, methods=["post"], serializer_class=EndpointWithSecretSerializer)
    def rotate(self, request: Request, pk: str) -> Response:
        """Make a new secret; the former one signs, too, for another day."""
        endpoint = webhooks.rotate_secret(self.get_object(), by=request.user)
        return Response(self.get_serializer(endpoint).data)

    @action(detail=True, methods=["post"], serializer_class=AttemptSerializer)
    def ping(self, request: Request, pk: str) -> Response:
        """Send a test now; the answer says what was answered."""
        attempt = webhooks.ping_endpoint(self.get_object(), by=request.user)
        return Response(self.get_serializer(attempt).data)

    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Send it nothing until it is resumed."""
        webhooks.pause_endpoint(self.get_object(), by=request.user)
        return Response(self.get_serializer(self.get_object()).data)

    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Send it what waited, in order. It belongs to you from then on."""
        webhooks.resume_endpoint(self.get_object(), by=request.user)
        return Response(self.get_serializer(self.get_object()).data)

    @action(detail=True, serializer_class=DeliverySerializer)
    def deliveries(self, request: Request, pk: str) -> Response:
        """Its log, the newest first."""
        require_known(request.query_params, ("page", "page_size"))
        page = self.paginate_queryset(self.get_object().deliveries.order_by("-id"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @action(
        detail=True,
        url_path=r"deliveries/(?P<delivery>\d{1,18})",
        serializer_class=DeliveryWithAttemptsSerializer,
    )
    def delivery(self, request: Request, pk: str, delivery: str) -> Response:
        """One delivery, with each request and what was answered."""
        return Response(self.get_serializer(self._delivery(delivery)).data)

    @action(
        detail=True,
        methods=["post"],
        url_path=r"deliveries/(?P<delivery>\d{1,18})/replay",
        serializer_class=DeliveryWithAttemptsSerializer,
    )
    def replay(self, request: Request, pk: str, delivery: str) -> Response:
        """Send it again, with the same id and text."""
        webhooks.replay(self._delivery(delivery), by=request.user)
        return Response(self.get_serializer(self._delivery(delivery)).data)

    def _saved(self, endpoint: WebhookEndpoint, request: Request) -> WebhookEndpoint:
        serializer = self.get_serializer(endpoint, data=request.data, partial=bool(endpoint.pk))
        serializer.is_valid(raise_exception=True)
        for name, value in serializer.validated_data.items():
            setattr(endpoint, name, value)
        return webhooks.save_endpoint(endpoint, by=request.user)

    def _delivery(self, pk: str) -> WebhookDelivery:
        return get_object_or_404(self.get_object().deliveries.prefetch_related("attempts"), pk=pk)
