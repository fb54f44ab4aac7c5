"""Telling other programs: deliveries, their signature, and what becomes of an endpoint.

The convention is Standard Webhooks (https://www.standardwebhooks.com): headers `webhook-id`,
`webhook-timestamp` and `webhook-signature`, a secret that begins with `whsec_`.
"""

import base64
import hashlib
import hmac
import json
import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.utils.encoders import JSONEncoder

from events import subjects
from events.handlers import matches
from events.mail import queue_mail
from events.models import Event, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from events.models.webhook import ANSWER_MAX_LENGTH, new_message_id, new_secret
from events.relay import run_due
from events.services import record
from lib.cleaning import clean_texts
from lib.fetch import FetchError, safe_fetch

logger = logging.getLogger(__name__)

PERMISSION = "events.change_webhookendpoint"
OLD_SECRET_LASTS = timedelta(days=1)
MAX_ANSWER_BYTES = 64_000
MAX_PEACE = timedelta(minutes=10)  # for which a failing endpoint is left alone
MAX_RETRY_AFTER = timedelta(days=1)
MAX_HEADERS = 30  # that are kept of an answer
PING = "webhook.ping"


# --- endpoints: page, admin and API call these --------------------------------------------


@transaction.atomic
def save_endpoint(endpoint: WebhookEndpoint, *, by: models.Model) -> WebhookEndpoint:
    """Save a new or changed endpoint; a new one belongs to `by`.

    Raises ValidationError for what cannot be stored, PermissionDenied when `by` may not.
    """
    _require(by)
    is_new = endpoint.pk is None
    if is_new:
        endpoint.owner, endpoint.secret = by, new_secret()
    clean_texts(endpoint)
    endpoint.full_clean()
    if is_new:
        endpoint.save()
    else:
        endpoint.save(update_fields=["url", "description", "kinds"])
    record(f"webhook.{'created' if is_new else 'updated'}", endpoint, actor=by)
    return endpoint


@transaction.atomic
def delete_endpoint(endpoint: WebhookEndpoint, *, by: models.Model) -> None:
    """Delete an endpoint with its log."""
    _require(by)
    record("webhook.deleted", endpoint, actor=by)
    endpoint.delete()


@transaction.atomic
def rotate_secret(endpoint: WebhookEndpoint, *, by: models.Model) -> WebhookEndpoint:
    """Give it a new secret; the former one signs, too, for another day."""
    _require(by)
    locked = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    locked.old_secret = locked.secret
    locked.old_secret_until = timezone.now() + OLD_SECRET_LASTS
    locked.secret = new_secret()
    locked.save(update_fields=["secret", "old_secret", "old_secret_until"])
    record("webhook.secret_rotated", locked, actor=by)
    return locked


@transaction.atomic
def pause_endpoint(endpoint: WebhookEndpoint, *, by: models.Model) -> None:
    """Send it nothing until it is resumed; what happens meanwhile waits."""
    _require(by)
    _pause(endpoint, _("Paused by %(name)s.") % {"name": by})
    record("webhook.paused", endpoint, actor=by)


@transaction.atomic
def resume_endpoint(endpoint: WebhookEndpoint, *, by: models.Model) -> None:
    """Send it what waits, in order. Whoever resumes it owns it from then on."""
    _require(by)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        owner=by, paused_at=None, pause_reason="", failures=0, failing_since=None, not_before=None
    )
    endpoint.deliveries.waiting().update(due_at=timezone.now(), tries=0)
    record("webhook.resumed", endpoint, actor=by)


def ping_endpoint(endpoint: WebhookEndpoint, *, by: models.Model) -> WebhookAttempt:
    """Send a test now, also to a paused endpoint, and say what was answered. It is tried once."""
    _require(by)
    delivery = WebhookDelivery.objects.create(
        endpoint=endpoint,
        kind=PING,
        message_id=new_message_id(),
        state=WebhookDelivery.State.DONE,
        tries=1,
    )
    delivery.body = _body(PING, timezone.now(), {"subject": None, "object": None})
    attempt = _ask(endpoint, delivery)
    now = timezone.now()
    state = WebhookDelivery.State.DONE if _is_right(attempt) else WebhookDelivery.State.PARKED
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        body=delivery.body, state=state, error=attempt.error, started_at=now, done_at=now
    )
    return attempt


def replay(delivery: WebhookDelivery, *, by: models.Model) -> None:
    """Send it again, with the same id and text. Raises ValidationError while it is on its way."""
    _require(by)
    again = WebhookDelivery.objects.exclude(state=WebhookDelivery.State.WAITING)
    if delivery.kind == PING or not again.filter(pk=delivery.pk).update(
        state=WebhookDelivery.State.WAITING,
        due_at=timezone.now(),
        done_at=None,
        tries=0,
        crashes=0,
        error="",
    ):
        raise ValidationError(_("Only what is delivered or given up can be sent again."))


# --- deliveries ---------------------------------------------------------------------------


def make_deliveries(events: list[Event]) -> int:
    """Write what must be delivered of newly placed events, in the same transaction; how many."""
    deliveries = [
        WebhookDelivery(
            endpoint=endpoint,
            event=event,
            kind=event.kind,
            subject=f"{event.subject_type}:{event.subject_id}",
            message_id=new_message_id(),
        )
        for endpoint in WebhookEndpoint.objects.all()
        for event in events
        # What happened before it was made is not its business.
        if event.created_at >= endpoint.created_at
        and any(matches(kind, event.kind) for kind in endpoint.kinds)
    ]
    # By event: the keys of one subject's deliveries are in the order of its events.
    deliveries.sort(key=lambda delivery: delivery.event.position)
    WebhookDelivery.objects.bulk_create(deliveries, batch_size=500)
    return len(deliveries)


def deliver_due(seconds: float) -> int:
    """Deliver what is due for up to `seconds`; how many requests were made."""
    return run_due(WebhookDelivery.objects.all(), deliver, seconds)


def deliver(delivery_id: int) -> bool:
    """Make one request; False when it is done, given up, or not its turn."""
    delivery = WebhookDelivery.objects.claim(delivery_id)
    if delivery is None:
        return False
    endpoint = delivery.endpoint
    if not _may_have(endpoint.owner):
        _pause(endpoint, "Its owner may not have webhooks any more.")
        delivery.retry("The webhook is paused.", at=timezone.now())
        return True
    if not delivery.body:
        delivery.body = _body_of(delivery.event, endpoint.owner)
        WebhookDelivery.objects.filter(pk=delivery.pk).update(body=delivery.body)
    attempt = _ask(endpoint, delivery)
    if _is_right(attempt):
        delivery.finish()
        _praise(endpoint)
        return True
    _blame(endpoint, attempt)
    is_last = delivery.tries > len(delivery.DELAYS)
    if is_last and endpoint.failing_since <= delivery.started_at:
        # Nothing got through since: not this delivery is at fault, so it is kept.
        _pause(endpoint, f"It has failed for three days, the last time so: {attempt.error}")
        delivery.retry(attempt.error, at=timezone.now())
    else:
        delivery.retry(attempt.error, at=_retry_after(attempt, delivery))
    return True


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of a message, "v1,…"."""
    key = base64.b64decode(secret.partition("_")[2])
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


# --- steps --------------------------------------------------------------------------------


def _require(by: models.Model) -> None:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied(_("You may not do this."))


def _may_have(owner: models.Model | None) -> bool:
    return owner is not None and owner.is_active and owner.has_perm(PERMISSION)


def _body_of(event: Event, owner: models.Model) -> str:
    """What happened, and how the thing looks to the owner now; null when it is gone for them."""
    key = (event.subject_type, event.subject_id)
    visible = subjects.visible_to([key]).get(key, set()) & subjects.audiences_of(owner)
    looks = subjects.objects_of([key]) if visible else {}
    subject = {"type": event.subject_type.rpartition(".")[2], "id": event.subject_id}
    return _body(event.kind, event.created_at, {"subject": subject, "object": looks.get(key)})


def _body(kind: str, at: datetime, data: dict[str, Any]) -> str:
    body = {"type": kind, "timestamp": at, "data": data}
    return json.dumps(body, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":"))


def _ask(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> WebhookAttempt:
    """Make the request and keep what was answered."""
    now, body = timezone.now(), delivery.body.encode()
    timestamp = int(now.timestamp())
    signatures = [
        signature(secret, delivery.message_id, timestamp, body) for secret in endpoint.secrets
    ]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Inkstone-Webhooks",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
    attempt = WebhookAttempt(delivery=delivery, at=now, url=endpoint.url, request_headers=headers)
    try:
        answer = safe_fetch(
            endpoint.url,
            method="POST",
            headers=headers,
            body=body,
            max_bytes=MAX_ANSWER_BYTES,
            allow_loopback=settings.WEBHOOKS_ALLOW_LOOPBACK,
        )
    except FetchError as error:
        attempt.error = str(error)[:500]
    else:
        attempt.status, attempt.seconds = answer.status, round(answer.seconds, 3)
        attempt.answer = _text(answer.body)
        attempt.answer_headers = {
            name[:100]: value[:500].replace("\0", "")
            for name, value in list(answer.headers.items())[:MAX_HEADERS]
        }
        if not _is_right(attempt):
            attempt.error = f"It answered {answer.status}."
    attempt.save()
    return attempt


def _is_right(attempt: WebhookAttempt) -> bool:
    return attempt.status is not None and 200 <= attempt.status < 300


def _text(body: bytes) -> str:
    text = body.decode("utf-8", errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text[:ANSWER_MAX_LENGTH]


def _retry_after(attempt: WebhookAttempt, delivery: WebhookDelivery) -> datetime | None:
    """When a busy receiver asked to be asked again; None to go by our own delays."""
    asked = attempt.answer_headers.get("retry-after", "")
    if attempt.status not in (429, 503) or not (asked.isascii() and asked.isdigit()):
        return None
    if delivery.tries > len(delivery.DELAYS):
        return None
    wait = timedelta(seconds=int(asked[:6]))
    own = delivery.DELAYS[delivery.tries - 1]
    return timezone.now() + min(max(wait, own), MAX_RETRY_AFTER)


def _praise(endpoint: WebhookEndpoint) -> None:
    """It answers: what waited because it did not goes out at once."""
    failing = WebhookEndpoint.objects.filter(pk=endpoint.pk).exclude(failures=0)
    if failing.update(failures=0, failing_since=None, not_before=None):
        _hurry(endpoint)


def _blame(endpoint: WebhookEndpoint, attempt: WebhookAttempt) -> None:
    """Leave it in peace for a while; pause it when it is gone for good."""
    now = timezone.now()
    row = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    row.update(
        failures=F("failures") + 1,
        failing_since=Coalesce("failing_since", now),
    )
    endpoint.refresh_from_db()
    peace = min(timedelta(seconds=2 ** min(endpoint.failures, 20)), MAX_PEACE)
    row.update(not_before=now + peace)
    if attempt.status == 410:
        _pause(endpoint, "It answered 410: it does not want to be called any more.")


def _hurry(endpoint: WebhookEndpoint) -> None:
    now = timezone.now()
    waiting = WebhookDelivery.objects.waiting().filter(endpoint=endpoint, due_at__gt=now)
    waiting.update(due_at=now)


@transaction.atomic
def _pause(endpoint: WebhookEndpoint, reason: str) -> None:
    """Pause it, once, and tell its owner."""
    active = WebhookEndpoint.objects.filter(pk=endpoint.pk, paused_at=None)
    if not active.update(paused_at=timezone.now(), pause_reason=reason[:300]):
        return
    logger.warning("Webhook %s is paused: %s", endpoint.pk, reason)
    owner = endpoint.owner
    if owner is None or not owner.is_active or not owner.email:
        return
    queue_mail(
        "webhook_paused",
        to=owner.email,
        language=owner.language,
        context={"endpoint": endpoint, "reason": reason, "name": str(owner)},
        kind="webhook_paused",
        recipient=owner,
    )
