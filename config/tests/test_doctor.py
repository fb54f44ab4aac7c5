"""The doctor: what it finds, that it shows no secret, and how it ends."""

import json
import os
import subprocess
import sys
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import OperationalError, models
from django.db.migrations import Migration, operations
from django.utils import timezone

from config import work
from config.checks import site_time_zone_exists
from config.doctor import examinations, preflight
from config.doctor.findings import Finding, Level, examine
from config.doctor.headers import of_headers
from config.management.commands import doctor
from events import schedule
from events.models import ScheduledJob
from tests.shared import ROOT
from transfer.models import BackupRun

pytestmark = pytest.mark.django_db


def levels(examination) -> list[Level]:
    return [found.level for found in examine("part", examination)]


@pytest.fixture
def healthy(settings, tmp_path):
    """An installation with nothing to complain of."""
    settings.DATA_DIR = settings.PRIVATE_ROOT = tmp_path
    settings.EMAIL_BACKEND = "elsewhere.mail.EmailBackend"
    settings.STORAGE_MIN_FREE = 0
    work.keep_heartbeat("now", timezone.now())
    BackupRun(kind=BackupRun.Kind.BACKUP).end()
    BackupRun(kind=BackupRun.Kind.DRILL).end()


def run(capsys, *arguments: str) -> tuple[int, str]:
    try:
        call_command("doctor", *arguments)
    except SystemExit as end:
        return end.code, capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_it_ends_well_when_nothing_failed(healthy, monkeypatch, capsys):
    only = {"part": lambda: [Finding("part", Level.WARNING, "Hm.", "Do.")]}
    monkeypatch.setattr(doctor, "EXAMINATIONS", only)
    status, said = run(capsys)
    assert status == 0
    assert "WARN  part: Hm.\n      -> Do.\n" in said


def test_it_tells_whether_videos_can_be_taken(monkeypatch):
    for is_there, level in ((True, Level.OK), (False, Level.WARNING)):
        monkeypatch.setattr("lib.video.is_available", lambda is_there=is_there: is_there)
        assert levels(examinations.of_videos) == [level]


def test_one_that_failed_makes_it_end_with_1(healthy, capsys):
    ScheduledJob.objects.create(name="clean_up", slot=timezone.now() - timedelta(days=1))
    status, said = run(capsys, "--json")
    answer = json.loads(said)
    assert status == 1
    assert answer["healthy"] is False
    [late] = [found for found in answer["findings"] if found["part"] == "schedule"]
    assert late["level"] == "failed"
    assert "clean_up" in late["text"]
    assert set(late) == {"part", "level", "text", "advice"}


def test_it_shows_no_secret(settings, capsys):
    settings.EMAIL_HOST_PASSWORD = "hunter2-hunter2"

    def fail():
        raise OperationalError(f"login with hunter2-hunter2 and {settings.SECRET_KEY} failed\nmore")

    [found] = examine("database", fail)
    assert found.text == "Could not be examined: OperationalError: login with *** and *** failed"
    for arguments in ([], ["--json"], ["--upgrade"]):
        _status, said = run(capsys, *arguments)
        assert settings.SECRET_KEY not in said


def test_settings_that_harm_a_public_site(settings):
    settings.SITE_URL = "http://blog.example.org"
    settings.DEBUG = True
    found = examine("settings", examinations.of_settings)
    assert [each.level for each in found[:2]] == [Level.FAILED, Level.WARNING]
    assert "in the clear" in found[1].text


def test_a_database_that_is_away_is_said_once(monkeypatch, capsys):
    def away():
        yield Finding("database", Level.FAILED, "It cannot be used.")

    asked = []
    seen = {name: lambda name=name: asked.append(name) or iter(()) for name in doctor.EXAMINATIONS}
    monkeypatch.setattr(doctor, "EXAMINATIONS", {**seen, "database": away})
    monkeypatch.setattr(doctor, "of_headers", lambda address: iter(()))
    status, said = run(capsys)
    assert status == 1
    assert said.count("FAIL") == 1
    assert set(asked) == set(seen) - {"database"} - set(doctor.NEED_DATABASE)


def test_a_database_that_refuses_is_a_finding_with_advice(monkeypatch):
    def refuse():
        raise OperationalError("connection refused\nIs it running?")

    monkeypatch.setattr(examinations.connection, "cursor", refuse)
    [found] = examine("database", examinations.of_database)
    assert (found.level, found.text) == (Level.FAILED, "It cannot be used: connection refused")
    assert "DATABASE_URL" in found.advice


def test_without_a_cache_nobody_knows_of_workers(healthy, monkeypatch):
    monkeypatch.setattr("config.health.check_cache", lambda: "The cache does not answer.")
    assert levels(examinations.of_workers) == [Level.SKIPPED]


def test_a_folder_on_something_without_a_size(settings, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=0, total=0))
    assert set(levels(examinations.of_disks)) == {Level.FAILED}


def test_a_time_zone_that_does_not_exist_is_said_by_name(settings):
    settings.SITE_TIME_ZONE = "Mars/Olympus"
    [found] = site_time_zone_exists(None)
    assert "Mars/Olympus" in found.msg


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("DATABASE_URL", "nonsense", "postgres://user:password@host:5432/name"),
        ("DATA_DIR", "/dev/null/var", "DATA_DIR /dev/null/var cannot be made"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL is one of"),
        ("SITE_URL", "blog.example.org", "SITE_URL must be"),
    ],
)
def test_a_wrong_variable_is_a_sentence(variable, value, told, tmp_path):
    """No list of our own files for somebody who mistyped a line."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given = {"DATA_DIR": str(tmp_path), "SECRET_KEY": "k3Y" * 20, variable: value}
    asked = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**kept, **given},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert asked.returncode == 1
    assert told in asked.stderr
    assert "Traceback" not in asked.stderr


def test_files_with_secrets_that_others_can_read(settings, tmp_path):
    settings.DATA_DIR = settings.BASE_DIR = tmp_path
    secret = tmp_path / "secret_key"
    secret.write_text("x")
    secret.chmod(0o600)
    assert levels(examinations.of_secrets) == [Level.OK]
    secret.chmod(0o644)
    assert levels(examinations.of_secrets) == [Level.WARNING]


def test_the_parts_that_answer(healthy):
    for examination in (
        examinations.of_database,
        examinations.of_migrations,
        examinations.of_cache,
        examinations.of_storage,
        examinations.of_work,
        examinations.of_workers,
        examinations.of_schedule,
        examinations.of_clock,
    ):
        assert levels(examination) == [Level.OK], examination
    assert levels(examinations.of_backups) == [Level.OK, Level.OK]


def test_a_full_disk(healthy, settings):
    settings.STORAGE_MIN_FREE = 10**18
    assert Level.FAILED in levels(examinations.of_disks)


def test_mail_that_reaches_nobody_and_a_server_that_is_away(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert levels(examinations.of_mail) == [Level.WARNING]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    [found] = examine("mail", examinations.of_mail)
    assert found.level == Level.FAILED
    assert "127.0.0.1:9 cannot be used" in found.text


def test_no_worker_and_one_that_fell_silent():
    assert levels(examinations.of_workers) == [Level.FAILED]
    work.keep_heartbeat("now", timezone.now())
    assert levels(examinations.of_workers) == [Level.OK]


def test_a_drill_that_failed_and_a_backup_that_is_old():
    assert levels(examinations.of_backups) == [Level.WARNING, Level.SKIPPED]
    BackupRun(kind=BackupRun.Kind.BACKUP).end()
    BackupRun.objects.update(ended_at=timezone.now() - timedelta(days=9))
    BackupRun(kind=BackupRun.Kind.DRILL).end("blog.post did not come back as it was.")
    found = examine("backup", examinations.of_backups)
    assert [each.level for each in found] == [Level.WARNING, Level.FAILED]
    assert "9 days old" in found[0].text


# --- headers ----------------------------------------------------------------------------


@pytest.fixture
def site(settings):
    """A web server with the headers it is given; they can be changed."""
    headers = {
        "Content-Security-Policy": "default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Strict-Transport-Security": "max-age=1",
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", headers
    server.shutdown()
    server.server_close()
    thread.join()


def test_headers_as_they_should_be(site):
    address, _headers = site
    assert levels(lambda: of_headers(address)) == [Level.OK]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Security-Policy", "default-src 'none'; script-src 'unsafe-inline'"),
        ("Content-Security-Policy", ""),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("Set-Cookie", "seen=1"),
    ],
)
def test_a_header_that_a_proxy_spoilt(site, name, value):
    address, headers = site
    headers[name] = value
    assert levels(lambda: of_headers(address)) == [Level.FAILED]


def test_a_site_elsewhere_is_not_asked(settings):
    [found] = examine("headers", of_headers)
    assert found.level == Level.SKIPPED
    assert "no request was sent" in found.text
    settings.SITE_URL = "http://127.0.0.1:9"
    assert levels(of_headers) == [Level.SKIPPED]


# --- before an upgrade ------------------------------------------------------------------


def test_what_a_migration_holds_up_is_told():
    class Heavy(Migration):
        operations = [
            operations.AlterField("post", "title", models.TextField()),
            operations.AddIndex("post", models.Index(fields=["title"], name="x")),
            operations.RunSQL("SELECT 1"),
            operations.RemoveField("post", "title"),
        ]

    class Light(Migration):
        operations = [
            operations.CreateModel("Thing", [("id", models.BigAutoField(primary_key=True))]),
            operations.AddIndex("thing", models.Index(fields=["id"], name="y")),
            operations.AddField("post", "note", models.TextField(null=True)),
        ]

    assert len(set(preflight._effects(Heavy("0002", "blog")))) == 4
    assert list(preflight._effects(Light("0003", "blog"))) == []


def test_an_upgrade_wants_a_fresh_backup(db):
    assert levels(preflight.of_backup_age) == [Level.FAILED]
    BackupRun(kind=BackupRun.Kind.BACKUP).end()
    assert levels(preflight.of_backup_age) == [Level.OK]
    assert levels(preflight.of_python) == [Level.OK]
    assert levels(preflight.of_pending) == [Level.OK]


# --- /readyz and the desk ---------------------------------------------------------------


def test_readyz_tells_of_a_drill_that_failed(client):
    def parts():
        return client.get("/readyz").json()["parts"]

    assert parts()["restore_drill"]["ok"]
    BackupRun(kind=BackupRun.Kind.DRILL).end("secret path")
    told = parts()["restore_drill"]
    assert not told["ok"]
    assert "failed" in told["reason"]
    assert "secret path" not in told["reason"]
    assert parts()["schedule"]["ok"]
    job = schedule.jobs()[0]
    ScheduledJob.objects.create(name=job.name, slot=timezone.now() - timedelta(days=30))
    assert parts()["schedule"]["reason"] == f"Overdue: {job.name}."


def test_administrators_see_the_state_on_the_desk(client, sam, eve):
    BackupRun(kind=BackupRun.Kind.DRILL).end("blog.post did not come back")
    client.force_login(sam)
    page = client.get("/admin/").content.decode()
    assert "State of the site" in page
    assert "No backup was made on this machine yet." in page
    assert "The restore drill of" in page
    assert client.get("/admin/transfer/backuprun/").status_code == 200
    client.force_login(eve)
    assert "State of the site" not in client.get("/admin/").content.decode()
    assert client.get("/admin/transfer/backuprun/").status_code == 404
