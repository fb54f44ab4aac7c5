"""How the API knows who asks: a bearer token, or the session of a browser."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts import jwt, tokens
from accounts.doors import second_factor
from accounts.models import User
from lib.api.problems import Problem

CHALLENGE = "Bearer"


class Unauthorized(Problem):
    """401 with a challenge (RFC 6750)."""

    status_code = 401
    slug = "authentication-failed"
    default_detail = _("This token is not valid.")
    error = "invalid_token"

    def __init__(self, detail=None, *, slug=None, **extra) -> None:
        challenge = f'{CHALLENGE} error="{self.error}"' if self.error else CHALLENGE
        super().__init__(detail, slug=slug, headers={"WWW-Authenticate": challenge}, **extra)


class TokenExpired(Unauthorized):
    slug = "token-expired"
    default_detail = _("This token has expired.")


class TokenReused(Unauthorized):
    slug = "token-reused"
    default_detail = _(
        "This refresh token was used before. To be safe, every token that followed from it has "
        "ended: sign in again."
    )


class TokenInvalid(Unauthorized):
    slug = "token-invalid"
    default_detail = _("This token is not one of ours, or was revoked.")


class SecondFactorNotSetUp(Unauthorized):
    """The site asks this person for a second factor, and there is none yet."""

    slug = "second-factor-not-set-up"
    default_detail = _(
        "This site asks you for a second factor. Sign in on the site and set one up first."
    )


class PasswordChangeDue(Unauthorized):
    """A one-time password opens nothing but the page where an own one is chosen."""

    slug = "password-change-due"
    default_detail = _("Sign in on the site and choose a password of your own first.")


def refusal(error: jwt.TokenError) -> Unauthorized:
    """How a token that does not hold is answered."""
    if isinstance(error, jwt.TokenExpired):
        return TokenExpired()
    return TokenReused() if isinstance(error, tokens.Reused) else TokenInvalid()


def require_ready(user: User) -> None:
    """Raise Unauthorized while `user` must do something on the site before using the API."""
    if user.must_change_password:
        raise PasswordChangeDue
    if second_factor.is_due(user):
        raise SecondFactorNotSetUp


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …` with an access token or a personal token.

    One query. A token that does not hold is refused, also where anonymous readers are welcome: who
    sends one wants to know.
    """

    def authenticate(self, request: Request) -> tuple[User, tokens.Grant] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2:
            raise TokenInvalid(_("Send the token as “Authorization: Bearer”, a space, the token."))
        try:
            grant = _grant(parts[1].decode("ascii"), request._request)
        except UnicodeDecodeError as error:
            raise TokenInvalid from error
        except jwt.TokenError as error:
            raise refusal(error) from error
        user = (grant.personal or grant.family).user
        require_ready(user)
        return user, grant

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def _grant(text: str, request: HttpRequest) -> tokens.Grant:
    if text.startswith(tokens.PREFIX):
        personal = tokens.find_personal_token(text, request)
        return tokens.Grant(frozenset(personal.scopes), personal=personal)
    return tokens.Grant(tokens.ALL_SCOPES, family=tokens.find_family(text))
