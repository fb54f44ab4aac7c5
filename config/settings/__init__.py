"""All settings, driven by the environment; every variable is in .env.example.

With nothing configured Inkstone runs on one machine: SQLite, the database cache, Celery's
file-system broker, everything it keeps under DATA_DIR. With DATABASE_URL and REDIS_URL it
runs on PostgreSQL and Redis with any number of hosts.

Each module has one subject; a later one may read an earlier one.
"""

from config.settings.environment import *  # isort: skip
from config.settings.apps import *  # isort: skip
from config.settings.storage import *  # isort: skip
from config.settings.people import *  # isort: skip
from config.settings.security import *  # isort: skip
from config.settings.work import *  # isort: skip
from config.settings.api import *  # isort: skip
from config.settings.observing import *  # isort: skip

if TESTING:
    # A test rolls back what it wrote, and the next one must not find it.
    API_CACHE_BYTES, API_KEEPS_COUNTS, PAGE_CACHE_BYTES = 0, False, 0
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    CELERY_TASK_ALWAYS_EAGER = True
    CELERY_TASK_EAGER_PROPAGATES = True
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    SECURE_SSL_REDIRECT = False
    API_LIMITS = dict.fromkeys(API_LIMITS, 1_000_000)
    SITE_URL = "https://blog.test"
    if DATABASES["default"]["ENGINE"] == "lib.postgresql":
        # What readers wait for at most is no measure for a machine that runs eight tests at once.
        # Of two settings the last one counts.
        DATABASES["default"]["OPTIONS"]["options"] += (
            " -c statement_timeout=120s -c lock_timeout=60s"
        )
    ALLOWED_HOSTS = ["testserver", "blog.test", "localhost", "127.0.0.1"]
