"""Slow queries, ids of requests in tasks, and reporters that are not installed."""

import logging

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from structlog.contextvars import bound_contextvars, clear_contextvars, get_contextvars

from config import celery, telemetry


def test_a_slow_query_is_named_without_its_values(db, settings, caplog):
    settings.SLOW_QUERY_MS = 1e-9
    with connection.cursor() as cursor:
        cursor.execute("SELECT\n  %s", ["hunter2"])
    (record,) = [r for r in caplog.records if r.name == "config.slow_queries"]
    assert record.levelno == logging.WARNING
    assert record.getMessage().endswith("SELECT %s")
    assert "hunter2" not in record.getMessage()


def test_a_quick_query_is_not(db, settings, caplog):
    settings.SLOW_QUERY_MS = 60_000
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert [r for r in caplog.records if r.name == "config.slow_queries"] == []


class _Task:
    name = "a.task"

    class request:
        is_eager = False
        headers = None


def test_the_id_of_a_request_goes_along_with_its_task():
    headers: dict = {}
    with bound_contextvars(request_id="request-7"):
        celery._send_request_id(headers=headers)
    _Task.request.headers = headers
    try:
        celery._bind_ids(task=_Task, task_id="task-1")
        bound = get_contextvars()
    finally:
        clear_contextvars()
    assert bound == {"task": "a.task", "task_id": "task-1", "request_id": "request-7"}


def test_a_task_of_the_clock_has_no_request():
    headers: dict = {}
    celery._send_request_id(headers=headers)
    assert headers == {}


@pytest.mark.parametrize(
    ("variable", "given"),
    [
        ("SENTRY_DSN", {"sentry_dsn": "https://key@sentry.example/1", "otlp_endpoint": ""}),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", {"sentry_dsn": "", "otlp_endpoint": "http://collector"}),
    ],
)
def test_a_reporter_that_is_not_installed_ends_the_start(monkeypatch, variable, given):
    monkeypatch.setattr(telemetry, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match=f"{variable} is set but"):
        telemetry.require(**given)


def test_without_configuration_nothing_is_required(monkeypatch):
    monkeypatch.setattr(telemetry, "find_spec", lambda name: None)
    telemetry.require(sentry_dsn="", otlp_endpoint="")


def test_a_report_tells_no_secrets():
    report = {
        "request": {"cookies": {"a": "b"}, "query_string": "token=x", "url": "/a"},
        "exception": [{"value": "no mail to ada@example.org"}],
    }
    assert telemetry.without_secrets(report) == {
        "request": {"url": "/a"},
        "exception": [{"value": "no mail to [address]"}],
    }
