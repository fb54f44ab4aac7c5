from importlib import import_module

from celery import shared_task
from django.conf import settings

from accounts import audit


@shared_task
def clear_expired_sessions() -> None:
    """Delete sessions past their expiry. Safe to run at any time, any number of times."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@shared_task
def prune_audit_trail() -> None:
    """Delete what is older than AUDIT_DAYS. Safe to run at any time, any number of times."""
    audit.prune()
