"""What each process would load at its first request, to be loaded once before they are forked.

The first answer of a worker took a third of a second, most of it to import views and to compile
templates; workers are replaced now and then, and whoever came then had to wait for it.
"""

from pathlib import Path

from django.conf import settings
from django.db import connections
from django.template.loader import get_template
from django.urls import get_resolver
from django.utils import translation

# Those of readers; people who write wait for theirs once.
FOLDERS = ("templates", "blog/templates")


def warm() -> None:
    """Import all views, prepare the addresses of each language and compile the templates."""
    resolver = get_resolver()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            resolver.reverse_dict  # noqa: B018 (asking makes it)
    for folder in FOLDERS:
        path = Path(settings.BASE_DIR, folder)
        for file in sorted(path.rglob("*.html")):
            get_template(str(file.relative_to(path)))
    # Nothing that was opened meanwhile may be shared with those that are forked.
    connections.close_all()
