"""What an examination found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlsplit

from django.conf import settings

MIN_SECRET_LENGTH = 4  # characters; shorter ones stand in half of all sentences


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """`part` is what was looked at, `advice` what to do about it."""

    part: str
    level: Level
    text: str
    advice: str = ""


Examination = Callable[[], Iterator[Finding]]


def examine(part: str, examination: Examination) -> list[Finding]:
    """What one examination finds, without secrets; that it could not be made is a finding too."""
    found: list[Finding] = []
    try:
        found.extend(examination())
    # Whatever it tripped over: the others can still tell what they see.
    except Exception as error:
        said = str(error).strip().splitlines()
        text = f"Could not be examined: {type(error).__name__}: {said[0] if said else ''}"
        found.append(Finding(part, Level.FAILED, text))
    return [
        Finding(each.part, each.level, without_secrets(each.text), without_secrets(each.advice))
        for each in found
    ]


def without_secrets(text: str) -> str:
    """`text` with every secret of the settings replaced by stars."""
    for secret in sorted(_secrets(), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _secrets() -> set[str]:
    found = {settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS}
    found |= {
        str(getattr(settings, name, "") or "")
        for name in ("EMAIL_HOST_PASSWORD", "JWT_PRIVATE_KEY", "METRICS_TOKEN", "SENTRY_DSN")
    }
    found |= {str(database.get("PASSWORD") or "") for database in settings.DATABASES.values()}
    for name in ("REDIS_URL", "CELERY_BROKER_URL"):
        found.add(urlsplit(str(getattr(settings, name, "") or "")).password or "")
    found |= {quote(secret, safe="") for secret in found}
    return {secret for secret in found if len(secret) >= MIN_SECRET_LENGTH}
