"""Brings the site of `make run` up to date: database, cache table, sample posts, first account.

Quick and harmless when there is nothing to do. What is misconfigured ends it with one sentence.
"""

import io
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        django.setup()
        call_command("check", stdout=io.StringIO())
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("load_sample")
        call_command("first_admin")
    except (ImproperlyConfigured, SystemCheckError, CommandError, DatabaseError) as error:
        sys.exit(f"Inkstone cannot start: {error}")


if __name__ == "__main__":
    main()
