from pathlib import Path

from django.core.management.base import BaseCommand

from blog.models import Post, Site
from transfer.markdown.importer import Options, import_folder

SAMPLE = Path(__file__).resolve().parents[2] / "sample"


class Command(BaseCommand):
    help = "Fill a site that has no post yet with the sample posts, in English and Chinese."

    def handle(self, *args, **options) -> None:
        if Post.objects.exists():
            self.stdout.write("The site has posts already: the sample was not loaded.")
            return
        report = import_folder(SAMPLE / "site", Options(name="sample"))
        if report.skipped or report.losses:
            self.stderr.write(report.as_text())
        site = Site.current()
        if not site.tagline:
            site.tagline = "Notes on ink, paper and patient software"
            site.save(update_fields=["tagline"])
        self.stdout.write(
            f"Loaded the sample: {report.posts} posts, {report.pages} pages, "
            f"{report.authors} authors, {report.images} images."
        )
