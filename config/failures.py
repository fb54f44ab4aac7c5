"""What kind of failure an exception is: a part that is away is not a fault of ours."""

import errno
from enum import Enum

from django.db import InterfaceError, OperationalError

FULL = {errno.ENOSPC, errno.EDQUOT}
# SQLite says in words what is the matter with the file; what else it calls operational, such
# as a table that is missing, is a fault of ours.
SQLITE_AWAY = ("locked", "unable to open", "disk i/o", "readonly")


class Failure(Enum):
    """With the status that tells it."""

    AWAY = 503  # the database does not answer, or not in time
    FULL = 507  # there is no room to store something
    OURS = 500


def failure_of(error: BaseException | None) -> Failure:
    """The kind of `error`."""
    if isinstance(error, OSError) and error.errno in FULL:
        return Failure.FULL
    if not isinstance(error, (OperationalError, InterfaceError)):
        return Failure.OURS
    cause, text = error.__cause__, str(error).lower()
    if getattr(cause, "sqlstate", None) == "53100" or "is full" in text:
        return Failure.FULL
    if type(cause).__module__.startswith("sqlite3") and not any(s in text for s in SQLITE_AWAY):
        return Failure.OURS
    return Failure.AWAY
