"""A connection that was kept is looked at before it is used again."""

import time

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="another database"),
]


@pytest.fixture
def wire():
    """The connection of this test, closed afterwards."""
    connection.ensure_connection()
    yield connection.connection
    connection.close()


def test_a_connection_that_is_well_costs_no_question(wire, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert connection.is_usable()


def test_a_connection_that_the_server_closed_is_noticed(wire):
    other = connection.copy("other")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [wire.info.backend_pid])
        deadline = time.monotonic() + 5
        while connection.is_usable() and time.monotonic() < deadline:
            time.sleep(0.01)  # until the kernel has the server's farewell
        assert not connection.is_usable()
    finally:
        other.close()


def test_a_mere_notice_does_not_end_it(wire):
    other = connection.copy("other")
    try:
        with connection.cursor() as cursor:
            cursor.execute("LISTEN ink")
        with other.cursor() as cursor:
            cursor.execute("NOTIFY ink")
        time.sleep(0.05)
        assert connection.is_usable()
    finally:
        other.close()


def test_a_closed_connection_is_not_usable(wire):
    wire.close()
    assert not connection.is_usable()
