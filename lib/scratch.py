"""Room on this machine's disk for work that makes big files."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


@contextmanager
def folder(name: str) -> Iterator[Path]:
    """An empty folder called `name`, gone afterwards; what a killed process left there, too."""
    path = settings.PRIVATE_ROOT / "scratch" / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
