"""The event feed: how far it is numbered, and what its readers were ever shown."""

from django.db import models
from django.utils import timezone


class Feed(models.Model):
    """One row: the counter of positions. Who numbers events holds its lock."""

    # Made anew when the feed is: a cursor of another epoch means nothing here.
    epoch = models.CharField(max_length=16)
    last_position = models.BigIntegerField(default=0)
    # Up to which time the clock's own events (a post goes live, expires) are recorded.
    clock_at = models.DateTimeField(default=timezone.now)
    # Tombstones up to here were cleaned away: a mirror that stopped before must begin anew.
    horizon = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="feed_has_one_row"),
        ]

    def __str__(self) -> str:
        return f"{self.epoch} {self.last_position}"


class Exposure(models.Model):
    """That something could once be seen by an audience: it is told when it is gone.

    What an audience never saw is never mentioned to it, not even as gone.
    """

    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    audience = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "audience"], name="exposed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type}:{self.subject_id} to {self.audience}"
