"""The web server of `make run`: brings the site up to date, then becomes Gunicorn.

Database, cache table, sample posts and first account: quick and harmless when there is nothing
to do. One process does both, since starting Django is most of the time. What is misconfigured
ends it with one sentence.
"""

import io
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Where the workers count their requests; it must be known before anything is imported.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="inkstone-metrics-"))

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connections
from gunicorn.app import wsgiapp


def prepare() -> None:
    try:
        django.setup()
        call_command("check", stdout=io.StringIO())
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        load_sample_once()
        call_command("first_admin")
    except (ImproperlyConfigured, SystemCheckError, CommandError, DatabaseError) as error:
        sys.exit(f"Inkstone cannot start: {error}")


def load_sample_once() -> None:
    """An empty site gets something to look at."""
    from blog.models import Post  # Models exist only after django.setup().

    if not Post.objects.exists():
        call_command("load_sample")


if __name__ == "__main__":
    prepare()
    # The workers are forks: none may inherit a connection.
    connections.close_all()
    sys.argv = ["gunicorn", "-c", "deploy/gunicorn.conf.py", "config.wsgi"]
    wsgiapp.run()
