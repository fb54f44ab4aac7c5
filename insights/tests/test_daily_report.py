"""The daily report: counted once, kept, mailed to the editors."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from blog.services import submit_content
from events import reporting
from events.models import Mail
from events.reporting import Line
from insights.models import DailyReport
from insights.reports import make_due_report

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 5, 2, 6, tzinfo=UTC)  # eight in Berlin


@pytest.fixture(autouse=True)
def berlin(settings):
    settings.SITE_TIME_ZONE = "Europe/Berlin"


@pytest.fixture
def at_eight():
    with time_machine.travel(MORNING, tick=False):
        yield


def test_it_tells_what_went_live_on_the_day_before_where_the_site_is(at_eight, make_post):
    for title, time in [
        ("Too early", datetime(2026, 4, 30, 21, 59, tzinfo=UTC)),
        ("At midnight", datetime(2026, 4, 30, 22, tzinfo=UTC)),
        ("In the evening", datetime(2026, 5, 1, 21, 59, tzinfo=UTC)),
        ("Today", datetime(2026, 5, 1, 22, tzinfo=UTC)),
    ]:
        make_post(title=title, published_at=time)
    report = make_due_report(MORNING)
    assert report.day == date(2026, 5, 2)
    assert report.count_of("posts_published") == 2
    line = next(line for line in report.lines if line["key"] == "posts_published")
    assert [title for title, _ in line["details"]] == ["At midnight", "In the evening"]


def test_it_is_made_and_mailed_once(at_eight, eve, sam, ada, rita, make_user):
    make_user("mute", Role.EDITOR, email=None)
    make_user("gone", Role.EDITOR, is_active=False)
    Mail.objects.all().delete()
    first = make_due_report(MORNING)
    assert make_due_report(MORNING) == first
    assert DailyReport.objects.count() == 1
    assert set(Mail.objects.values_list("recipient__username", flat=True)) == {"eve", "sam"}
    assert Mail.objects.filter(kind="daily_report").count() == 2


def test_after_a_pause_it_tells_of_all_days_in_between(make_post):
    with time_machine.travel(MORNING, tick=False):
        make_due_report(MORNING)
    later = datetime(2026, 5, 6, 6, tzinfo=UTC)
    with time_machine.travel(later, tick=False):
        make_post(published_at=datetime(2026, 5, 3, 12, tzinfo=UTC))
        report = make_due_report(later)
    assert (report.since, report.until) == (
        datetime(2026, 5, 1, 22, tzinfo=UTC),
        datetime(2026, 5, 5, 22, tzinfo=UTC),
    )
    assert report.count_of("posts_published") == 1


def test_failures_are_told_and_counted(at_eight):
    reporting.register(Line("leaks", "Ink leaks", lambda since, until: 3, is_failure=True))
    try:
        report = make_due_report(MORNING)
    finally:
        reporting.unregister("leaks")
    assert report.failures == 3


def test_the_mail_speaks_the_language_of_its_reader(
    at_eight, eve, make_post, mailoutbox, django_capture_on_commit_callbacks
):
    post = make_post(title="Ink & <paper>", published_at=datetime(2026, 5, 1, 12, tzinfo=UTC))
    with django_capture_on_commit_callbacks(execute=True):
        make_due_report(MORNING)
    [mail] = [mail for mail in mailoutbox if mail.to == [eve.email]]
    assert "May 1, 2026" in mail.subject
    assert "Posts published: 1" in mail.body
    assert f"https://blog.test{post.get_absolute_url()}" in mail.body
    html = mail.alternatives[0][0]
    assert "Ink &amp; &lt;paper&gt;" in html
    assert "<paper>" not in html


def test_editors_read_it_and_nobody_changes_it(at_eight, client, eve, ada, make_post, cleo):
    draft = make_post(title="Waiting", draft=True, author=cleo)
    submit_content(draft, by=cleo)
    report = make_due_report(MORNING)
    page = reverse("admin:insights_dailyreport_change", args=[report.pk])
    client.force_login(eve)
    answer = client.get(page)
    assert "Posts waiting for review" in answer.content.decode()
    assert "Waiting" in answer.content.decode()
    assert client.post(page, {"day": "2020-01-01"}).status_code == 404
    assert client.get(reverse("admin:insights_dailyreport_add")).status_code == 404
    assert client.get(reverse("admin:insights_dailyreport_changelist")).status_code == 200
    client.force_login(ada)
    assert client.get(page).status_code == 404
