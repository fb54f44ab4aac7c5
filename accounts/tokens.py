"""Making, checking, rotating and ending what programs sign in with.

An app signs in once and holds an access token (minutes) and a refresh token (days). Both are
signed and name their family; whether they still hold is asked at every use: the person is active,
neither password nor token version have changed, and the family has not ended. A script gets
a personal token instead, which its owner makes and ends by hand.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit, jwt
from accounts.models import PersonalToken, Scope, TokenFamily, User
from lib.cleaning import clean_texts
from lib.http import client_address
from lib.text import clean_text

PREFIX = "ink_"  # what scanners for leaked secrets find
SECRET_BYTES = 20  # 160 bits
MAX_PERSONAL_TOKENS = 50  # in use at once, per person
MAX_PERSONAL_DAYS = 366
DEFAULT_PERSONAL_DAYS = 90
FAMILY_DAYS = 90  # then an app asks for the password again
USE_NOTED_EVERY = timedelta(hours=1)
STAMP_LENGTH = 32  # hexadecimal digits
ALL_SCOPES = frozenset(Scope.values)


class Reused(jwt.TokenError):
    """A refresh token that was redeemed before: its family has ended."""


@dataclass(frozen=True)
class Pair:
    """What an app is given."""

    access: str
    refresh: str
    expires_in: int  # seconds


@dataclass(frozen=True)
class Grant:
    """What the token of a request allows; DRF calls it `request.auth`."""

    scopes: frozenset[str]
    family: TokenFamily | None = None
    personal: PersonalToken | None = None


# --- apps -------------------------------------------------------------------------------


@transaction.atomic
def sign_in_app(user: User, request: HttpRequest) -> Pair:
    """The first tokens of a new family, for a person whose credentials were checked."""
    now = timezone.now()
    family = TokenFamily.objects.create(
        user=user,
        created_at=now,
        last_used_at=now,
        expires_at=now + timedelta(days=FAMILY_DAYS),
        address=client_address(request) or None,
        device=_device(request),
        stamp=_stamps(user)[0],
    )
    return _pair(family)


def refresh(text: str, request: HttpRequest) -> Pair:
    """New tokens for the refresh token `text`, which is of no use from then on.

    Raises Reused, jwt.TokenExpired or jwt.TokenError. Of two requests that bring the same token
    at once, one wins; for the other the token is used, and the family ends.
    """
    claims = jwt.decode(text, jwt.REFRESH)
    with transaction.atomic():
        family = (
            TokenFamily.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(pk=family_key(claims["sid"]))
            .first()
        )
        if family is None or not _is_current(family, claims):
            raise jwt.TokenError
        replayed = claims.get("gen") != family.generation
        if replayed:
            family.end(TokenFamily.End.REPLAYED)
            details = {"device": family.device}
            audit.note("token.replayed", request=request, subject=family.user, detail=details)
        else:
            family.generation += 1
            family.last_used_at = timezone.now()
            family.address = client_address(request) or None
            family.device = _device(request) or family.device
            fields = ["generation", "last_used_at", "address", "device"]
            family.save(update_fields=fields)
    # Outside: the end of the family must be stored, whatever is answered.
    if replayed:
        raise Reused
    return _pair(family)


def find_family(text: str, use: str = jwt.ACCESS) -> TokenFamily:
    """The family, with its person, of a token that holds. One query. Raises jwt.TokenError."""
    claims = jwt.decode(text, use)
    family = TokenFamily.objects.select_related("user").filter(pk=family_key(claims["sid"])).first()
    if family is None or not _is_current(family, claims):
        raise jwt.TokenError
    return family


def _is_current(family: TokenFamily, claims: dict) -> bool:
    user = family.user
    return (
        family.ended_at is None
        and family.expires_at > timezone.now()
        and str(user.pk) == claims["sub"]
        and user.may_sign_in
        and family.stamp in _stamps(user)
    )


def families_of(user: User) -> list[TokenFamily]:
    """The apps in which `user` is signed in now."""
    return list(user.token_families.in_use().filter(stamp__in=_stamps(user)))


def _pair(family: TokenFamily) -> Pair:
    claims = {
        "subject": str(family.user_id),
        "family": str(family.pk),
    }
    lifetime = settings.ACCESS_TOKEN_SECONDS
    until_end = int((family.expires_at - timezone.now()).total_seconds())
    lifetimes = [lifetime, min(settings.REFRESH_TOKEN_SECONDS, until_end)]
    return Pair(
        access=jwt.encode(jwt.ACCESS, seconds=lifetimes[0], jti=secrets.token_hex(8), **claims),
        refresh=jwt.encode(jwt.REFRESH, seconds=lifetimes[1], gen=family.generation, **claims),
        expires_in=lifetime,
    )


def _stamps(user: User) -> list[str]:
    """What ties a family to the password and the token version; by former keys of the site too."""
    stamps = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return [hashlib.sha256(stamp.encode()).hexdigest()[:STAMP_LENGTH] for stamp in stamps]


# --- personal tokens --------------------------------------------------------------------


@transaction.atomic
def make_personal_token(
    user: User,
    *,
    name: str,
    scopes: list[str],
    expires_at: datetime | None = None,
    request: HttpRequest | None = None,
) -> tuple[PersonalToken, str]:
    """A new token of `user`, and its text, which nobody can read again.

    `expires_at` is DEFAULT_PERSONAL_DAYS from now when None. Raises ValidationError.
    """
    now = timezone.now()
    expires_at = expires_at or now + timedelta(days=DEFAULT_PERSONAL_DAYS)
    if not scopes or not ALL_SCOPES.issuperset(scopes):
        raise ValidationError({"scopes": _("Choose what the token may do.")})
    if not now < expires_at <= now + timedelta(days=MAX_PERSONAL_DAYS):
        text = _("Choose a time within the next %(days)d days.") % {"days": MAX_PERSONAL_DAYS}
        raise ValidationError({"expires_at": text})
    # The lock lets two requests at once not make one token too many.
    owner = User.objects.select_for_update().get(pk=user.pk)
    if PersonalToken.objects.in_use().filter(user=owner).count() >= MAX_PERSONAL_TOKENS:
        text = _("You have %(limit)d tokens: revoke one that you do not need.")
        raise ValidationError(text % {"limit": MAX_PERSONAL_TOKENS})
    text = PREFIX + secrets.token_hex(SECRET_BYTES)
    token = PersonalToken(
        user=owner,
        name=name,
        digest=_digest(text),
        hint=text[-4:],
        scopes=[scope for scope in Scope.values if scope in scopes],
        version=owner.token_version,
        expires_at=expires_at,
    )
    clean_texts(token)
    token.full_clean(validate_unique=False)
    token.save()
    detail = {"name": token.name, "scopes": token.scopes}
    audit.note("token.created", request=request, actor=user, subject=token, detail=detail)
    return token, text


def find_personal_token(text: str, request: HttpRequest) -> PersonalToken:
    """The token with its person, if it holds. Raises jwt.TokenError.

    One query, and a second one once an hour, which notes the use.
    """
    token = (
        PersonalToken.objects.in_use().select_related("user").filter(digest=_digest(text)).first()
    )
    if token is None or not token.user.may_sign_in:
        raise jwt.TokenError
    _note_use(token, request)
    return token


def _note_use(token: PersonalToken, request: HttpRequest) -> None:
    """At most once an hour: a script's thousand reads need no thousand writes."""
    now = timezone.now()
    unnoted = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    if token.last_used_at is not None and token.last_used_at > now - USE_NOTED_EVERY:
        return
    address = client_address(request) or None
    # One of several requests at once notes it.
    if PersonalToken.objects.filter(unnoted, pk=token.pk).update(
        last_used_at=now, last_address=address
    ):
        detail = {"name": token.name}
        audit.note("token.used", request=request, actor=token.user, subject=token, detail=detail)


@transaction.atomic
def revoke_personal_token(
    token: PersonalToken, *, by: User | None, request: HttpRequest | None = None
) -> None:
    """End `token` for ever."""
    token.revoke()
    detail = {"name": token.name}
    audit.note("token.revoked", request=request, actor=by, subject=token, detail=detail)


@transaction.atomic
def end_family(family: TokenFamily, *, by: User | None, request: HttpRequest | None = None) -> None:
    """Sign the app out."""
    family.end(TokenFamily.End.REVOKED)
    detail = {"device": family.device}
    audit.note("token.revoked", request=request, actor=by, subject=family.user, detail=detail)


def revoke(text: str, request: HttpRequest) -> None:
    """End what `text` belongs to, whichever kind of token it is; nothing when it holds no more."""
    try:
        if text.startswith(PREFIX):
            token = find_personal_token(text, request)
            revoke_personal_token(token, by=token.user, request=request)
        else:
            family = _family_of_any(text)
            end_family(family, by=family.user, request=request)
    except jwt.TokenError:
        return


def _family_of_any(text: str) -> TokenFamily:
    try:
        return find_family(text, jwt.REFRESH)
    except jwt.TokenExpired:
        raise
    except jwt.TokenError:
        return find_family(text, jwt.ACCESS)


def clear_old() -> int:
    """Delete what nobody can use any more and nobody asks after; how many rows those were."""
    before = timezone.now() - timedelta(days=30)
    families = TokenFamily.objects.filter(Q(expires_at__lt=before) | Q(ended_at__lt=before))
    tokens = PersonalToken.objects.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before))
    return families.delete()[0] + tokens.delete()[0]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _device(request: HttpRequest) -> str:
    return clean_text(request.META.get("HTTP_USER_AGENT", ""))[:200]


def family_key(text: object) -> str | None:
    """`text` when it is a family's key, else None, which no family has."""
    try:
        return str(TokenFamily._meta.pk.to_python(text))
    except ValidationError:
        return None
