"""Recording events."""

from typing import Any

from django.db import models, transaction

from events.models import Event


def record(
    kind: str,
    subject: models.Model,
    *,
    actor: models.Model | None = None,
    payload: dict[str, Any] | None = None,
) -> Event:
    """Write that `kind` (such as "post.published") happened to `subject`.

    `actor` is the user who did it, None for the system; `payload` is JSON that a handler needs
    and cannot read from the subject any more. Raises RuntimeError outside a transaction: an
    event that is not tied to its cause could outlive a rolled-back change.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("events.record() must run in the transaction of the change it tells.")
    return Event.objects.create(
        kind=kind,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        actor=actor,
        payload=payload or {},
    )
