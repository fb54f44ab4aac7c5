"""Making the daily report: counted once, kept, and mailed to the editors."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import translation

from accounts.models import Role, User
from events import reporting
from events.mail import queue_mail
from insights.models import DailyReport

REPORT_HOUR = 8  # where the site is
MAX_SPAN = timedelta(days=31)  # that one report may tell of, after a long pause


def make_due_report(slot: datetime) -> DailyReport:
    """Make the report of the morning `slot` falls in; the one that is there when there is one.

    It tells of the days that ended before that morning and are in no report yet: of the day
    before, or of several when the site was down. Mails and report are one transaction.
    """
    day = slot.astimezone(_zone()).date()
    with transaction.atomic():
        # Whoever comes second waits here for the first, and finds its report.
        report, is_new = DailyReport.objects.get_or_create(
            day=day, defaults={"since": slot, "until": slot}
        )
        if is_new:
            report.since, report.until = _span(day)
            report.lines = count_lines(report.since, report.until)
            report.save(update_fields=["since", "until", "lines"])
            mail_report(report)
    return report


def count_lines(since: datetime, until: datetime) -> list[dict[str, Any]]:
    """What each registered line has to say, as JSON values, in the site's language."""
    with translation.override(settings.LANGUAGE_CODE):
        return [
            {
                "key": line.key,
                "count": line.count(since, until),
                "is_failure": line.is_failure,
                "details": [list(detail) for detail in line.details(since, until)]
                if line.details
                else [],
            }
            for line in reporting.lines()
        ]


def mail_report(report: DailyReport) -> None:
    """Queue one mail for each editor and administrator who has an address."""
    for editor in editors():
        queue_mail(
            "daily_report",
            to=editor.email,
            language=editor.language,
            context=mail_context(report),
            kind="daily_report",
            dedupe_key=f"daily_report:{report.day}:{editor.pk}",
            recipient=editor,
        )


def mail_context(report: DailyReport) -> dict[str, Any]:
    """What the templates of the mail take; labels are put in words when they are rendered."""
    lines = [{**line, "label": reporting.label_of(line["key"])} for line in report.lines]
    zone = _zone()
    first = report.since.astimezone(zone).date()
    last = (report.until - timedelta(microseconds=1)).astimezone(zone).date()
    return {
        "first_day": first,
        "last_day": last,
        "is_one_day": first == last,
        "happened": [line for line in lines if not line["is_failure"]],
        "failed": [line for line in lines if line["is_failure"] and line["count"]],
        "admin_url": f"{settings.SITE_URL}/admin/",
    }


def editors():
    """Who gets the report."""
    roles = [Role.EDITOR, Role.ADMINISTRATOR]
    return (
        User.objects.filter(is_active=True, email__isnull=False, groups__name__in=roles)
        .order_by("pk")
        .distinct()
    )


def _span(day: date) -> tuple[datetime, datetime]:
    """The time that the report of `day` tells of: whole days of the site, none of them twice."""
    until = _midnight(day)
    last = DailyReport.objects.filter(day__lt=day).order_by("-day").first()
    since = last.until if last else _midnight(day - timedelta(days=1))
    return max(since, until - MAX_SPAN), until


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, _zone()).astimezone(UTC)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.SITE_TIME_ZONE)
