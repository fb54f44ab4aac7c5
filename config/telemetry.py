"""Sentry and OpenTelemetry, off unless configured. Their packages are in requirements-extras.txt.

`require()` ends the start with a sentence when something is configured that is not installed;
`start()` is called in each process that works, after it was forked.
"""

from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured

from config.logs import scrubbed

HINT = "install the extras: pip install --require-hashes -r requirements-extras.txt"


def require(*, sentry_dsn: str, otlp_endpoint: str) -> None:
    """Raise ImproperlyConfigured for what is configured and not installed."""
    wanted = {"SENTRY_DSN": (sentry_dsn, "sentry_sdk")} | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": (otlp_endpoint, "opentelemetry")
    }
    for variable, (value, package) in wanted.items():
        if value and find_spec(package) is None:
            raise ImproperlyConfigured(f"{variable} is set but {package} is missing; {HINT}")


def start() -> None:
    """Begin to report from this process, as far as it is configured."""
    from django.conf import settings  # The settings import this module.

    if settings.SENTRY_DSN:
        _start_sentry(settings.SENTRY_DSN)
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        _start_opentelemetry()


def _start_sentry(dsn: str) -> None:
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=lambda event, hint: without_secrets(event),
    )


def _start_opentelemetry() -> None:
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "inkstone"}))
    # Reads OTEL_EXPORTER_OTLP_ENDPOINT and its relatives from the environment by itself.
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument()


def without_secrets(value):
    """A report (nested dicts, lists and texts) without tokens and addresses of people."""
    if isinstance(value, dict):
        dropped = {"cookies", "Cookie", "Authorization", "query_string", "data"}
        return {k: without_secrets(v) for k, v in value.items() if k not in dropped}
    if isinstance(value, (list, tuple)):
        return [without_secrets(item) for item in value]
    return scrubbed(value) if isinstance(value, str) else value
