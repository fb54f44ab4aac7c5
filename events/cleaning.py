"""Removing what is past its time: each app knows its own, one job runs them all.

    cleaning.register("sessions", clear_expired_sessions)

in `AppConfig.ready()`; the function takes nothing and is safe to run at any time.
"""

import logging
from collections.abc import Callable
from datetime import datetime

logger = logging.getLogger(__name__)

SECONDS = 300  # between two runs

_functions: dict[str, Callable[[], object]] = {}


def register(name: str, function: Callable[[], object]) -> None:
    """Have `function` called every five minutes. Registering a name again replaces it."""
    _functions[name] = function


def unregister(name: str) -> None:
    """Forget a function; for tests."""
    _functions.pop(name, None)


def names() -> list[str]:
    """What is cleaned up."""
    return list(_functions)


def clean_up(slot: datetime | None = None) -> None:
    """Run all of them. One that fails keeps none of the others from theirs.

    Raises RuntimeError at the end, with the names of those that failed.
    """
    failed = []
    for name, function in list(_functions.items()):
        try:
            function()
        except Exception:
            logger.exception("The clean-up of %s failed", name)
            failed.append(name)
    if failed:
        raise RuntimeError(f"The clean-up failed of: {', '.join(failed)}.")
