"""Whether this process lives, and whether requests should be sent to it."""

import os
import time
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from config import work
from lib import status

_migrated = False


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: this process answers. It asks no other part."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Each part and what is wrong with it. 503 when no request should come here.

    `degraded` is 200: readers get every page. A monitor that wants to hear of it, too, asks for
    `?strict=1` and gets 503.
    """
    parts, lost, poor = {}, False, False
    for name, (check, required) in status.checks.items():
        if lost and not required:
            continue  # It would only say the same, slowly.
        began = time.perf_counter()
        reason = _reason(check)
        parts[name] = {
            "ok": not reason,
            **({"reason": reason} if reason else {}),
            "milliseconds": round((time.perf_counter() - began) * 1000, 1),
        }
        lost |= bool(reason) and required
        poor |= bool(reason)
    state = "unavailable" if lost else "degraded" if poor else "ready"
    refused = lost or (poor and request.GET.get("strict") == "1")
    response = JsonResponse({"status": state, "parts": parts}, status=503 if refused else 200)
    response["Cache-Control"] = "no-store"
    if refused:
        response["Retry-After"] = "5"
    return response


def _reason(check: status.Check) -> str:
    try:
        return check()
    # Whatever a check trips over: the part is not well, and the details are for the log alone.
    except Exception as error:
        return f"The check failed ({type(error).__name__})."


# --- the parts --------------------------------------------------------------------------


def check_drain() -> str:
    """Somebody is about to stop this process: see docs/operations.md."""
    draining = settings.DRAIN_FILE and Path(settings.DRAIN_FILE).exists()
    return "This process is about to be stopped." if draining else ""


def check_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def check_migrations() -> str:
    """Applied migrations stay applied: asked until the answer is yes."""
    global _migrated
    if _migrated:
        return ""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    _migrated = not plan
    return f"{len(plan)} migrations are not applied." if plan else ""


def check_cache() -> str:
    if getattr(cache, "is_gone", False):
        return "The cache does not answer."
    key = f"readyz:{os.getpid()}"
    cache.set(key, "1", 10)
    return "" if cache.get(key) == "1" else "The cache does not keep what it is given."


def check_storage() -> str:
    """Uploads can be stored. A storage elsewhere is not written to for this."""
    if not isinstance(default_storage, FileSystemStorage):
        return ""
    folder = Path(default_storage.location)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        usage = os.statvfs(folder)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"1")
        probe.unlink()
    except OSError as error:
        return f"The media folder cannot be written: {error.strerror}."
    free = usage.f_bavail * usage.f_frsize
    if free < settings.STORAGE_MIN_FREE:
        return f"The media folder has only {free // 1_000_000} MB left."
    return ""


def register() -> None:
    """Everything `/readyz` asks that no app brings."""
    status.register_check("process", check_drain, required=True)
    status.register_check("database", check_database, required=True)
    status.register_check("migrations", check_migrations, required=True)
    status.register_check("cache", check_cache)
    status.register_check("storage", check_storage)
    status.register_check("beat", work.check_beat)
    status.register_check("queues", work.check_queue_lag)
    status.register_check("overdue", work.check_overdue)
