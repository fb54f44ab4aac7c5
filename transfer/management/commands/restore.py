from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from transfer.backup.archive import BackupError
from transfer.backup.restore import SiteNotEmpty, restore_backup
from transfer.management.progress import Progress

NOT_EMPTY = 3  # the exit status; anything else that goes wrong is 1


class Command(BaseCommand):
    help = (
        "Fill this empty site from a backup: all of it, or nothing. Stop the site first. Ends with "
        "status 3 when the site is not empty, with 1 when the file is not whole."
    )

    # It must work when something else does not.
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", help="What `manage.py backup` wrote.")
        parser.add_argument(
            "--keep-work",
            action="store_true",
            help="Send the mails and webhooks that waited. Only when the old site did nothing "
            "since the backup, as when it moves.",
        )

    def handle(self, *args, file: str, keep_work: bool, **options) -> None:
        progress = Progress(self.stderr, options["verbosity"])
        try:
            summary = restore_backup(Path(file), progress, keep_work=keep_work)
        except SiteNotEmpty as error:
            raise CommandError(str(error), returncode=NOT_EMPTY) from error
        except BackupError as error:
            raise CommandError(f"Nothing was restored. {error}") from error
        except (DatabaseError, OSError) as error:
            raise CommandError(f"The restore ended early: {error}") from error
        finally:
            progress.end()
        if options["verbosity"]:
            self.stdout.write(f"Restored: {summary}")
            for line in self._differences(summary.header["settings"]):
                self.stdout.write(line)

    def _differences(self, told: dict) -> list[str]:
        """The settings that were otherwise where the backup was made."""
        return [
            f"Setting {name}: {value!r} there, {getattr(settings, name, None)!r} here."
            for name, value in told.items()
            if getattr(settings, name, None) != value
        ]
