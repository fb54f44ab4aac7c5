"""What happens beside requests: mail, webhooks, the queue and its clock."""

from config.settings.environment import DATA_DIR, env, site_address
from config.settings.storage import REDIS_URL

# --- Mail -----------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10  # seconds; a server that hangs must not hold a worker
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default=f"inkstone@{site_address.hostname}")

# --- Webhooks -------------------------------------------------------------------------
# For tests and development: endpoints on this machine, which are refused otherwise.
WEBHOOKS_ALLOW_LOOPBACK = env.bool("WEBHOOKS_ALLOW_LOOPBACK", default=False)

# A WebSub hub that is told when feeds change, and named in them; none when empty.
WEBSUB_HUB = env("WEBSUB_HUB", default="")

# --- Celery ---------------------------------------------------------------------------
_queue = DATA_DIR / "queue"
if REDIS_URL:
    CELERY_BROKER_URL = env("CELERY_BROKER_URL", default=REDIS_URL)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # Seconds; above the hard time limit of every queue (config/celery.py).
        "visibility_timeout": 3600,
        # A worker of several queues empties the first one first.
        "queue_order_strategy": "priority",
        # A broker that hangs must not hold up the save that queues something.
        "socket_connect_timeout": 1,  # second
        "socket_timeout": 2,  # seconds; a worker waits for messages one second at a time
        # Kombu alone would try again for six seconds.
        "max_retries": 0,
        "interval_start": 0,  # seconds
        "interval_step": 0,
        "interval_max": 0,
    }
else:
    for _folder in ("messages", "processed", "control"):
        (_queue / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost"  # Kombu warns of a missing host.
    CELERY_BROKER_TRANSPORT = "config.folder_queue:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "processed_folder": str(_queue / "processed"),
        "control_folder": str(_queue / "control"),
        "store_processed": False,
        "polling_interval": 0.1,  # seconds
    }
CELERY_TASK_IGNORE_RESULT = True  # Outcomes live on our own rows.
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # However long Redis is away, workers come back.
# A save must not wait for a broker that is down: the sweep finds the work in its row.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep-events-and-mail": {
        "task": "events.tasks.sweep",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "forget-answers": {
        "task": "events.tasks.forget_answers",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "send-heartbeats": {
        "task": "config.tasks.send_heartbeats",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "deliver-webhooks": {
        "task": "events.webhook_tasks.deliver_webhooks",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "sweep-image-renditions": {
        "task": "library.tasks.sweep_renditions",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "sweep-videos": {
        "task": "library.video_tasks.sweep_videos",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # Everything that runs at a time of day, or at most once however many clocks: config.jobs.
    "tick": {"task": "events.tasks.tick", "schedule": 60.0, "options": {"expires": 60}},
    "sweep-data-exports": {
        "task": "accounts.tasks.sweep_data_exports",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "erase-accounts": {
        "task": "accounts.tasks.erase_accounts",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "prune-audit-trail": {
        "task": "accounts.tasks.prune_audit_trail",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}
