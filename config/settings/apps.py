"""Apps, middleware, templates, language and time."""

from django.utils.translation import gettext_lazy as _

from config.settings.environment import BASE_DIR, env

# Apps, lowest first.
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

# --- Language and time ----------------------------------------------------------------
LANGUAGE_CODE = env("SITE_LANGUAGE", default="en")
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
# What somebody without an account chose for the pages at which one is made or entered; readers'
# pages never get it.
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_PATH = "/account/"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365  # seconds
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# The zone in which people read and plan; what is stored is UTC.
SITE_TIME_ZONE = env("SITE_TIME_ZONE", default="UTC")
