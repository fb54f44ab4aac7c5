"""The Celery application: one for web, worker and beat."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("inkstone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
