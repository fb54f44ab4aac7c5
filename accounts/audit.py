"""The audit trail: who did what, when, from where.

`note` is called where something happens that an administrator may have to look up later. What it
writes belongs to the caller's transaction, so a change that is rolled back leaves no trace.
"""

import logging
import re
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import AuditEntry, User
from lib.http import client_address
from lib.limits import hit
from lib.text import clean_text

logger = logging.getLogger(__name__)

MAX_TEXT = 200  # characters of any text in `detail`
PRUNED_AT_ONCE = 5_000  # rows: a delete that holds the lock of SQLite for some 50 ms
SECONDS_IN_AN_HOUR = 3_600
HIDDEN = "[hidden]"
E_MAIL = re.compile(r"[^\s<>()\[\],;:]{1,64}@[^\s<>()\[\],;:]{1,255}")
# A key of `detail` that says one of these holds what must not be read again.
SECRET_WORDS = ("password", "secret", "token", "code", "otp", "key", "session", "mail")

# The request in work, for services that are told who acts but not from where.
current_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)


def note(
    action: str,
    *,
    request: HttpRequest | None = None,
    actor: User | None = None,
    subject: models.Model | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEntry | None:
    """Write that `actor` did `action` (such as "user.signed_in") to `subject`.

    `request` is the one in work unless another is given; it tells the address, the device and,
    where `actor` is not named, the person. `detail` is JSON without secrets and e-mail addresses;
    a value under a key that sounds like one is hidden all the same. A trail that cannot be
    written is logged and None returned: it never breaks what it tells of.
    """
    entry = entry_of(action, request or current_request.get(), actor=actor, detail=detail)
    if subject is not None:
        entry.subject_type = subject._meta.label_lower
        entry.subject_id = str(subject.pk)
        entry.subject_label = label_of(subject)
    return write(entry)


def note_hourly(action: str, key: str, **said: Any) -> AuditEntry | None:
    """As `note(action, **said)`, at most once an hour for `key`: the id of a token in use, say."""
    if hit(f"audit:{action}:{key}", 1, SECONDS_IN_AN_HOUR) is not None:
        return None
    return note(action, **said)


def entry_of(
    action: str,
    request: HttpRequest | None,
    *,
    actor: User | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """An entry that is not stored yet, with all that `request` tells."""
    if actor is None and request is not None:
        actor = signed_in(request)
    entry = AuditEntry(
        actor=actor,
        actor_name=actor.username if actor else "",
        action=action,
        detail=harmless(detail or {}),
    )
    if request is not None:
        entry.address = client_address(request) or None
        entry.device = clean_text(request.headers.get("User-Agent", ""))[:200]
        entry.request_id = getattr(request, "id", "")
    return entry


def write(entry: AuditEntry) -> AuditEntry | None:
    """Store `entry`; None, and a line in the log, when the database does not take it."""
    try:
        # A savepoint: on PostgreSQL a failed statement would spoil the caller's transaction.
        with transaction.atomic():
            entry.save(force_insert=True)
    except (DatabaseError, ValueError):
        logger.exception("The audit trail could not keep %r.", entry.action)
        return None
    return entry


def signed_in(request: HttpRequest) -> User | None:
    """The person who makes the request, None for a visitor."""
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def label_of(subject: models.Model) -> str:
    """What to call `subject` when it is gone: for people the username, which is no secret."""
    name = subject.username if isinstance(subject, User) else str(subject)
    return _short(" ".join(name[:400].split()))


def harmless(value: Any) -> Any:
    """`value` as JSON that may be kept: secrets hidden, long texts cut."""
    if isinstance(value, dict):
        return {
            str(key)[:60]: HIDDEN
            if isinstance(inner, str) and any(word in str(key).lower() for word in SECRET_WORDS)
            else harmless(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [harmless(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _short(str(value))


def _short(text: str) -> str:
    return E_MAIL.sub("[e-mail]", clean_text(text[: 2 * MAX_TEXT]))[:MAX_TEXT]


def prune() -> int:
    """Delete what is older than AUDIT_DAYS, a few thousand rows at a time; how many those were."""
    before = timezone.now() - timedelta(days=settings.AUDIT_DAYS)
    pruned = 0
    while True:
        keys = list(
            AuditEntry.objects.filter(at__lt=before)
            .order_by("at")
            .values_list("pk", flat=True)[:PRUNED_AT_ONCE]
        )
        if not keys:
            return pruned
        pruned += AuditEntry.objects.filter(pk__in=keys).delete()[0]
