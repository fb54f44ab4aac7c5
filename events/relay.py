"""Doing what receipts ask for."""

import logging
import time

from django.db import transaction

from events import handlers
from events.models import Receipt, Work
from events.models.work import WorkQuerySet

logger = logging.getLogger(__name__)

BATCH = 50


class ClaimLost(Exception):
    """Another worker took the work over: what this one did is rolled back."""


def run_receipts(seconds: float) -> int:
    """Run the handlers of due receipts for up to `seconds`; how many were begun."""
    known = Receipt.objects.filter(handler__in=handlers.names())
    return run_due(known, run_receipt, seconds)


def run_due(rows: WorkQuerySet, run, seconds: float) -> int:
    """Call `run(key)` for what is due among `rows`, oldest first, for up to `seconds`.

    Work that becomes due meanwhile, because it waited for what was just done, is done, too.
    """
    end, begun = time.monotonic() + seconds, 0
    seen: set[int] = set()
    while keys := [key for key in rows.next_due(BATCH) if key not in seen]:
        for key in keys:
            if time.monotonic() > end:
                return begun
            seen.add(key)
            begun += bool(run(key))
    return begun


def run_receipt(receipt_id: int) -> bool:
    """Let the handler do its part for one receipt; False when somebody else has it."""
    receipt = Receipt.objects.claim(receipt_id)
    if receipt is None:
        return False
    handler = handlers.handler_named(receipt.handler)
    if handler is None:
        receipt.park(f"No app has a handler called {receipt.handler}.")
        return True
    try:
        if handler.atomic:
            with transaction.atomic():
                handler.run(receipt.event)
                _confirm(receipt)
        else:
            handler.run(receipt.event)
            _confirm(receipt)
    except ClaimLost:
        logger.warning("Receipt %s was taken over by another worker", receipt.pk)
    except Exception as error:
        # Whatever it is: the row keeps the reason, the log the place, and it is tried again.
        logger.exception("Handler %s failed for event %s", handler.name, receipt.event_id)
        receipt.retry(f"{type(error).__name__}: {error}")
    return True


def _confirm(work: Work) -> None:
    if not work.finish():
        raise ClaimLost
