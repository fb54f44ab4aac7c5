"""E-mail addresses over the API: confirming the first one, moving to another."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import limits
from accounts.api.people import AccountExists
from accounts.api.sessions import NotByPersonalToken
from accounts.api.sign_in import MAX_OTP, SignInView, check_credentials, require_fresh
from accounts.doors import addresses, keys
from accounts.models import EMAIL_KEY_MAX_LENGTH, email_key
from accounts.passwords import PASSWORD_MAX_LENGTH
from lib.api.problems import Conflict
from lib.api.scopes import TokenScope


class KeyRequestSerializer(serializers.Serializer):
    """Who could sign in, were the address confirmed."""

    username = serializers.CharField(
        max_length=limits.MAX_LOGIN, help_text=_("Username or e-mail address.")
    )
    password = serializers.CharField(max_length=PASSWORD_MAX_LENGTH, trim_whitespace=False)
    otp = serializers.CharField(max_length=MAX_OTP, required=False, allow_blank=True)


class NewAddressSerializer(serializers.Serializer):
    """Where the account is to move, and that it is its owner who says so."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(
        max_length=PASSWORD_MAX_LENGTH, required=False, trim_whitespace=False, write_only=True
    )
    otp = serializers.CharField(max_length=MAX_OTP, required=False, write_only=True)

    def validate_email(self, email: str) -> str:
        if len(email_key(email)) > EMAIL_KEY_MAX_LENGTH:
            raise serializers.ValidationError(_("This address is too long."))
        if email_key(email) == email_key(self.context["request"].user.email or ""):
            raise serializers.ValidationError(_("The account has this address already."))
        return email


class KeySerializer(serializers.Serializer):
    """What was mailed."""

    key = serializers.CharField(max_length=keys.MAX_LENGTH)


class KeyView(SignInView):
    """Mails a key that confirms the address of a new account, for its login and password."""

    serializer_class = KeyRequestSerializer

    def post(self, request: Request) -> Response:
        given = KeyRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        fields = given.validated_data
        user = check_credentials(
            request._request,
            fields["username"],
            fields["password"],
            fields.get("otp", ""),
            signing_in=False,
        )
        if not user.email or addresses.is_confirmed(user):
            raise Conflict(_("There is no address to be confirmed."))
        limits.check_mail(request._request, user.email, user)
        keys.send_key(user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class NewAddressView(APIView):
    """Mails a key to another address; when it comes back, the account moves there.

    The same answer whether or not somebody else has that address.
    """

    permission_classes = [IsAuthenticated, NotByPersonalToken, TokenScope]
    serializer_class = NewAddressSerializer
    throttle_scope = "token"

    def post(self, request: Request) -> Response:
        given = NewAddressSerializer(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        require_fresh(request, given.validated_data)
        email = given.validated_data["email"]
        limits.check_mail(request._request, email, request.user)
        keys.send_key_to(request.user, email)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConfirmView(APIView):
    """Takes a key that was mailed: the address is confirmed, and the account has it.

    To move to another address one must be signed in; to confirm the first, the key is enough.
    """

    permission_classes = [AllowAny, NotByPersonalToken, TokenScope]
    serializer_class = KeySerializer
    throttle_scope = "token"

    def post(self, request: Request) -> Response:
        given = KeySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            keys.confirm(given.validated_data["key"], request._request)
        except keys.AddressTaken as error:
            raise AccountExists(error.message) from error
        except keys.KeyRefused as error:
            raise serializers.ValidationError({"key": error.messages}) from error
        return Response(status=status.HTTP_204_NO_CONTENT)
