"""Fills an empty database with a blog: python -m wagtail_site.make POSTS"""

import datetime
import os
import random
import sys

import django

from benchmarks.content import sentence


def make_site(count: int) -> None:
    """`count` posts of about 6 KB below one index, which is the site's home page."""
    from django.utils import timezone
    from wagtail.models import Page, Site
    from wagtail_site.models import PostIndexPage, PostPage

    chance, now = random.Random(2026), timezone.now()
    root = Page.get_first_root_node()
    index = root.add_child(instance=PostIndexPage(title="Blog", slug="blog"))
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "127.0.0.1", "root_page": index}
    )
    for number in range(count):
        when = now - datetime.timedelta(hours=count - number)
        text = "".join(
            f"<p>{''.join(sentence(chance, False) for _ in range(5))}</p>" for _ in range(16)
        )
        index.add_child(
            instance=PostPage(
                title=f"{sentence(chance, False)[:60]} {number}",
                slug=f"post-{number}",
                date=when.date(),
                first_published_at=when,
                intro=sentence(chance, False),
                body=text,
            )
        )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wagtail_site.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction
    from wagtail.signal_handlers import disable_reference_index_auto_update

    call_command("migrate", verbosity=0, interactive=False)
    connection.cursor().execute("PRAGMA journal_mode = WAL")
    with transaction.atomic(), disable_reference_index_auto_update():
        make_site(int(sys.argv[1]))
    connection.cursor().execute("ANALYZE")
