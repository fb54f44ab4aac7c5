"""Recording events."""

from typing import Any

from django.db import models, transaction

from events.models import Event
from events.queueing import nudge_on_commit
from events.recording import write_event
from events.tasks import relay


def record(
    kind: str,
    subject: models.Model,
    *,
    actor: models.Model | None = None,
    payload: dict[str, Any] | None = None,
    dedupe_key: str | None = None,
) -> Event:
    """Write that `kind` (such as "post.published") happened to `subject`.

    `actor` is the user who did it, None for the system; `payload` is JSON that a handler needs
    and cannot read from the subject any more. With a `dedupe_key` it happens once: who comes
    second gets the event of the first. Raises RuntimeError outside a transaction: an event that
    is not tied to its cause could outlive a rolled-back change.

    Each handler of the kind gets its receipt here, in the same transaction; a worker is told on
    commit.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("events.record() must run in the transaction of the change it tells.")
    event = write_event(kind, subject, actor=actor, payload=payload, dedupe_key=dedupe_key)
    nudge_on_commit(relay)
    return event
