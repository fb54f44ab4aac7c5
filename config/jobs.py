"""What the clock starts, in one place. The apps bring what is done; `events.schedule` says once."""

from django.utils.translation import gettext_lazy as _

from accounts.tasks import clear_expired_sessions
from events import cleaning, schedule
from events.idempotency import forget_old_answers


def register_jobs() -> None:
    """Called when all apps are there."""
    cleaning.register("sessions", clear_expired_sessions)
    cleaning.register("idempotency_keys", forget_old_answers)
    schedule.register(
        "clean_up", _("Clean-up"), schedule.every(cleaning.SECONDS), cleaning.clean_up
    )
