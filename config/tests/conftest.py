"""Pages that are given out without Django, at a time of their own."""

import pytest
import time_machine
from django.db import connections

from config.tests.fronts import NOW, Front, forget


@pytest.fixture
def front(settings, monkeypatch):
    # As Django's test client: the connection of a test is in a transaction all the time.
    monkeypatch.setattr(connections["default"], "close_if_unusable_or_obsolete", lambda: None)
    settings.PAGE_CACHE_BYTES, settings.API_KEEPS_COUNTS = 2_000_000, True
    settings.COMPRESS_PAGES = True  # which behind nginx is its work
    forget()
    with time_machine.travel(NOW, tick=False):
        yield Front()
    forget()


@pytest.fixture
def clock(front):
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller
