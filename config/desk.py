"""What an operator should know, for the first page of the admin and for `/readyz`."""

from dataclasses import dataclass

from django.template.defaultfilters import date as format_date
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import work
from events import schedule
from lib import status
from transfer.models import BackupRun


@dataclass(frozen=True)
class Note:
    """One line about the state of the site; `address` is where there is more."""

    text: str
    is_bad: bool = False
    address: str = ""


def notes(user) -> list[Note]:
    """What `user` may know of backups, drills and jobs, the bad first."""
    found: list[Note] = []
    if user.has_perm("transfer.view_backuprun"):
        found += _of_backups(reverse("admin:transfer_backuprun_changelist"))
    if user.has_perm("events.view_scheduledjob"):
        found += [
            Note(
                _("%(job)s is overdue: %(reason)s")
                % {"job": late.job.title, "reason": late.reason},
                is_bad=True,
            )
            for late in schedule.overdue()
        ]
    if user.has_perm("events.view_receipt"):
        given_up = work.given_up()
        if given_up:
            text = ngettext(
                "%d piece of work was given up.", "%d pieces of work were given up.", given_up
            )
            found.append(Note(text % given_up, is_bad=True, address=reverse("admin:work")))
    return sorted(found, key=lambda note: not note.is_bad)


def quick_links(user) -> list[tuple[str, str]]:
    """What people come here for most: words and addresses, only what `user` may open."""
    links = [
        (_("Write a post"), "admin:blog_post_add", "blog.add_post"),
        (_("Write a page"), "admin:blog_page_add", "blog.add_page"),
        (_("Calendar"), "admin:blog_post_calendar", "blog.add_post"),
        (_("Upload pictures"), "admin:library_image_upload", "library.add_image"),
        (_("Work that is done later"), "admin:work", "events.view_receipt"),
    ]
    found = [(text, reverse(name)) for text, name, right in links if user.has_perm(right)]
    return [*found, (_("See the site"), reverse("blog:home"))]


def _of_backups(address: str) -> list[Note]:
    backup = BackupRun.objects.latest_of(BackupRun.Kind.BACKUP, good=True)
    drill = BackupRun.objects.latest_of(BackupRun.Kind.DRILL)
    if backup:
        first = Note(_("Last backup: %s") % _day(backup), address=address)
    else:
        first = Note(_("No backup was made on this machine yet."), address=address)
    if drill is None:
        return [first]
    text = _("Last restore drill: %s") if drill.is_good else _("The restore drill of %s failed.")
    return [first, Note(text % _day(drill), not drill.is_good, address)]


def _day(run: BackupRun) -> str:
    return format_date(timezone.localtime(run.ended_at), "DATETIME_FORMAT")


# --- what /readyz says of it ------------------------------------------------------------


def check_drill() -> str:
    """The last restore that was tried out went well; "" as well before the first."""
    drill = BackupRun.objects.latest_of(BackupRun.Kind.DRILL)
    if drill is None or drill.is_good:
        return ""
    return f"The restore drill of {drill.started_at:%Y-%m-%d} failed."


def check_schedule() -> str:
    """Every job of the clock was run in time."""
    late = [job.job.name for job in schedule.overdue()]
    return f"Overdue: {', '.join(late)}." if late else ""


def register() -> None:
    status.register_check("restore_drill", check_drill)
    status.register_check("schedule", check_schedule)
