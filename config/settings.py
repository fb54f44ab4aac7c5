"""All settings, driven by the environment; every variable is in .env.example.

With nothing configured Inkstone runs on one machine: SQLite, the database cache, Celery's
file-system broker, everything it keeps under DATA_DIR. With DATABASE_URL and REDIS_URL it
runs on PostgreSQL and Redis with any number of hosts.
"""

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import telemetry
from config.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

TESTING = "PYTEST_VERSION" in os.environ or "test" in sys.argv[1:2]
DEBUG = env.bool("DEBUG", default=False)

# Where the embedded set-up keeps its database, media, queue and secret.
DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
# Nothing configured but the folder: one machine, no services.
EMBEDDED = not env("DATABASE_URL", default="")


def _kept_secret(path: Path) -> str:
    """The secret of an embedded installation: made once, readable by its owner only."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
    return path.read_text().strip()


SECRET_KEY = env("SECRET_KEY", default="")
if not SECRET_KEY:
    if not EMBEDDED:
        raise ImproperlyConfigured("Set the SECRET_KEY environment variable.")
    SECRET_KEY = _kept_secret(DATA_DIR / "secret_key")
# Former ones: what they signed or sealed stays readable.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# --- The site's own address -------------------------------------------------------------
# Absolute addresses are made from SITE_URL, never from a request's Host header.
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
_site = urlsplit(SITE_URL)
if _site.scheme not in {"http", "https"} or not _site.hostname:
    raise ImproperlyConfigured("SITE_URL must be an address such as https://blog.example.org.")
_own_hosts = [_site.hostname, "127.0.0.1", "localhost", "[::1]"] if EMBEDDED else [_site.hostname]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=_own_hosts)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])

# --- Apps, lowest first -----------------------------------------------------------------
INSTALLED_APPS = [
    "events",
    "accounts",
    "library",
    "blog",
    "insights",
    "transfer",
    "config.apps.ConfigConfig",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "config.apps.InkstoneAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "lib.csp.SteadyCSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.RequestGuardMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "blog.api.cache.AnonymousReadMiddleware",
    "blog.short_way.AnonymousPageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "blog.middleware.SiteLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.PrivateResponseMiddleware",
    "blog.middleware.PersonLanguageMiddleware",
    "accounts.middleware.AuditMiddleware",
    "accounts.sign_in_limits.SignInLimitMiddleware",
    "accounts.doors.middleware.AccountPagesMiddleware",
    "accounts.doors.middleware.SessionUseMiddleware",
    "accounts.middleware.FirstPasswordMiddleware",
    "accounts.doors.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Innermost: it must see a 404 before CommonMiddleware turns it into a slash redirect.
    "blog.middleware.OldAddressMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "blog.context_processors.site",
            ],
        },
    }
]

# --- Database ---------------------------------------------------------------------------
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
    DATABASES = {"default": env.db("DATABASE_URL")}
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        DATABASES["default"]["ENGINE"] = "lib.postgresql"
        DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
        DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=600)
        _options = DATABASES["default"].setdefault("OPTIONS", {})
        _options["options"] = (
            f"-c statement_timeout={env('DATABASE_STATEMENT_TIMEOUT', default='5s')}"
            " -c lock_timeout=2s"
            # Of what is prepared (see lib.statements) no plan depends on the values.
            " -c plan_cache_mode=force_generic_plan"
        )
        # How often a statement is asked before it is prepared; None: it never is.
        _prepares = env.bool("DATABASE_PREPARED_STATEMENTS", default=True)
        _options["prepare_threshold"] = 5 if _prepares else None

# --- Cache and sessions -----------------------------------------------------------------
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

# --- People -----------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailOrUsernameBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/account/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.MaximumLengthValidator"},
]
# Whether visitors may make accounts for themselves.
SIGN_UP_OPEN = env.bool("SIGN_UP_OPEN", default=True)
# Who must have a second factor: staff, everyone, or names of roles. Empty: nobody must.
REQUIRE_SECOND_FACTOR = env.list("REQUIRE_SECOND_FACTOR", default=[])

# allauth carries the pages of signing up and in; its limits are off, because ours count for the
# API and the admin as well (accounts/limits.py).
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 900  # seconds
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900  # seconds
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ACCOUNT_FORMS = {
    "login": "accounts.doors.forms.SignInForm",
    "signup": "accounts.doors.forms.SignUpForm",
    "add_email": "accounts.doors.forms.ChangeAddressForm",
    "confirm_email_verification_code": "accounts.doors.forms.ConfirmAddressForm",
    "request_login_code": "accounts.doors.forms.AskForCodeForm",
    "confirm_login_code": "accounts.doors.forms.ConfirmCodeForm",
    "reset_password": "accounts.doors.forms.AskForResetForm",
    "reset_password_from_key": "accounts.doors.forms.NewPasswordForm",
    "set_password": "accounts.doors.forms.SetPasswordForm",
    "change_password": "accounts.doors.forms.ChangePasswordForm",
    "reauthenticate": "accounts.doors.forms.ReauthenticateForm",
}
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds, for clocks that go wrong
MFA_FORMS = {
    "authenticate": "accounts.doors.forms.CodeForm",
    "reauthenticate": "accounts.doors.forms.ReauthenticateByCodeForm",
    "activate_totp": "accounts.doors.forms.ActivateTOTPForm",
    "add_webauthn": "accounts.doors.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.doors.forms.RenamePasskeyForm",
    "login_webauthn": "accounts.doors.forms.SignInByPasskeyForm",
    "authenticate_webauthn": "accounts.doors.forms.SecondFactorPasskeyForm",
    "reauthenticate_webauthn": "accounts.doors.forms.ReauthenticateByPasskeyForm",
}
# What apps sign in with; see accounts/jwt.py and accounts/tokens.py.
ACCESS_TOKEN_SECONDS = env.int("ACCESS_TOKEN_SECONDS", default=900)
REFRESH_TOKEN_SECONDS = env.int("REFRESH_TOKEN_SECONDS", default=14 * 86_400)
JWT_ALGORITHM = env("JWT_ALGORITHM", default="HS256")
_key_file = env("JWT_PRIVATE_KEY_FILE", default="")
JWT_PRIVATE_KEY = Path(_key_file).read_text() if _key_file else env("JWT_PRIVATE_KEY", default="")
JWT_PRIVATE_KEY = JWT_PRIVATE_KEY.replace("\\n", "\n")
JWT_FORMER_PUBLIC_KEYS = [
    Path(name).read_text() for name in env.list("JWT_FORMER_PUBLIC_KEY_FILES", default=[])
]
# How long the audit trail is kept.
AUDIT_DAYS = env.int("AUDIT_DAYS", default=365)
# How long posts and pages stay in the bin; 0 keeps them there.
TRASH_DAYS = env.int("TRASH_DAYS", default=30)

# --- Language and time ------------------------------------------------------------------
LANGUAGE_CODE = env("SITE_LANGUAGE", default="en")
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# The zone in which people read and plan; what is stored is UTC.
SITE_TIME_ZONE = env("SITE_TIME_ZONE", default="UTC")

# --- Static files and media -------------------------------------------------------------
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

# --- Security ---------------------------------------------------------------------------
_https = _site.scheme == "https"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=_https)
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
# How many proxies of ours append to X-Forwarded-For. 0: nobody's word is taken for an address.
TRUSTED_PROXY_COUNT = ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if _https else 0)
# These bind every other host below the domain, and browsers remember it for a year: only the
# owner of the domain can know whether all of them speak HTTPS.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Mail -------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10  # seconds; a server that hangs must not hold a worker
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default=f"inkstone@{_site.hostname}")

# --- Webhooks ---------------------------------------------------------------------------
# For tests and development: endpoints on this machine, which are refused otherwise.
WEBHOOKS_ALLOW_LOOPBACK = env.bool("WEBHOOKS_ALLOW_LOOPBACK", default=False)

# A WebSub hub that is told when feeds change, and named in them; none when empty.
WEBSUB_HUB = env("WEBSUB_HUB", default="")

# --- Celery -----------------------------------------------------------------------------
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

# --- API --------------------------------------------------------------------------------
# Requests a minute by one client; see lib.api.throttles.
API_LIMITS = {
    "anonymous": env.int("API_LIMIT_ANONYMOUS", default=600),
    "user": env.int("API_LIMIT_USER", default=1_200),
    "search": env.int("API_LIMIT_SEARCH", default=120),
    "write": env.int("API_LIMIT_WRITE", default=300),
    "upload": env.int("API_LIMIT_UPLOAD", default=60),
    "token": env.int("API_LIMIT_TOKEN", default=60),
}
# Whether every change must say by If-Match from which version it started.
API_REQUIRE_IF_MATCH = env.bool("API_REQUIRE_IF_MATCH", default=False)
# Sites whose scripts may call the API from a browser, with a token: no cookie is let through.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "content-type", "idempotency-key", "if-match"),
    *("if-modified-since", "if-none-match", "prefer", "x-request-id"),
]
CORS_EXPOSE_HEADERS = [
    *("deprecation", "etag", "idempotent-replayed", "last-modified", "link", "location"),
    *("preference-applied", "ratelimit", "ratelimit-policy", "retry-after", "sunset"),
    "x-request-id",
]
CORS_PREFLIGHT_MAX_AGE = 7_200  # seconds
# Each process keeps answers for anonymous clients in as much memory; 0 keeps none. They are
# checked against the database at each request: nothing stale is served.
API_CACHE_BYTES = env.int("API_CACHE_BYTES", default=16_000_000)
# How many posts a list has is counted once in each state of all content.
API_KEEPS_COUNTS = True
# The same for whole pages of readers without cookie or token: see blog.page_cache.
PAGE_CACHE_BYTES = env.int("PAGE_CACHE_BYTES", default=32_000_000)
# Whether such pages are sent compressed. A proxy does it for all answers alike.
COMPRESS_PAGES = env.bool("COMPRESS_PAGES", default=SECURE_PROXY_SSL_HEADER is None)
# Font files for the pictures of shared posts, asked before those that the machine has.
CARD_FONTS = env.list("CARD_FONTS", default=[])
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticatedOrReadOnly",
        "lib.api.scopes.TokenScope",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["lib.api.throttles.ClientThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["lib.api.renderers.FastJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "lib.api.negotiation.QuickNegotiation",
    "DEFAULT_PARSER_CLASSES": ["lib.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "lib.api.pagination.ListPagination",
    "EXCEPTION_HANDLER": "config.errors.problem_details",
    "DEFAULT_SCHEMA_CLASS": "config.schema.auto.Schema",
    # Formats are chosen by Accept; `format` is an unknown parameter like any other.
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": TRUSTED_PROXY_COUNT,
}
# Whether /api/docs/ and /api/redoc/ are there. The schema itself always is.
API_DOCS = env.bool("API_DOCS", default=True)
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Inkstone",
    "VERSION": "1",
    "DESCRIPTION": (
        "The content of the site and the rules of its admin, for programs. Anyone reads what is "
        "live; a token or a session opens what its owner may see and do. Whatever one may not see "
        "is a 404. Refusals are problem documents (RFC 9457)."
    ),
    "SERVERS": [{"url": SITE_URL}],
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_SUFFIX": "",
    "ENUM_NAME_OVERRIDES": {
        "ContentState": "blog.models.Content.State",
        "ContentStatus": "blog.models.Content.Status",
        "Visibility": "blog.models.Content.Visibility",
        "DeliveryState": "events.models.WebhookDelivery.State",
        "BulkStep": "blog.api.inputs.STEPS",
        "ChangeKind": ["upsert", "delete"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.schema.finishing.finish",
    ],
}

# --- Logs -------------------------------------------------------------------------------
try:
    LOGGING = logging_config(env("LOG_LEVEL", default="INFO"), env("LOG_FORMAT", default=""))
except ValueError as error:
    raise ImproperlyConfigured(str(error)) from error

# --- How it is --------------------------------------------------------------------------
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
    ALLOWED_HOSTS = ["testserver", "blog.test", "localhost", "127.0.0.1"]
