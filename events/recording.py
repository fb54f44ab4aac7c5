"""Writing an event and what must follow from it, as rows."""

from typing import Any

from django.db import models

from events.handlers import handlers_of
from events.models import Event, Receipt


def write_event(
    kind: str,
    subject: models.Model,
    *,
    actor: models.Model | None = None,
    payload: dict[str, Any] | None = None,
    dedupe_key: str | None = None,
) -> Event:
    """The rows that `services.record()` writes, without telling a worker."""
    fields = {
        "kind": kind,
        "subject_type": subject._meta.label_lower,
        "subject_id": str(subject.pk),
        "actor": actor,
        "payload": payload or {},
    }
    if dedupe_key is None:
        event, new = Event.objects.create(**fields), True
    else:
        event, new = Event.objects.get_or_create(dedupe_key=dedupe_key, defaults=fields)
    if new and (handlers := handlers_of(kind)):
        about = f"{event.subject_type}:{event.subject_id}"
        Receipt.objects.bulk_create(
            Receipt(event=event, handler=handler.name, subject=about if handler.ordered else "")
            for handler in handlers
        )
    return event
