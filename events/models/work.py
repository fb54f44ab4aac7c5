"""Rows that are work to do: claimed by one, done, confirmed; or tried again, or given up.

The row is the truth. A queue only says that there may be something to do; without it the sweep
of every minute finds the same rows.
"""

import secrets
from datetime import datetime, timedelta
from typing import Self

from django.db import connections, models, transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

ERROR_MAX_LENGTH = 500  # characters
MAX_CRASHES = 3  # after that many the work itself is what kills its workers
# Longer than the hard limit of a task: who holds a claim for longer was killed.
CLAIM_LEASE = timedelta(minutes=15)
JITTER = 0.2  # of a delay, so that what failed together does not come back together
_random = secrets.SystemRandom()


class WorkQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        """What is neither done nor given up."""
        return self.filter(state=Work.State.WAITING)

    def parked(self) -> Self:
        """What was given up and waits for a person."""
        return self.filter(state=Work.State.PARKED)

    def due(self, now: datetime | None = None) -> Self:
        """What somebody may begin now: its time has come, and nobody holds it."""
        now = now or timezone.now()
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.waiting().filter(free, due_at__lte=now)

    def next_due(self, limit: int) -> list[int]:
        """The keys of up to `limit` rows to begin with, oldest first.

        On PostgreSQL rows that another sweep is just claiming are passed over; the claim itself
        decides, here and on SQLite, whose writers take turns anyway.
        """
        rows = self.due().order_by("due_at", "pk")
        if connections[self.db].features.has_select_for_update_skip_locked:
            with transaction.atomic(using=self.db):
                locked = rows.select_for_update(skip_locked=True, of=("self",))
                return list(locked.values_list("pk", flat=True)[:limit])
        return list(rows.values_list("pk", flat=True)[:limit])

    def claim(self, pk: int) -> "Work | None":
        """Take one row: one winner, None for all others.

        Counts the attempt before it is made, and as a crash when the one before never said how
        it went: work that kills its worker is given up, too.
        """
        now = timezone.now()
        token = secrets.token_hex(8)
        taken = (
            self.due(now)
            .filter(pk=pk)
            .update(
                claim_token=token,
                claimed_until=now + self.model.LEASE,
                tries=F("tries") + 1,
                crashes=F("crashes") + Case(When(claimed_until=None, then=0), default=1),
                started_at=Coalesce("started_at", now),
            )
        )
        if not taken:
            return None
        work = self.model._default_manager.get(pk=pk)
        if work.crashes >= MAX_CRASHES:
            work.park(f"Its worker died {work.crashes} times.")
            return None
        return work


class Work(models.Model):
    """One thing to do. Subclasses say how, and how often it is tried again."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        PARKED = "parked", _("Given up")

    LEASE = CLAIM_LEASE
    # Waits before each further try. After the last one the work is parked.
    DELAYS: tuple[timedelta, ...] = ()

    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.WAITING, editable=False
    )
    # When it should have begun; what it was late is told by `started_at`.
    planned_at = models.DateTimeField(_("planned"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("next try"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("begun"), null=True, editable=False)
    done_at = models.DateTimeField(_("ended"), null=True, editable=False)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, editable=False)
    crashes = models.PositiveSmallIntegerField(_("crashes"), default=0, editable=False)
    error = models.CharField(_("reason"), max_length=ERROR_MAX_LENGTH, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    claim_token = models.CharField(max_length=16, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def lateness(self) -> timedelta | None:
        """How long after its planned time it was begun; None before that."""
        return self.started_at - self.planned_at if self.started_at else None

    def finish(self, **fields) -> bool:
        """Confirm that it is done; False when the claim was lost to another meanwhile."""
        return self._release(
            state=self.State.DONE, done_at=timezone.now(), error="", crashes=0, **fields
        )

    def retry(self, error: object, *, at: datetime | None = None, **fields) -> bool:
        """Say that this try failed: another one follows (at `at`, else by DELAYS), or none."""
        if at is None:
            if self.tries > len(self.DELAYS):
                return self.park(error, **fields)
            at = timezone.now() + jittered(self.DELAYS[self.tries - 1])
        return self._release(due_at=at, error=_reason(error), crashes=0, **fields)

    def park(self, error: object, **fields) -> bool:
        """Give it up, for a reason that a person can read."""
        return self._release(
            state=self.State.PARKED, done_at=timezone.now(), error=_reason(error), **fields
        )

    def run_again(self, **fields) -> bool:
        """Take it out of the parked ones, as if it were new. False when it is not parked."""
        now = timezone.now()
        again = type(self)._default_manager.parked().filter(pk=self.pk)
        return bool(
            again.update(
                state=self.State.WAITING,
                due_at=now,
                done_at=None,
                tries=0,
                crashes=0,
                error="",
                claimed_until=None,
                **fields,
            )
        )

    def _release(self, **fields) -> bool:
        mine = (
            type(self)._default_manager.waiting().filter(pk=self.pk, claim_token=self.claim_token)
        )
        released = mine.update(claimed_until=None, **fields)
        if released:
            for name, value in fields.items():
                setattr(self, name, value)
            self.claimed_until = None
        return bool(released)


def jittered(delay: timedelta) -> timedelta:
    """`delay`, up to a fifth shorter or longer."""
    return delay * _random.uniform(1 - JITTER, 1 + JITTER)


def _reason(error: object) -> str:
    """What went wrong in one line, without what a database cannot store."""
    text = str(error) or type(error).__name__
    return " ".join(text.replace("\0", " ").split())[:ERROR_MAX_LENGTH]
