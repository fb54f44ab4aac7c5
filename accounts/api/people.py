"""People over the API: making an account, finding one another, changing one's own."""

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from accounts import limits, profile
from accounts.api.parsers import FormParser
from accounts.doors import keys
from accounts.models import EMAIL_KEY_MAX_LENGTH, Scope, User, email_key
from accounts.passwords import PASSWORD_MAX_LENGTH
from accounts.sign_up import sign_up
from lib.api.pagination import ListPagination, Order
from lib.api.parameters import checked_query, require_known
from lib.api.parsers import JSONParser, MultiPartParser
from lib.api.problems import Conflict, Problem
from lib.api.scopes import TokenScope

MAX_SEARCH_LENGTH = 100  # characters
PARAMETERS = ("page", "page_size", "cursor", "search")


class PersonSerializer(serializers.ModelSerializer):
    """What everyone with an account sees of the others."""

    avatar = serializers.SerializerMethodField()
    website = serializers.CharField(read_only=True, help_text=_("An address, or empty."))

    class Meta:
        model = User
        fields = [
            *("id", "username", "name", "display_name", "bio", "website", "links", "avatar"),
            "date_joined",
        ]
        read_only_fields = fields

    def get_avatar(self, user: User) -> str | None:
        return settings.SITE_URL + user.avatar_url if user.avatar_url else None


class AccountSerializer(PersonSerializer):
    """What people see of themselves, and administrators of everyone."""

    email_verified = serializers.BooleanField(read_only=True)
    role = serializers.SerializerMethodField()

    class Meta(PersonSerializer.Meta):
        fields = [
            *PersonSerializer.Meta.fields,
            *("email", "email_verified", "role", "language", "time_zone", "is_active"),
        ]
        read_only_fields = fields

    def get_role(self, user: User) -> str | None:
        return user.role.value.lower() if user.role else None


class ProfileSerializer(serializers.Serializer):
    """What people may change of themselves; the rules are those of `accounts.profile`."""

    display_name = serializers.CharField(required=False, allow_blank=True)
    bio = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    website = serializers.CharField(required=False, allow_blank=True)
    links = serializers.ListField(child=serializers.DictField(), required=False)
    language = serializers.CharField(required=False, allow_blank=True)
    time_zone = serializers.CharField(required=False, allow_blank=True)


class RegistrationSerializer(serializers.Serializer):
    username = serializers.CharField(
        min_length=3, max_length=50, validators=User._meta.get_field("username").validators
    )
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(
        max_length=PASSWORD_MAX_LENGTH, trim_whitespace=False, write_only=True
    )
    display_name = serializers.CharField(max_length=100, required=False, allow_blank=True)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)

    def validate_email(self, email: str) -> str:
        if len(email_key(email)) > EMAIL_KEY_MAX_LENGTH:
            raise serializers.ValidationError(_("This address is too long."))
        return email

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        like = User(username=fields["username"], email=fields["email"])
        like.display_name = fields.get("display_name", "")
        try:
            validate_password(fields["password"], like)
        except ValidationError as error:
            raise serializers.ValidationError({"password": error.messages}) from error
        return fields


class AccountExists(Conflict):
    slug = "account-exists"
    default_detail = _("There is an account with this username or e-mail address.")


class SignUpClosed(Problem):
    status_code = 403
    slug = "sign-up-closed"
    default_detail = _("Nobody can sign up here at present.")


class UserViewSet(GenericViewSet):
    """Accounts. E-mail addresses are shown to their owner and to administrators."""

    permission_classes = [IsAuthenticated, TokenScope]
    parser_classes = [JSONParser, FormParser, MultiPartParser]
    pagination_class = ListPagination
    serializer_class = PersonSerializer
    lookup_value_regex = r"\d{1,18}"
    throttle_scope = {"create": "token"}
    order = Order("username", "username")

    def get_authenticators(self) -> list:
        # Whoever signs up is nobody yet: a cookie that comes along is not looked at.
        return [] if self._registers() else super().get_authenticators()

    def get_permissions(self) -> list:
        return [AllowAny()] if self._registers() else super().get_permissions()

    def _registers(self) -> bool:
        method = self.request.method.lower() if self.request is not None else ""
        return getattr(self, "action_map", {}).get(method) == "create"

    def get_queryset(self) -> QuerySet:
        return _with_address(User.objects.visible_to(self.request.user)).order_by("username")

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return AccountSerializer if self._administers() else PersonSerializer

    def list(self, request: Request) -> Response:
        require_known(request.query_params, PARAMETERS)
        people = self.get_queryset()
        if query := request.query_params.get("search"):
            text = checked_query("search", query, MAX_SEARCH_LENGTH)
            people = people.filter(Q(username__icontains=text) | Q(display_name__icontains=text))
        if self._administers():
            people = people.prefetch_related("groups")
        page = self.paginate_queryset(people)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        person = get_object_or_404(self.get_queryset(), pk=int(pk))
        own = person == request.user
        serializer = AccountSerializer if own else self.get_serializer_class()
        return Response(serializer(person).data)

    def create(self, request: Request) -> Response:
        """Make an account for oneself. A mail says how to confirm the address."""
        if not settings.SIGN_UP_OPEN:
            raise SignUpClosed
        limits.check_sign_up(request._request)
        given = RegistrationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        fields = given.validated_data
        if "Accept-Language" in request.headers:
            fields.setdefault("language", get_language_from_request(request._request))
        user = _register(fields)
        data = _account(user)
        location = reverse("api:user-detail", kwargs={"pk": user.pk})
        headers = {"Location": settings.SITE_URL + location, "Cache-Control": "no-store"}
        return Response(data, status.HTTP_201_CREATED, headers=headers)

    @action(detail=False, methods=["get"])
    def me(self, request: Request) -> Response:
        """One's own account."""
        return Response(_account(request.user))

    @me.mapping.patch
    def change_me(self, request: Request) -> Response:
        """Change one's profile. What cannot be changed here is passed over."""
        given = ProfileSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        profile.save_profile(request.user, by=request.user, **given.validated_data)
        return Response(_account(request.user))

    def _administers(self) -> bool:
        if not self.request.user.has_perm("accounts.view_user"):
            return False
        return self.request.auth is None or Scope.ADMIN in self.request.auth.scopes


def _register(fields: dict[str, Any]) -> User:
    try:
        with transaction.atomic():
            user = sign_up(**fields)
            keys.send_key(user)
    except ValidationError:
        _refuse_taken(fields["username"], fields["email"])
        raise
    return user


def _refuse_taken(username: str, email: str) -> None:
    """Raise AccountExists with what is taken. The limit on sign-ups keeps this from being asked
    about many addresses."""
    taken = {
        "username": User.objects.named(username).exists(),
        "email": User.objects.filter(email_key=email_key(email)).exists(),
    }
    texts = {
        "username": _("This username is taken."),
        "email": _("This e-mail address is taken."),
    }
    errors = [{"pointer": f"#/{name}", "detail": str(texts[name])} for name in taken if taken[name]]
    if errors:
        raise AccountExists(errors=errors)


def _account(user: User) -> dict[str, Any]:
    """The account of `user` as it is stored now."""
    stored = _with_address(User.objects.filter(pk=user.pk)).prefetch_related("groups").get()
    return AccountSerializer(stored).data


def _with_address(people: QuerySet) -> QuerySet:
    """`people`, each knowing whether the address is confirmed."""
    return people.annotate(
        email_verified=Exists(
            EmailAddress.objects.filter(
                user=OuterRef("pk"), email=Lower(OuterRef("email")), verified=True
            )
        )
    )
