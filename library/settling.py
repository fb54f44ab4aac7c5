"""Files of uploads that came to nothing are deleted at once, where nobody else can need them.

A file is written before its row, so that whoever sees the row finds the file, and stays when the
transaction of the row is rolled back. Files are called by their content: somebody else may store
the same bytes at this moment. So who deletes one first takes the place of its row, which the
unique content hash gives to one transaction at a time; and who makes a row looks, while it has
that place, whether the file is still there (`kept`).
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.files.storage import default_storage
from django.db import DatabaseError, IntegrityError, transaction

from library.models import Image, Video

logger = logging.getLogger(__name__)

# The files that were written since `settled` began: of what, its content hash, name.
_written: ContextVar[list | None] = ContextVar("files written", default=None)


@contextmanager
def settled() -> Iterator[None]:
    """Afterwards, the files that were written meanwhile and have no row are gone.

    To be put around the transaction. What it cannot settle, a worker that is killed say, is left
    to `library.orphans`.
    """
    written: list = []
    token = _written.set(written)
    try:
        yield
    finally:
        _written.reset(token)
        for model, digest, name in written:
            try:
                _delete_unless_known(model, digest, name)
            except (DatabaseError, OSError):
                logger.warning("The file %s is left to the daily job.", name, exc_info=True)


def note(model: type[Image | Video], digest: str, name: str) -> None:
    """The file `name` is about to be written for a row with this hash."""
    written = _written.get()
    if written is not None:
        written.append((model, digest, name))


def kept(name: str, write: Callable[[], object]) -> None:
    """Write the file `name` again, if who deleted it took it for nobody's. To be called with its
    row, before that is committed."""
    if not default_storage.exists(name):
        write()


def _delete_unless_known(model: type[Image | Video], digest: str, name: str) -> None:
    if model.objects.filter(digest=digest).exists():
        return
    try:
        with transaction.atomic():
            _take_place(model, digest)
            default_storage.delete(name)  # Not its folder, in which another may just be writing.
            transaction.set_rollback(True)
    except IntegrityError:
        return  # Somebody has stored the same: it is theirs.


def _take_place(model: type[Image | Video], digest: str) -> None:
    """Until the transaction ends nobody makes a row with this hash; who has begun is waited for."""
    size = {"width": 1, "height": 1, "size": 1}
    model.objects.bulk_create([model(digest=digest, name="", **size)])
