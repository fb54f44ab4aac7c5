from contextlib import suppress

from django.core.management.base import BaseCommand

from blog.models import Page, Post
from blog.services import rebuild
from lib.markdown import RENDERER_VERSION


class Command(BaseCommand):
    help = (
        "Derive HTML, text, excerpt and counts anew from the Markdown of posts and pages that an "
        "older renderer made. Safe to run while the site is up, and again after an interruption."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="Also what this version of the renderer made."
        )

    def handle(self, *args, **options) -> None:
        rebuilt = 0
        for model in (Post, Page):
            outdated = model.objects.order_by("pk")
            if not options["all"]:
                outdated = outdated.exclude(renderer_version=RENDERER_VERSION)
            # The keys alone: a whole blog need not fit into memory.
            for pk in list(outdated.values_list("pk", flat=True)):
                # Somebody may have deleted it since we looked.
                with suppress(model.DoesNotExist):
                    rebuild(model(pk=pk))
                    rebuilt += 1
        self.stdout.write(f"Rebuilt {rebuilt}.")
