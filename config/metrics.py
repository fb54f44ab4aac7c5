"""What Prometheus reads at /metrics: requests by method and route, and the work that waits.

Each Gunicorn worker counts in a file of PROMETHEUS_MULTIPROC_DIR, which deploy/gunicorn.conf.py
sets before anything is imported; an answer adds the files up.
"""

import ipaddress
import os
import secrets
from functools import lru_cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from config.work import counts

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_own = CollectorRegistry()
REQUESTS = Counter(
    "inkstone_requests", "Answers given.", ["method", "route", "status"], registry=_own
)
SECONDS = Histogram(
    "inkstone_request_seconds",
    "From the first middleware to the answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_own,
)


def route_of(request: HttpRequest) -> str:
    """The pattern that matched: few values, whatever addresses are asked for."""
    match = getattr(request, "resolver_match", None)
    return match.route if match is not None else "(none)"


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer."""
    answers, taken = _counters(method if method in METHODS else "OTHER", route, status)
    answers.inc()
    taken.observe(seconds)


@lru_cache(maxsize=2_000)
def _counters(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Those with these labels; finding them takes longer than counting."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(method, route)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For who has the token, or asks from a network of ours and not through a proxy."""
    if not may_read(request):
        raise Http404
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)
        text = generate_latest(registry)
    else:
        text = generate_latest(_own)
    return HttpResponse(text + generate_latest(_work()), content_type=CONTENT_TYPE_LATEST)


def may_read(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and secrets.compare_digest(given.encode(), token.encode()):
        return True
    # What came through a proxy came from anywhere: only who reaches this port itself is inside.
    if "HTTP_X_FORWARDED_FOR" in request.META:
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(network) for network in settings.METRICS_NETWORKS)


def _work() -> CollectorRegistry:
    """The work that waits, counted anew: rows are the same for all processes."""
    registry = CollectorRegistry()
    rows = Gauge("inkstone_work", "Work by kind and state.", ["kind", "state"], registry=registry)
    late = Gauge(
        "inkstone_work_late_seconds", "How late the oldest is.", ["kind"], registry=registry
    )
    now = timezone.now()
    for name, (_label, count) in counts().items():
        for state in ("waiting", "running", "failed", "parked"):
            rows.labels(name, state).set(getattr(count, state))
        late.labels(name).set(count.lateness(now).total_seconds())
    return registry
