"""Gunicorn: sync workers, on loopback unless BIND says otherwise, behind nginx in production."""

import os
from pathlib import Path

bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"

# A sync worker answers one request at a time; twice the cores and one keep the cores busy while
# some wait for the database (Gunicorn's own rule). More than nine is a matter of measuring.
_cores = os.cpu_count() or 1
workers = int(os.environ.get("WEB_CONCURRENCY") or min(2 * _cores + 1, 9))
worker_class = "sync"
preload_app = True  # one start, shared memory

timeout = 30  # seconds; the database's own limit of 5 s ends a query long before
graceful_timeout = 30  # seconds: at least the longest request
max_requests = 5_000  # a leak, ours or a library's, never lives long
max_requests_jitter = 1_000

# By default Gunicorn 27 believes SCRIPT_NAME and PATH_INFO headers that come from loopback, which
# breaks routing for who sends them. Nothing in front of us may name headers of this kind.
forwarder_headers = ""
forwarded_allow_ips = ""
header_map = "refuse"
# By default it opens a control socket in the home folder, which may not be there.
control_socket_disable = True

# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (memory, not a shared /tmp)
chdir = str(Path(__file__).resolve().parent.parent)
accesslog = None  # nginx has it
loglevel = "warning"
