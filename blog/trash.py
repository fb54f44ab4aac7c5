"""What lies in the bin for longer than `TRASH_DAYS` is deleted for ever."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from blog.models import Content, Page, Post
from blog.services import delete_content


def goes_at(content: Content) -> datetime | None:
    """When it is deleted for ever, at the earliest; None when nothing is."""
    if content.trashed_at is None or not settings.TRASH_DAYS:
        return None
    return content.trashed_at + timedelta(days=settings.TRASH_DAYS)


def sweep(limit: int, now: datetime | None = None) -> int:
    """Delete up to `limit` posts and pages that are due; how many it were.

    Each in a transaction of its own, through the same function as by hand, so that whoever
    follows deletions follows these.
    """
    if not settings.TRASH_DAYS:
        return 0
    before = (now or timezone.now()) - timedelta(days=settings.TRASH_DAYS)
    deleted = 0
    for model in (Post, Page):
        due = model.objects.filter(trashed_at__lte=before).order_by("trashed_at", "pk")
        for pk in list(due.values_list("pk", flat=True)[: limit - deleted]):
            deleted += _delete(model, pk, before)
    return deleted


@transaction.atomic
def _delete(model: type[Content], pk: int, before: datetime) -> bool:
    # Looked at again under the lock: somebody may have just taken it out.
    content = model.objects.select_for_update().filter(pk=pk, trashed_at__lte=before).first()
    if content is None:
        return False
    delete_content(content, by=None)
    return True
