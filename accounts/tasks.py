"""What workers do for accounts. Each is safe to run at any time, any number of times."""

from importlib import import_module

from celery import shared_task
from django.conf import settings

from accounts import audit, erasure, export
from events.queueing import queue


@shared_task
def clear_expired_sessions() -> None:
    """Delete sessions past their expiry."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@shared_task
def prune_audit_trail() -> None:
    """Delete what is older than AUDIT_DAYS."""
    audit.prune()


@shared_task
def make_data_export(export_id: int) -> None:
    """Write the copy of somebody's data, unless it is made, in work or given up."""
    export.make(export_id)


@shared_task
def sweep_data_exports() -> None:
    """Queue what a lost queue or a killed worker left, and delete what is past its time."""
    export.delete_expired()
    for key in export.waiting_keys():
        queue(make_data_export, key)


@shared_task
def erase_accounts() -> None:
    """Empty the accounts whose fourteen days are over."""
    erasure.erase_due()
