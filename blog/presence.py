"""Who else has a text open, so that two people know of each other before they save.

It locks nothing: what both change is merged (`blog.merging`).
"""

from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from blog.models import Content, Presence

HEARTBEAT_SECONDS = 15  # as static/js/presence.js
GONE_AFTER = timedelta(seconds=60)  # without a sign: the tab is closed, or asleep


def note_presence(content: Content, user: User) -> list[Presence]:
    """`user` has `content` open now. Returns who else has, the first comer first."""
    now = timezone.now()
    link = {content._meta.model_name: content}
    Presence.objects.filter(**link, seen_at__lt=now - GONE_AFTER).delete()
    Presence.objects.bulk_create(
        [Presence(user=user, since=now, seen_at=now, **link)],
        update_conflicts=True,
        unique_fields=["user", *link],
        update_fields=["seen_at"],
    )
    others = Presence.objects.filter(**link).exclude(user=user)
    return list(others.select_related("user").order_by("since", "pk"))


def leave(content: Content, user: User) -> None:
    """`user` has `content` open no more."""
    Presence.objects.filter(user=user, **{content._meta.model_name: content}).delete()


def notice(others: list[Presence]) -> str:
    """Who they are and since when, in the zone of the site; nothing when there is nobody."""
    return " · ".join(
        _("%(name)s is editing this, too, since %(time)s")
        % {
            "name": other.user.name,
            "time": date_format(timezone.localtime(other.since), "TIME_FORMAT"),
        }
        for other in others
    )


def forget_the_gone() -> None:
    """Delete the traces of who has left."""
    Presence.objects.filter(seen_at__lt=timezone.now() - GONE_AFTER).delete()
