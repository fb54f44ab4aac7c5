import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from lib.statistics import refresh_statistics
from transfer.markdown.dialects import language_tag
from transfer.markdown.importer import Options, import_folder


class Command(BaseCommand):
    help = (
        "Import a blog kept as Markdown files: Jekyll, Hugo, Zola or Hexo. Running it again brings "
        "in what is new or changed. See docs/importing.md."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("folder", help="The site: the folder with content/ or _posts/.")
        parser.add_argument("--dry-run", action="store_true", help="Report, but store nothing.")
        parser.add_argument("--report", metavar="FILE", help="Write the report as JSON.")
        parser.add_argument(
            "--source", default="", help="What to call this source (the folder's name by default)."
        )
        parser.add_argument(
            "--as", dest="author", metavar="USERNAME", help="Author of posts that name none."
        )
        parser.add_argument(
            "--language", default="", metavar="xx", help="Language of posts that name none."
        )
        parser.add_argument(
            "--site", default="", metavar="URL", help="The old site: links to it become our own."
        )

    def handle(self, *args, folder: str, **options) -> None:
        path = Path(folder)
        if not path.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        if options["language"] and not language_tag(options["language"]):
            raise CommandError(f"{options['language']} is no language, such as en or zh-hans.")
        if options["site"] and not options["site"].startswith(("http://", "https://")):
            raise CommandError("--site wants an address such as https://blog.example.org.")
        target = Path(options["report"]) if options["report"] else None
        if target and not target.resolve().parent.is_dir():
            raise CommandError(f"There is no folder {target.resolve().parent} for the report.")
        choices = Options(
            name=(options["source"] or path.resolve().name)[:200],
            author=self._author(options["author"]),
            language=options["language"],
            site=options["site"],
            dry_run=options["dry_run"],
        )
        progress = self._show if sys.stderr.isatty() and options["verbosity"] else None
        try:
            report = import_folder(path, choices, progress)
        except KeyboardInterrupt:
            self.stderr.write("\nInterrupted. Run it again to go on where it stopped.")
            sys.exit(130)
        except OSError as error:
            raise CommandError(f"{folder} cannot be read: {error.strerror}.") from error
        refresh_statistics()
        if progress:
            self.stderr.write("\r\033[K", ending="")
        if options["verbosity"]:
            self.stdout.write(report.as_text(), ending="")
        if target:
            target.write_text(report.as_json(), "utf-8")

    def _author(self, login: str | None) -> User | None:
        if not login:
            return None
        user = User.objects.by_login(login).first()
        if user is None:
            raise CommandError(f"There is no user {login}.")
        return user

    def _show(self, done: int, total: int, path: str) -> None:
        if done % 5 == 0 or done == total:
            name = path if len(path) <= 60 else "…" + path[-59:]
            self.stderr.write(f"\r\033[K{done}/{total} {name}", ending="")
            self.stderr.flush()
