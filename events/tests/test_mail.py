"""Mail: a row first, sent once, tried again, given up with a reason."""

import smtplib
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.core import mail as outbox
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from events import postman
from events.mail import queue_mail, queue_rendered_mail
from events.models import Mail
from events.tasks import send_mail, sweep

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def templates(settings, tmp_path):
    folder = tmp_path / "templates" / "mail"
    folder.mkdir(parents=True)
    (folder / "hello.txt").write_text(
        '{% extends "mail/_base.txt" %}{% load i18n %}'
        "{% block subject %}{% translate 'Search' %}:\n {{ name }}{% endblock subject %}"
        "{% block content %}Dear {{ name }},\n\nwelcome.{% endblock content %}"
    )
    (folder / "hello.html").write_text(
        '{% extends "mail/_base.html" %}{% block content %}<p>Dear {{ name }}</p>'
        "{% endblock content %}"
    )
    settings.TEMPLATES = [
        {**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path / "templates"]}
    ]


@pytest.fixture
def letter() -> Mail:
    return queue_rendered_mail("rita@example.org", "Hello", "Text.\n", "<p>Text.</p>", kind="test")


class Failing(EmailBackend):
    """A mail server that fails as the test says."""

    while_opening: Exception | None = None
    while_sending: Exception | None = None

    def open(self):
        if self.while_opening:
            raise self.while_opening
        return True

    def send_messages(self, messages):
        if self.while_sending:
            raise self.while_sending
        return super().send_messages(messages)


@pytest.fixture
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.Failing"
    monkeypatch.setattr(Failing, "while_opening", None)
    monkeypatch.setattr(Failing, "while_sending", None)
    return Failing


def test_a_message_is_rendered_in_the_readers_language_and_sent_on_commit(
    templates, rita, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        queued = queue_mail(
            "hello",
            to="Rita <rita@example.org>",
            language="zh_Hans",
            context={"name": "Tom & Jerry"},
            kind="hello",
            recipient=rita,
        )
        assert not outbox.outbox
    (message,) = outbox.outbox
    assert message.subject == "搜索: Tom & Jerry"
    assert message.to == ["rita@example.org"]
    assert message.body.startswith("Dear Tom & Jerry,\n\nwelcome.\n\n-- \n")
    html, media_type = message.alternatives[0]
    assert media_type == "text/html"
    assert '<html lang="zh-Hans" dir="ltr">' in html
    assert "<p>Dear Tom &amp; Jerry</p>" in html
    assert message.extra_headers["Message-ID"] == queued.message_id
    queued.refresh_from_db()
    assert (queued.state, queued.text, queued.html) == ("done", "", "")


def test_a_message_goes_with_the_change_that_was_rolled_back(db):
    @transaction.atomic
    def write_and_fail():
        queue_rendered_mail("rita@example.org", "Hello", "Text.", kind="test")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert not Mail.objects.exists()


def test_a_key_sends_once(db):
    first, second = (
        queue_rendered_mail("rita@example.org", "Hello", "Text.", kind="t", dedupe_key="t:1")
        for _ in range(2)
    )
    assert first == second
    sweep()
    assert len(outbox.outbox) == 1


@pytest.mark.parametrize("address", ["", "rita", "rita@example.org\nBcc: x@y.org", "a@b@c"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValidationError):
        queue_rendered_mail(address, "Hello", "Text.", kind="test")


def test_a_line_break_in_a_subject_starts_no_header(letter):
    tricky = queue_rendered_mail("rita@example.org", "Hi\r\nBcc: x@y.org", "Text.", kind="test")
    assert tricky.subject == "Hi Bcc: x@y.org"


def test_a_mail_is_sent_once_however_often_the_task_runs(letter):
    for _ in range(3):
        send_mail(letter.pk)
    assert len(outbox.outbox) == 1


def test_a_mail_in_the_hands_of_another_worker_is_left_alone(letter):
    Mail.objects.claim(letter.pk)
    send_mail(letter.pk)
    assert not outbox.outbox


def test_a_refused_mail_is_tried_three_times_more_and_then_parked(letter, server, time_machine):
    server.while_sending = smtplib.SMTPDataError(451, b"Try later")
    time_machine.move_to(NOON, tick=False)
    Mail.objects.update(due_at=NOON, planned_at=NOON)
    waits = []
    for _ in range(4):
        send_mail(letter.pk)
        letter.refresh_from_db()
        waits.append(letter.due_at)
        time_machine.move_to(letter.due_at, tick=False)
    assert (letter.state, letter.tries) == ("parked", 4)
    assert "Try later" in letter.error
    assert letter.text == "Text.\n"
    minutes = [round((b - a) / timedelta(minutes=1), 1) for a, b in pairwise([NOON, *waits])]
    assert 0.8 <= minutes[0] <= 1.2
    assert 6.4 <= minutes[1] <= 9.6
    assert 48 <= minutes[2] <= 72
    server.while_sending = None
    assert letter.run_again()
    send_mail(letter.pk)
    assert len(outbox.outbox) == 1


def test_a_mail_that_is_refused_for_good_is_parked_at_once(letter, server):
    server.while_sending = smtplib.SMTPRecipientsRefused(
        {"rita@example.org": (550, b"No such person")}
    )
    send_mail(letter.pk)
    letter.refresh_from_db()
    assert (letter.state, letter.tries) == ("parked", 1)
    assert "No such person" in letter.error


def test_a_server_that_is_away_uses_up_no_tries(letter, server, time_machine):
    server.while_opening = ConnectionRefusedError("refused")
    moment = datetime.now(UTC)
    for _ in range(50):
        time_machine.move_to(moment := moment + timedelta(minutes=5), tick=False)
        sweep()
    letter.refresh_from_db()
    assert (letter.state, letter.tries) == ("waiting", 0)
    server.while_opening = None
    time_machine.move_to(moment + timedelta(minutes=5), tick=False)
    sweep()
    assert len(outbox.outbox) == 1


def test_a_server_that_is_away_for_days_parks_the_mail(letter, server, time_machine):
    server.while_opening = ConnectionRefusedError("refused")
    time_machine.move_to(datetime.now(UTC) + timedelta(days=4), tick=False)
    sweep()
    letter.refresh_from_db()
    assert letter.state == "parked"


def test_a_mail_in_doubt_is_shown_and_not_sent_again(letter, time_machine):
    """Its worker was killed after the server got it, before we knew."""
    Mail.objects.claim(letter.pk)
    Mail.objects.update(handed_over_at=datetime.now(UTC))
    time_machine.move_to(datetime.now(UTC) + Mail.LEASE + timedelta(seconds=1), tick=False)
    sweep()
    letter.refresh_from_db()
    assert (letter.state, letter.error) == ("parked", postman.IN_DOUBT)
    assert not outbox.outbox


def test_a_lost_connection_while_the_server_has_it_is_in_doubt(letter, server):
    server.while_sending = smtplib.SMTPServerDisconnected("closed")
    send_mail(letter.pk)
    letter.refresh_from_db()
    assert (letter.state, letter.error) == ("parked", postman.IN_DOUBT)


def test_a_worker_that_died_before_leaves_it_to_the_sweep(letter, time_machine):
    Mail.objects.claim(letter.pk)
    time_machine.move_to(datetime.now(UTC) + Mail.LEASE + timedelta(seconds=1), tick=False)
    sweep()
    assert len(outbox.outbox) == 1
