"""What people and programs are told when a part is away."""

import errno

import psycopg
import pytest
from django.db import InterfaceError, OperationalError

from config.failures import Failure, failure_of


class _DiskFull(psycopg.OperationalError):
    sqlstate = "53100"


def caused_by(error: Exception, cause: Exception | None) -> Exception:
    error.__cause__ = cause
    return error


def sqlite(text: str) -> Exception:
    import sqlite3

    return caused_by(OperationalError(text), sqlite3.OperationalError(text))


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (OperationalError("connection refused"), Failure.AWAY),
        (InterfaceError("connection already closed"), Failure.AWAY),
        (sqlite("database is locked"), Failure.AWAY),
        (sqlite("no such table: blog_post"), Failure.OURS),
        (sqlite("database or disk is full"), Failure.FULL),
        (caused_by(OperationalError("could not extend"), _DiskFull()), Failure.FULL),
        (OSError(errno.ENOSPC, "No space left on device"), Failure.FULL),
        (OSError(errno.EACCES, "Permission denied"), Failure.OURS),
        (ValueError(), Failure.OURS),
        (None, Failure.OURS),
    ],
)
def test_a_part_that_is_away_is_told_from_a_fault(error, failure):
    assert failure_of(error) is failure


@pytest.fixture
def broken(client, monkeypatch):
    """`broken(address, error)`: the answer when the site's settings cannot be read."""
    client.raise_request_exception = False

    def ask(address, error):
        def fail(*args, **kwargs):
            raise error

        monkeypatch.setattr("blog.models.Site.with_languages", fail)
        return client.get(address)

    return ask


def test_a_lost_database_is_a_503_page_with_the_id_of_the_request(broken, db):
    response = broken("/", OperationalError("refused"))
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response["X-Request-ID"] in response.content.decode()
    assert "The inkwell is being refilled." in response.content.decode()


def test_a_full_disk_is_a_507_page(broken, db):
    response = broken("/", OSError(errno.ENOSPC, "No space left on device"))
    assert response.status_code == 507
    assert "There is no room left." in response.content.decode()


def test_another_error_is_a_500_page(broken, db):
    response = broken("/", ValueError("secret detail"))
    assert response.status_code == 500
    assert "secret detail" not in response.content.decode()
