"""Where the settings come from: the environment, `.env`, the folder of data; the site's address."""

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

TESTING = "PYTEST_VERSION" in os.environ or "test" in sys.argv[1:2]
DEBUG = env.bool("DEBUG", default=False)

# Where the embedded set-up keeps its database, media, queue and secret.
DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"DATA_DIR {DATA_DIR} cannot be made: {error.strerror}.") from error
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

# --- The site's own address -----------------------------------------------------------
# Absolute addresses are made from SITE_URL, never from a request's Host header.
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
site_address = urlsplit(SITE_URL)
if site_address.scheme not in {"http", "https"} or not site_address.hostname:
    raise ImproperlyConfigured("SITE_URL must be an address such as https://blog.example.org.")
_own_hosts = (
    [site_address.hostname, "127.0.0.1", "localhost", "[::1]"]
    if EMBEDDED
    else [site_address.hostname]
)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=_own_hosts)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
