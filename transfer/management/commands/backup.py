import sys
from contextlib import suppress
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError, transaction

from transfer.backup.archive import BackupError
from transfer.backup.check import check_backup
from transfer.backup.write import Summary, whole_file, write_backup
from transfer.management.progress import Progress
from transfer.models import BackupRun


class Command(BaseCommand):
    help = (
        "Write database, uploads and settings into one file, while the site goes on. It holds "
        "password hashes and second factors: keep it as safe as the site. See docs/operations.md."
    )

    # It must work when something else does not.
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", help="What to write, or to check; - is the standard output.")
        parser.add_argument("--check", action="store_true", help="Read FILE; change nothing.")

    def handle(self, *args, file: str, check: bool, **options) -> None:
        progress = Progress(self.stderr, options["verbosity"])
        try:
            if check:
                summary = check_backup(Path(file), progress)
            elif file == "-":
                began = BackupRun(kind=BackupRun.Kind.BACKUP)
                summary = write_backup(sys.stdout.buffer, progress)
                sys.stdout.buffer.flush()
                self._remember(began, summary)
            else:
                summary = self._write(Path(file), progress)
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        except OperationalError as error:
            said = str(error).strip().splitlines()[0]
            raise CommandError(f"Nothing was written. The database failed: {said}") from error
        finally:
            progress.end()
        say = self.stderr if file == "-" else self.stdout
        for name in summary.left_out:
            self.stderr.write(f"Left out: {name}")
        say.write(f"{'Whole' if check else 'Written'}: {summary}")

    def _write(self, path: Path, progress: Progress) -> Summary:
        if not path.resolve().parent.is_dir():
            raise CommandError(f"There is no folder {path.resolve().parent}.")
        run = BackupRun(kind=BackupRun.Kind.BACKUP, path=str(path.resolve()))
        with whole_file(path.resolve()) as out:
            summary = write_backup(out, progress)
        self._remember(run, summary)
        return summary

    def _remember(self, run: BackupRun, summary: Summary) -> None:
        # The table is missing before the migrations of an upgrade: the backup is good all the same.
        with suppress(DatabaseError), transaction.atomic():
            run.end(
                sha256=summary.sha256,
                size=summary.bytes,
                rows=summary.rows,
                files=summary.media["files"],
            )
