"""A connection that was kept is looked at before it is used again."""

import time

import pytest
from django.db import connection

from lib.statements import rows_of, with_constants

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
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
        deadline = time.monotonic() + 60
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


def prepared():
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_what_is_asked_often_is_prepared(wire):
    for number in range(10):
        assert rows_of("SELECT %s::int + 1", [number]) == [(number + 1,)]
    assert prepared() == ["SELECT $1::int + 1"]


def test_nothing_is_prepared_for_a_pooler_that_cannot(wire):
    wire.prepare_threshold = None
    for number in range(10):
        assert rows_of("SELECT %s::int + 1", [number]) == [(number + 1,)]
    assert prepared() == []


def test_a_column_that_got_another_type_is_read_all_the_same(wire):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept (number int)")
        cursor.execute("INSERT INTO kept VALUES (7)")
    for _ in range(10):
        assert rows_of("SELECT number FROM kept") == [(7,)]
    with connection.cursor() as cursor:  # as another process would: this one is not told
        cursor.execute("DO 'BEGIN ALTER TABLE kept ALTER number TYPE text; END'")
    assert rows_of("SELECT number FROM kept") == [("7",)]
    assert rows_of("SELECT number FROM kept") == [("7",)]


def test_queries_are_counted(wire, django_assert_num_queries):
    with django_assert_num_queries(2):
        rows_of("SELECT 1")
        rows_of("SELECT 1")


def test_constants_are_written_into_a_statement(wire):
    statement, params = with_constants(
        "SELECT %s, %s, 'a%%', %s", ["it's 100 %", 5, True], given={1}
    )
    assert statement == "SELECT 'it''s 100 %%', %s, 'a%%', true"
    assert params == [5]
    assert rows_of(statement, params) == [("it's 100 %", 5, "a%", True)]


def test_times_come_in_utc(wire):
    ((time_read,),) = rows_of("SELECT %s::timestamptz", ["2026-02-03 04:05:06.7+02"])
    assert time_read.isoformat() == "2026-02-03T02:05:06.700000+00:00"
