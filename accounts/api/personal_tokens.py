"""Personal tokens: the caller's own, each shown once."""

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from accounts import tokens
from accounts.api.sessions import NotByPersonalToken
from accounts.api.sign_in import MAX_OTP, require_fresh
from accounts.models import PersonalToken, Scope
from accounts.passwords import PASSWORD_MAX_LENGTH
from lib.api.pagination import ListPagination
from lib.api.parameters import require_known
from lib.api.scopes import TokenScope


class PersonalTokenSerializer(serializers.ModelSerializer):
    class Meta:
        model = PersonalToken
        fields = [
            *("id", "name", "scopes", "hint", "created_at", "expires_at"),
            *("last_used_at", "last_address"),
        ]
        read_only_fields = fields


class NewTokenSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=100)
    scopes = serializers.MultipleChoiceField(choices=Scope.choices, allow_empty=False)
    expires_at = serializers.DateTimeField(
        required=False,
        help_text=_("90 days from now when it is not given; at most a year from now."),
    )
    password = serializers.CharField(
        max_length=PASSWORD_MAX_LENGTH, required=False, trim_whitespace=False, write_only=True
    )
    otp = serializers.CharField(max_length=MAX_OTP, required=False, write_only=True)


class MadeTokenSerializer(PersonalTokenSerializer):
    token = serializers.CharField(help_text=_("Shown this once."))

    class Meta(PersonalTokenSerializer.Meta):
        fields = [*PersonalTokenSerializer.Meta.fields, "token"]


class PersonalTokenViewSet(GenericViewSet):
    """The caller's own tokens for scripts. No personal token opens this address."""

    permission_classes = [IsAuthenticated, NotByPersonalToken, TokenScope]
    pagination_class = ListPagination
    serializer_class = PersonalTokenSerializer
    lookup_value_regex = r"\d{1,18}"
    throttle_scope = {"create": "token"}

    def get_queryset(self) -> QuerySet:
        mine = PersonalToken.objects.in_use().filter(user=self.request.user)
        return mine.order_by("-created_at", "-id")

    def list(self, request: Request) -> Response:
        require_known(request.query_params, ("page", "page_size"))
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        token = get_object_or_404(self.get_queryset(), pk=int(pk))
        return Response(self.get_serializer(token).data)

    def create(self, request: Request) -> Response:
        given = NewTokenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        fields = given.validated_data
        require_fresh(request, fields)
        token, text = tokens.make_personal_token(
            request.user,
            name=fields["name"],
            scopes=list(fields["scopes"]),
            expires_at=fields.get("expires_at"),
            request=request._request,
        )
        location = reverse("api:token-detail", kwargs={"pk": token.pk})
        headers = {"Location": settings.SITE_URL + location, "Cache-Control": "no-store"}
        body = {**self.get_serializer(token).data, "token": text}
        return Response(body, status.HTTP_201_CREATED, headers=headers)

    def destroy(self, request: Request, pk: str) -> Response:
        token = get_object_or_404(self.get_queryset(), pk=int(pk))
        tokens.revoke_personal_token(token, by=request.user, request=request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)
