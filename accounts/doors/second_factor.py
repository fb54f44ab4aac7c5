"""Who needs a second factor to sign in, and who has one."""

from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts.models import Role, User

# The values of REQUIRE_SECOND_FACTOR besides the names of roles.
STAFF, EVERYONE = "staff", "everyone"
KNOWN = {STAFF, EVERYONE, *(role.value.lower() for role in Role)}
# Recovery codes come with one of these and are no factor of their own.
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def is_required_of(user: User) -> bool:
    """Whether the site asks `user` for a second factor (REQUIRE_SECOND_FACTOR)."""
    asked = {name.lower() for name in settings.REQUIRE_SECOND_FACTOR}
    if not asked:
        return False
    if EVERYONE in asked or (STAFF in asked and user.is_staff):
        return True
    return user.role is not None and user.role.value.lower() in asked


def has_one(user: User) -> bool:
    """Whether `user` signs in with an authenticator app or a passkey besides the password."""
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists()


def is_due(user: User) -> bool:
    """Whether `user` has to set up a second factor before anything else, by whatever door."""
    return user.is_authenticated and is_required_of(user) and not has_one(user)
