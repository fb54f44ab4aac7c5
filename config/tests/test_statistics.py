"""The database is told to count its tables, on SQLite as on PostgreSQL."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from config.jobs import _count_anew
from events import schedule


@pytest.mark.django_db
def test_the_job_counts_the_tables(make_post):
    make_post()
    assert "statistics" in [job.name for job in schedule.jobs()]
    _count_anew(datetime(2026, 5, 1, tzinfo=UTC))
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM sqlite_stat1 WHERE tbl = 'blog_post'")
            assert cursor.fetchone()[0] > 0
