"""Rules of the set-up that Django cannot see."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from accounts import jwt
from accounts.doors.second_factor import KNOWN

MIN_SECRET_LENGTH = 50  # characters, as Django's own deployment check
PLACEHOLDERS = ("change", "secret", "example", "django-insecure", "insecure", "your-")


@checks.register(checks.Tags.security)
def secret_key_is_a_secret(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """A short or copied secret key stops the start, in development as in production."""
    key = settings.SECRET_KEY
    if len(key) >= MIN_SECRET_LENGTH and not key.lower().startswith(PLACEHOLDERS):
        return []
    return [
        checks.Error(
            "SECRET_KEY is too short or a placeholder.",
            hint='Make one: python -c "import secrets; print(secrets.token_urlsafe(64))"',
            id="inkstone.E001",
        )
    ]


@checks.register()
def site_time_zone_exists(app_configs, **kwargs) -> list[checks.CheckMessage]:
    try:
        ZoneInfo(settings.SITE_TIME_ZONE)
    except (KeyError, OSError, ValueError):
        return [
            checks.Error(
                f"SITE_TIME_ZONE {settings.SITE_TIME_ZONE!r} is not a time zone.",
                hint="Use a name such as Europe/Berlin or Asia/Shanghai.",
                id="inkstone.E002",
            )
        ]
    return []


@checks.register()
def second_factor_is_asked_of_known_people(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """A misspelt role would let people in whom the site means to ask."""
    unknown = {name for name in settings.REQUIRE_SECOND_FACTOR if name.lower() not in KNOWN}
    if not unknown:
        return []
    return [
        checks.Error(
            f"REQUIRE_SECOND_FACTOR names nobody: {', '.join(sorted(unknown))}.",
            hint=f"It takes: {', '.join(sorted(KNOWN))}.",
            id="inkstone.E010",
        )
    ]


@checks.register(checks.Tags.security)
def tokens_can_be_signed(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """A missing or weak key stops the start, not the first sign-in."""
    try:
        jwt.check_keys()
    except ImproperlyConfigured as error:
        return [
            checks.Error(
                str(error),
                hint="RS256 takes: openssl genrsa -out jwt.pem 3072, and its path in "
                "JWT_PRIVATE_KEY_FILE.",
                id="inkstone.E011",
            )
        ]
    return []


@checks.register(checks.Tags.security, deploy=True)
def clients_can_be_told_apart(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """Behind a proxy all clients have its address: limits by address would count them as one."""
    if settings.SECURE_PROXY_SSL_HEADER is None or settings.TRUSTED_PROXY_COUNT > 0:
        return []
    return [
        checks.Warning(
            "BEHIND_PROXY is set and TRUSTED_PROXY_COUNT is 0: every client seems to have the "
            "address of the proxy.",
            hint="Say how many proxies of yours append to X-Forwarded-For, usually 1.",
            id="inkstone.W012",
        )
    ]
