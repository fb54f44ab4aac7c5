"""What the clock has done: one row per job, whoever's clock it was."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Case, F, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

ERROR_MAX_LENGTH = 500  # characters
MAX_TRIES = 3  # for one slot
RETRY_AFTER = timedelta(minutes=5)


class ScheduledJobQuerySet(models.QuerySet):
    def take(self, name: str, slot: datetime, lease: timedelta) -> "ScheduledJob | None":
        """Take the run of job `name` that was planned for `slot`. One winner, None for others.

        A slot is taken once; again only when its run failed or died, MAX_TRIES times in all. An
        earlier slot that nobody took is passed over: what was missed several times runs once.
        """
        now = timezone.now()
        again = Q(slot=slot, ended_at=None, claimed_until__lte=now, tries__lt=MAX_TRIES)
        taken = self.filter(Q(slot__lt=slot) | again, name=name).update(
            slot=slot,
            started_at=now,
            claimed_until=now + lease,
            ended_at=None,
            error="",
            tries=Case(When(slot__lt=slot, then=1), default=F("tries") + 1),
        )
        return self.get(name=name) if taken else None


class ScheduledJob(models.Model):
    """The latest run of one job that the clock starts."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    slot = models.DateTimeField(_("planned"))
    started_at = models.DateTimeField(_("begun"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    claimed_until = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.CharField(_("reason"), max_length=ERROR_MAX_LENGTH, blank=True)

    objects = ScheduledJobQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("scheduled job")
        verbose_name_plural = _("scheduled jobs")

    def __str__(self) -> str:
        return self.name

    def finish(self) -> None:
        """It is done for this slot."""
        self._release(ended_at=timezone.now())

    def fail(self, error: object) -> None:
        """This try failed. Another one follows, or it is left until the next slot."""
        text = " ".join((str(error) or type(error).__name__).replace("\0", " ").split())
        ended_at = timezone.now() if self.tries >= MAX_TRIES else None
        self._release(
            error=text[:ERROR_MAX_LENGTH],
            ended_at=ended_at,
            claimed_until=timezone.now() + RETRY_AFTER,
        )

    def _release(self, **fields) -> None:
        # Only while it is ours: a run that took longer than its lease may have lost it.
        mine = ScheduledJob.objects.filter(
            pk=self.pk, slot=self.slot, started_at=self.started_at, ended_at=None
        )
        mine.update(**fields)
