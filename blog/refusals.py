"""Changes that could not be published at their time: kept, with the reason, and told of once."""

import logging
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from blog.languages import interface_language
from blog.models import Site, WorkingRevision
from events.services import record

logger = logging.getLogger(__name__)


def keep_refusal(key: int, at: datetime, error: Exception) -> bool:
    """Take the changes `key`, due at `at`, from the schedule because of `error`, and have it told.

    Of several processes that were refused the same, one does it; the others find the changes
    without a time and answer False. Never raises OperationalError: the next read tries again.
    """
    try:
        with transaction.atomic():
            return _keep(key, at, error)
    except OperationalError:
        logger.warning("A refusal waits for the database.", exc_info=True)
        return False


def _keep(key: int, at: datetime, error: Exception) -> bool:
    due = WorkingRevision.objects.due(at).filter(pk=key)
    row = due.select_related("scheduled_by").first()
    if row is None or not due.update(publish_at=None, refusal=_reason(row, error)):
        return False
    # The subject is the changes, not what they are of: nothing that readers see has happened, so
    # the feed tells nobody.
    record("changes.refused", row, payload={"at": row.publish_at.isoformat()})
    return True


def _reason(row: WorkingRevision, error: Exception) -> str:
    """Why, in the language of who scheduled them: who reads just now is somebody else."""
    person = interface_language(row.scheduled_by.language if row.scheduled_by else "", "")
    language = person or interface_language(Site.current().language, settings.LANGUAGE_CODE)
    with translation.override(language):
        reasons = error.messages if isinstance(error, ValidationError) else []
        return " ".join(reasons) or _("Something went wrong. Please publish them by hand.")
