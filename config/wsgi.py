"""The WSGI entry point for Gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_wsgi_application()

# What follows needs the settings.
from config.front import KeptPages  # noqa: E402

application = KeptPages(django_application)
