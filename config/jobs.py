"""What the clock starts, in one place. The apps bring what is done; `events.schedule` says once."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.export import delete_expired
from accounts.sign_up import forget_unconfirmed
from accounts.tasks import clear_expired_sessions
from accounts.tokens import clear_old
from events import cleaning, schedule
from events.idempotency import forget_old_answers
from events.schedule import daily_at
from lib.statistics import refresh_statistics
from transfer.backup.drill import run_drill

SUNDAY = 6


def register_jobs() -> None:
    """Called when all apps are there."""
    cleaning.register("sessions", clear_expired_sessions)
    cleaning.register("tokens", clear_old)
    cleaning.register("unconfirmed_accounts", forget_unconfirmed)
    cleaning.register("data_exports", delete_expired)
    cleaning.register("idempotency_keys", forget_old_answers)
    schedule.register(
        "clean_up", _("Clean-up"), schedule.every(cleaning.SECONDS), cleaning.clean_up
    )
    # When few people write. A site on SQLite that grew a post at a time has no statistics at all,
    # and finds the post before another by reading all of them.
    schedule.register("statistics", _("Statistics of the tables"), daily_at(4, 10), _count_anew)
    schedule.register(
        "restore_drill", _("Restore drill"), daily_at(4, weekday=SUNDAY), run_drill, is_long=True
    )


def _count_anew(slot: datetime) -> None:
    refresh_statistics()
