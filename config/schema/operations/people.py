"""Accounts, signing in, tokens and sessions."""

from accounts.api.addresses import KeyRequestSerializer, KeySerializer, NewAddressSerializer
from accounts.api.people import AccountSerializer, PersonSerializer, ProfileSerializer
from accounts.api.people import RegistrationSerializer as Registration
from accounts.api.personal_tokens import (
    MadeTokenSerializer,
    NewTokenSerializer,
    PersonalTokenSerializer,
)
from accounts.api.sessions import SessionSerializer
from accounts.api.sign_in import (
    RefreshRequestSerializer,
    RevokeRequestSerializer,
    TokenPairSerializer,
    TokenRequestSerializer,
)
from config.schema.operations.describing import Operation

OPERATIONS: dict[str, dict[str, Operation]] = {
    "UserViewSet": {
        "list": Operation(
            "list_users", "users", "List accounts.", answer=PersonSerializer, many=True
        ),
        "retrieve": Operation("get_user", "users", "One account.", answer=AccountSerializer),
        "create": Operation(
            "sign_up",
            "users",
            request=Registration,
            answer=AccountSerializer,
            status=201,
            more=(409,),
            headers=("Location",),
            example={
                "username": "ada",
                "email": "ada@example.org",
                "password": "ink from oak galls",
            },
        ),
        "me": Operation("get_me", "users", answer=AccountSerializer),
        "change_me": Operation(
            "change_me",
            "users",
            request=ProfileSerializer,
            answer=AccountSerializer,
            example={"display_name": "Ada"},
        ),
    },
    "PersonalTokenViewSet": {
        "list": Operation(
            "list_tokens",
            "signing in",
            "One's personal tokens.",
            answer=PersonalTokenSerializer,
            many=True,
        ),
        "retrieve": Operation("get_token", "signing in", "One personal token."),
        "create": Operation(
            "create_token",
            "signing in",
            "Make a personal token; its text is answered this once.",
            request=NewTokenSerializer,
            answer=MadeTokenSerializer,
            status=201,
            more=(409,),
            headers=("Location",),
            example={"name": "backup script", "scopes": ["read"], "password": "ink from oak galls"},
        ),
        "destroy": Operation(
            "revoke_token", "signing in", "Revoke a personal token.", answer=None, status=204
        ),
    },
    "TokenView": {
        "post": Operation(
            "sign_in",
            "signing in",
            request=TokenRequestSerializer,
            answer=TokenPairSerializer,
            example={"username": "ada", "password": "ink from oak galls"},
        ),
    },
    "RefreshView": {
        "post": Operation(
            "refresh_tokens",
            "signing in",
            request=RefreshRequestSerializer,
            answer=TokenPairSerializer,
        ),
    },
    "RevokeView": {
        "post": Operation(
            "sign_out",
            "signing in",
            request=RevokeRequestSerializer,
            answer=None,
            status=204,
        ),
    },
    "KeyView": {
        "post": Operation(
            "request_confirmation_key",
            "signing in",
            request=KeyRequestSerializer,
            answer=None,
            status=204,
            more=(409,),
            example={"username": "ada", "password": "ink from oak galls"},
        ),
    },
    "NewAddressView": {
        "post": Operation(
            "change_email",
            "signing in",
            request=NewAddressSerializer,
            answer=None,
            status=204,
            example={"email": "ada@example.net", "password": "ink from oak galls"},
        ),
    },
    "ConfirmView": {
        "post": Operation(
            "confirm_email",
            "signing in",
            request=KeySerializer,
            answer=None,
            status=204,
            more=(409,),
            example={"key": "WzQyLCJhZGFAZXhhbXBsZS5uZXQiXQ:1vM9cM:w6zU"},
        ),
    },
    "SessionViewSet": {
        "list": Operation(
            "list_sessions",
            "signing in",
            "Where one is signed in.",
            answer=SessionSerializer,
            many=True,
        ),
        "destroy": Operation("end_session", "signing in", "End one.", answer=None, status=204),
        "destroy_all": Operation("sign_out_everywhere", "signing in", answer=None, status=204),
    },
}
