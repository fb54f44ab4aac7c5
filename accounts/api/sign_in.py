"""Signing an app in with a password, keeping it signed in, and signing it out."""

from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import update_last_login
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import audit, jwt, limits, tokens
from accounts.api.parsers import FormParser
from accounts.authentication import Unauthorized, refusal, require_ready
from accounts.doors import addresses, second_factor
from accounts.models import User
from accounts.passwords import PASSWORD_MAX_LENGTH
from lib.api.parsers import JSONParser, MultiPartParser

MAX_OTP = 40  # characters
FRESH = timedelta(seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
CODE_TYPES = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]


class WrongCredentials(Unauthorized):
    """The same answer whatever is wrong and whether or not there is such an account."""

    slug = "wrong-credentials"
    default_detail = _("The login or the password is not right.")
    error = ""


class SecondFactorDue(Unauthorized):
    """The password is right, and not enough."""

    slug = "second-factor-required"
    default_detail = _(
        "This account has a second factor. Send the code of the authenticator app, or a recovery "
        "code, as “otp”, together with login and password."
    )
    error = ""


class SecondFactorWrong(SecondFactorDue):
    slug = "second-factor-wrong"
    default_detail = _("This code is not right, or was used before.")


class AddressNotConfirmed(Unauthorized):
    """The password is right, and nobody has shown yet to read the mail of this account."""

    slug = "email-not-confirmed"
    default_detail = _(
        "Confirm your e-mail address first: with the key that was mailed, or sign in on the site "
        "once."
    )
    error = ""


class ConfirmationDue(Unauthorized):
    """Signed in, but too long ago for something that outlives the session."""

    slug = "confirmation-required"
    default_detail = _(
        "Confirm that it is you: send “password” along, and “otp” if you have a second factor."
    )
    error = "insufficient_user_authentication"  # RFC 9470


class TokenRequestSerializer(serializers.Serializer):
    """An OAuth2 password form, or the same as JSON."""

    grant_type = serializers.ChoiceField(choices=["password"], required=False)
    username = serializers.CharField(
        max_length=limits.MAX_LOGIN, help_text=_("Username or e-mail address.")
    )
    password = serializers.CharField(max_length=PASSWORD_MAX_LENGTH, trim_whitespace=False)
    otp = serializers.CharField(
        max_length=MAX_OTP,
        required=False,
        allow_blank=True,
        help_text=_("Code from the second factor, where the account has one."),
    )


class TokenPairSerializer(serializers.Serializer):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField(help_text="bearer")
    expires_in = serializers.IntegerField(help_text=_("Seconds."))


class RefreshRequestSerializer(serializers.Serializer):
    grant_type = serializers.ChoiceField(choices=["refresh_token"], required=False)
    refresh_token = serializers.CharField(max_length=jwt.MAX_LENGTH)


class RevokeRequestSerializer(serializers.Serializer):
    token = serializers.CharField(max_length=jwt.MAX_LENGTH)


def check_credentials(
    request: HttpRequest, login: str, password: str, otp: str = "", *, signing_in: bool = True
) -> User:
    """The person whom these let in, through the same steps as the page for signing in.

    Raises Unauthorized, which says what is missing once the password is right, and
    limits.TooManyAttempts. `signing_in=False` is for somebody who is in and confirms that.
    """
    user = authenticate(request, username=login, password=password)
    if user is None:
        raise WrongCredentials
    if second_factor.has_one(user):
        _check_code(request, user, otp)
    if signing_in:
        if user.email and not addresses.is_confirmed(user):
            raise AddressNotConfirmed
        require_ready(user)
    return user


def _check_code(request: HttpRequest, user: User, otp: str) -> None:
    methods = Authenticator.objects.filter(user_id=user.pk, type__in=CODE_TYPES)
    if not otp:
        names = sorted(method.type for method in methods)
        raise SecondFactorDue(methods=names)
    guess = limits.check_code(request, user)
    for method in methods:
        if method.wrap().validate_code(otp):
            method.record_usage()
            limits.sign_in_succeeded(guess)
            return
    audit.note("user.sign_in_failed", request=request, subject=user, detail={"known": True})
    raise SecondFactorWrong


def require_fresh(request: Request, fields: dict[str, Any]) -> None:
    """Raise Unauthorized unless the caller has just shown to be the account's owner."""
    if "password" in fields:
        login, otp = request.user.username, fields.get("otp", "")
        user = check_credentials(request._request, login, fields["password"], otp, signing_in=False)
        if user != request.user:
            raise WrongCredentials
        return
    family = getattr(request.auth, "family", None)
    if family is not None:
        fresh = family.created_at > timezone.now() - FRESH
    else:
        fresh = did_recently_reauthenticate(request._request)
    if not fresh:
        raise ConfirmationDue


class SignInView(APIView):
    """What needs no sign-in: a cookie that comes along is not looked at."""

    authentication_classes = []
    permission_classes = [AllowAny]
    parser_classes = [JSONParser, FormParser, MultiPartParser]
    throttle_scope = "token"

    def get_authenticate_header(self, request: Request) -> str:
        return "Bearer"


class TokenView(SignInView):
    """Tokens for a login and a password, and the code of a second factor where there is one."""

    serializer_class = TokenRequestSerializer

    def post(self, request: Request) -> Response:
        given = TokenRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        fields = given.validated_data
        user = check_credentials(
            request._request, fields["username"], fields["password"], fields.get("otp", "")
        )
        pair = tokens.sign_in_app(user, request._request)
        update_last_login(None, user)
        limits.remember_address(request._request, user)
        detail = {"door": "api"}
        audit.note("user.signed_in", request=request, actor=user, subject=user, detail=detail)
        return _answer(pair)


class RefreshView(SignInView):
    """New tokens for a refresh token, which is of no use from then on."""

    serializer_class = RefreshRequestSerializer

    def post(self, request: Request) -> Response:
        given = RefreshRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            family = tokens.find_family(given.validated_data["refresh_token"], jwt.REFRESH)
            require_ready(family.user)
            pair = tokens.refresh(given.validated_data["refresh_token"], request._request)
        except jwt.TokenError as error:
            raise refusal(error) from error
        return _answer(pair)


class RevokeView(SignInView):
    """Ends the token that is sent, of whichever kind, and all that followed from it (RFC 7009).

    204 also for a token that does not hold any more.
    """

    serializer_class = RevokeRequestSerializer

    def post(self, request: Request) -> Response:
        data = request.data
        # A body may be null or a list as well: the serializer refuses that.
        if isinstance(data, dict) and "token" not in data and "refresh_token" in data:
            data = {"token": data["refresh_token"]}
        given = RevokeRequestSerializer(data=data)
        given.is_valid(raise_exception=True)
        tokens.revoke(given.validated_data["token"], request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _answer(pair: tokens.Pair) -> Response:
    """As RFC 6749 wants it: never kept by anybody on the way."""
    body = {
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "token_type": "bearer",
        "expires_in": pair.expires_in,
    }
    return Response(body, headers={"Cache-Control": "no-store"})
