"""Gunicorn: sync workers, on loopback unless BIND says otherwise, behind nginx in production."""

import contextlib
import gc
import os
import tempfile
from pathlib import Path

bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"

# A sync worker answers one request at a time; twice the cores and one keep the cores busy while
# some wait for the database (Gunicorn's own rule). More than nine is a matter of measuring.
_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
workers = int(os.environ.get("WEB_CONCURRENCY") or min(2 * _cores + 1, 9))
worker_class = "sync"
preload_app = True  # one start, shared memory
# nginx lets no more requests in than this at once; what comes beyond waits here for a moment.
backlog = 512

timeout = 30  # seconds; the database's own limit of 5 s ends a query long before
graceful_timeout = 30  # seconds: at least the longest request
# A leak, ours or a library's, does not live for ever. A new worker has nothing kept and takes a
# quarter of a second for its first page: at 5,000, pages that are kept met one every few seconds.
max_requests = 100_000
max_requests_jitter = 20_000

# By default Gunicorn 27 believes SCRIPT_NAME and PATH_INFO headers that come from loopback, which
# breaks routing for who sends them. Nothing in front of us may name headers of this kind.
forwarder_headers = ""
forwarded_allow_ips = ""
header_map = "refuse"
# By default it opens a control socket in the home folder, which may not be there.
control_socket_disable = True

_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (memory, not a shared /tmp)
# The heartbeat file must not wait for a disk.
worker_tmp_dir = _memory
chdir = str(Path(__file__).resolve().parent.parent)
accesslog = None  # the application writes a line for each request, with its id
loglevel = "warning"

# The workers count in files of this folder (config.metrics): it must be known before the
# application is imported.
if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(
        prefix="inkstone-metrics-", dir=_memory
    )
_metrics = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
_main_process = os.getpid()


def _empty_metrics():
    for file in _metrics.glob("*.db"):
        file.unlink(missing_ok=True)


def on_starting(server):
    """A new start: nothing counted by processes that are gone, and no wish to be left alone."""
    _metrics.mkdir(parents=True, exist_ok=True)
    _empty_metrics()
    drain = os.environ.get("DRAIN_FILE")
    if drain:
        with contextlib.suppress(OSError):
            Path(drain).unlink(missing_ok=True)


def pre_fork(server, worker):
    # What is loaded by now stays: the collector need not look through it again and again (a
    # seventh of the time of a list of posts), and its memory stays shared.
    gc.freeze()


def post_fork(server, worker):
    from config import telemetry

    telemetry.start()


def child_exit(server, worker):
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    if os.getpid() == _main_process:
        _empty_metrics()
        with contextlib.suppress(OSError):
            _metrics.rmdir()


def when_ready(server):
    """Gunicorn's own messages look like the application's; workers find all loaded."""
    import logging.config

    from django.conf import settings

    names = ("gunicorn.error", "gunicorn.access")
    loggers = {name: {"handlers": [], "propagate": True, "level": "WARNING"} for name in names}
    ours = {**settings.LOGGING["loggers"], **loggers}
    logging.config.dictConfig({**settings.LOGGING, "loggers": ours})

    from django.apps import apps

    if apps.ready:  # else it is another application that serves, as in benchmarks
        from config.warming import warm

        warm()
