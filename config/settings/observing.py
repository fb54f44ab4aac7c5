"""Logs, health, metrics."""

from django.core.exceptions import ImproperlyConfigured

from config import telemetry
from config.logs import logging_config
from config.settings.environment import env

# --- Logs -----------------------------------------------------------------------------
try:
    LOGGING = logging_config(env("LOG_LEVEL", default="INFO"), env("LOG_FORMAT", default=""))
except ValueError as error:
    raise ImproperlyConfigured(str(error)) from error

# --- How it is ------------------------------------------------------------------------
# While this file is there, /readyz asks for no more requests.
DRAIN_FILE = env("DRAIN_FILE", default="")
# Who may read /metrics: whoever has the token, and these networks when they ask directly.
METRICS_TOKEN = env("METRICS_TOKEN", default="")
METRICS_NETWORKS = env.list("METRICS_NETWORKS", default=["127.0.0.0/8", "::1/128"])
SLOW_QUERY_MS = env.int("SLOW_QUERY_MS", default=500)
STORAGE_MIN_FREE = env.int("STORAGE_MIN_FREE", default=200_000_000)  # bytes
SENTRY_DSN = env("SENTRY_DSN", default="")
OTEL_EXPORTER_OTLP_ENDPOINT = env("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
telemetry.require(sentry_dsn=SENTRY_DSN, otlp_endpoint=OTEL_EXPORTER_OTLP_ENDPOINT)
