"""What is kept where: database, cache, sessions, static files, uploads."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.settings.environment import BASE_DIR, DATA_DIR, EMBEDDED, env

# --- Database -------------------------------------------------------------------------
if EMBEDDED:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "inkstone.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # A write takes the lock when its transaction begins, so two never deadlock.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,  # seconds
                "init_command": (
                    "PRAGMA journal_mode=WAL;"
                    "PRAGMA synchronous=NORMAL;"
                    "PRAGMA cache_size=-32000;"  # KiB
                    "PRAGMA mmap_size=268435456;"  # bytes
                ),
            },
        }
    }
else:
    if not env("DATABASE_URL").startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(
            "DATABASE_URL must be such as postgres://user:password@host:5432/name."
        )
    DATABASES = {"default": env.db("DATABASE_URL")}
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        DATABASES["default"]["ENGINE"] = "lib.postgresql"
        DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
        DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=600)
        _options = DATABASES["default"].setdefault("OPTIONS", {})
        # Seconds. A host that does not answer at all must not hold a request up for minutes.
        _options.setdefault("connect_timeout", 5)
        _options["options"] = (
            f"-c statement_timeout={env('DATABASE_STATEMENT_TIMEOUT', default='5s')}"
            " -c lock_timeout=2s"
            # Of what is prepared (see lib.statements) no plan depends on the values.
            " -c plan_cache_mode=force_generic_plan"
        )
        # How often a statement is asked before it is prepared; None: it never is.
        _prepares = env.bool("DATABASE_PREPARED_STATEMENTS", default=True)
        _options["prepare_threshold"] = 5 if _prepares else None

# --- Cache and sessions ---------------------------------------------------------------
REDIS_URL = env("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "lib.cache.FailOpenRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "inkstone",
            "OPTIONS": {"socket_timeout": 0.1, "socket_connect_timeout": 0.1},  # seconds
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache",
            # The default of 300 would throw rate-limit counters away.
            "OPTIONS": {"MAX_ENTRIES": 50_000},
        }
    }
# Sessions outlive a flushed cache, and one that was ended while Redis could not be reached must
# not come back with it: so no copy is kept there. It costs signed-in people one indexed query.
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- Static files and media -----------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(DATA_DIR / "media")))
# Files for one person alone, such as the copies of their data: no server hands these out.
PRIVATE_ROOT = Path(env("PRIVATE_ROOT", default=str(DATA_DIR / "private")))
# Images build this in with `collectstatic`; a checkout serves straight from its folders.
STATIC_BUILT = env.bool("STATIC_BUILT", default=False)
# A bucket that speaks S3 instead of MEDIA_ROOT. Its keys come from where boto3 looks for them.
MEDIA_BUCKET = env("MEDIA_BUCKET", default="")
STORAGES = {
    "default": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": MEDIA_BUCKET,
            "endpoint_url": env("MEDIA_BUCKET_ENDPOINT", default="") or None,
            "region_name": env("MEDIA_BUCKET_REGION", default="") or None,
            "default_acl": None,  # private: readers get files from the application
            "file_overwrite": True,
        },
    }
    if MEDIA_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "config.static_files.CompressedBuiltFiles"
            if STATIC_BUILT
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not STATIC_BUILT
WHITENOISE_KEEP_ONLY_HASHED_FILES = STATIC_BUILT
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000  # bytes: a 1 MB body, form-encoded, with room
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000  # bytes
# Of one video. nginx has a limit of its own for the addresses that take them.
VIDEO_MAX_MB = env.int("VIDEO_MAX_MB", default=300)
VIDEO_MAX_MINUTES = env.int("VIDEO_MAX_MINUTES", default=20)
