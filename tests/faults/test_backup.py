"""Backups and the clock on real servers: a busy site, a site that moves, two beats."""

import json
import secrets
import subprocess
import sys
import tarfile
import time

import pytest

from deploy.stack import Service, Stack, postgres_programs, wait_until
from tests.shared import ROOT

WRITER = """
import sys, time
from django.db import transaction
from blog.models import Category, Tag
number = 0
while True:
    number += 1
    with transaction.atomic():
        Tag.objects.create(name=f"pair-{number}", slug=f"pair-{number}")
        Category.objects.create(name=f"pair-{number}", slug=f"pair-{number}")
    if number == 20:
        print("writing", flush=True)
"""
SECONDS_OF_TICKS = 6
ALL_BUT_DRILL = "ScheduledJob.objects.exclude(name='restore_drill')"


@pytest.fixture(scope="module")
def stack(servers):
    with Stack(parts=("redis", "worker"), safe_writes=False) as running:
        running.manage("load_sample")
        running.python(
            "from datetime import timedelta\n"
            "from django.utils import timezone\n"
            "from events.models import Mail\n"
            "Mail.objects.create(kind='later', to='a@example.org', message_id='<1@x>',"
            " due_at=timezone.now() + timedelta(days=1))"
        )
        yield running


class Place:
    """An empty installation beside the stack: on SQLite, or on the stack's PostgreSQL."""

    def __init__(self, stack: Stack, vendor: str):
        self.folder = stack.folder / f"place-{secrets.token_hex(4)}"
        database = ""
        if vendor == "postgresql":
            name = f"place_{secrets.token_hex(4)}"
            create = [str(postgres_programs() / "createdb"), *stack._postgres_client(), name]
            subprocess.run(create, check=True, timeout=300)
            database = stack.environment["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
        self.environment = {
            **stack.environment,
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": database,
            "REDIS_URL": "",
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )

    def succeed(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout


def summary_of(path) -> dict:
    with tarfile.open(path) as tar:
        return json.load(tar.extractfile("summary.json"))


@pytest.fixture(scope="module")
def backup(stack):
    """Made while somebody writes two rows at a time, as fast as they can."""
    writer = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-v0", "-c", WRITER],
        cwd=ROOT,
        env=stack.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    path = stack.folder / "site.tar"
    try:
        assert writer.stdout.readline() == "writing\n"
        stack.manage("backup", str(path), "-v0")
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    return path


def test_a_backup_of_a_busy_site_is_of_one_moment(stack, backup):
    tables = summary_of(backup)["tables"]
    rows = {name: tables[f"blog.{name}"]["rows"] for name in ("tag", "category")}
    sample = json.loads(
        stack.python(
            "from blog.models import Category, Tag\n"
            "print('[%d, %d]' % (Tag.objects.exclude(name__startswith='pair-').count(),"
            " Category.objects.exclude(name__startswith='pair-').count()))"
        )
    )
    written = [rows["tag"] - sample[0], rows["category"] - sample[1]]
    print(f"operations {written[0]} pairs before the backup, torn {abs(written[0] - written[1])}")
    assert written[0] == written[1] >= 20


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_it_comes_back_whole_in_either_database(stack, backup, vendor):
    place = Place(stack, vendor)
    place.succeed("restore", "--keep-work", str(backup))
    again = place.folder / "again.tar"
    place.succeed("backup", str(again))
    first, second = summary_of(backup), summary_of(again)
    lost = [name for name, table in first["tables"].items() if second["tables"][name] != table]
    rows = sum(table["rows"] for table in first["tables"].values())
    print(f"{vendor}: rows {rows}, files {first['media']['files']}, lost or changed {len(lost)}")
    assert lost == []
    assert second["media"] == first["media"]
    assert second["sequences"] == first["sequences"]
    # It is a site now, and no second one comes over it.
    refused = place.run("restore", str(backup))
    assert refused.returncode == 3
    assert "not empty" in refused.stderr


def test_a_file_in_the_way_stops_it_and_work_that_waited_is_not_done_twice(stack, backup):
    place = Place(stack, "sqlite")
    with tarfile.open(backup) as tar:
        name = next(name for name in tar.getnames() if name.startswith("media/"))
    other = place.folder / name
    other.parent.mkdir(parents=True)
    other.write_bytes(b"another")
    refused = place.run("restore", str(backup))
    assert refused.returncode == 1
    assert "has another file named" in refused.stderr
    assert other.read_bytes() == b"another"
    files = [path for path in (place.folder / "media").rglob("*") if path.is_file()]
    assert files == [other]
    other.unlink()
    place.succeed("restore", str(backup))
    # The mail may have been sent since the backup was made: a person decides.
    asked = "from events.models import Mail; print(Mail.objects.get(kind='later').state)"
    assert place.succeed("shell", "--no-imports", "-c", asked).split() == ["parked"]


def test_one_from_before_an_upgrade_is_brought_up_to_date(stack):
    """Made when the database had fewer migrations than the code."""
    old, new = Place(stack, "sqlite"), Place(stack, "sqlite")
    for target in (("transfer", "0002"), ("auth",), ("accounts", "0003")):
        old.succeed("migrate", "-v0", *target)
    insert = "INSERT INTO blog_tag (name, slug, description) VALUES ('paper', 'paper', '')"
    made = f'from django.db import connection\nconnection.cursor().execute("{insert}")'
    old.succeed("shell", "--no-imports", "-c", made)
    path = old.folder / "old.tar"
    old.succeed("backup", str(path))
    with tarfile.open(path) as tar:
        header = json.load(tar.extractfile("inkstone-backup.json"))
    assert ["blog", "0004_search"] not in header["migrations"]
    # Into a place that has all migrations already, as one that was started once.
    new.succeed("migrate", "-v0")
    new.succeed("restore", str(path))
    new.succeed("migrate", "--check")
    asked = "from blog.models import Tag; print(Tag.objects.get().slug)"
    assert new.succeed("shell", "--no-imports", "-c", asked).split() == ["paper"]


def test_two_beats_start_each_job_once(stack):
    beats = [
        Service(
            stack,
            f"beat-{number}",
            [
                *(sys.executable, "-m", "celery", "--quiet", "-A", "config", "beat"),
                *("--pidfile=", "--schedule", str(stack.folder / f"beat-{number}")),
            ],
            DJANGO_SETTINGS_MODULE="tests.faults.quick_clock",
        )
        for number in (1, 2)
    ]

    def ask(expression: str) -> str:
        return stack.python(
            "from events.models import Mail, ScheduledJob\n"
            "from insights.models import DailyReport\n"
            f"print({expression})"
        ).strip()

    # An editor to mail to; the jobs are known, and their last slots were yesterday's.
    stack.python(
        "from datetime import timedelta\n"
        "from accounts.models import Role, User\nfrom accounts.services import set_role\n"
        "from events import schedule\nfrom events.models import ScheduledJob\n"
        "set_role(User.objects.create_user('eve', 'eve@example.org', 'x' * 12), Role.EDITOR)\n"
        "schedule.due()\n"
        "for job in ScheduledJob.objects.exclude(name='restore_drill'):\n"
        "    job.slot -= timedelta(days=1); job.save()\n"
    )
    try:
        for beat in beats:
            beat.start()
        wait_until(
            lambda: ask("ScheduledJob.objects.filter(started_at=None).count()") == "1",
            "the jobs",
        )
        wait_until(
            lambda: ask(f"{ALL_BUT_DRILL}.filter(ended_at=None).count()") == "0", "their ends"
        )
        time.sleep(SECONDS_OF_TICKS)  # both go on saying so
    finally:
        for beat in beats:
            beat.stop()
    tries = json.loads(ask("list(ScheduledJob.objects.values_list('tries', flat=True))"))
    reports = int(ask("DailyReport.objects.count()"))
    mails = int(ask("Mail.objects.filter(kind='daily_report', to='eve@example.org').count()"))
    print(f"two beats: reports {reports}, mails {mails}, tries {tries}")
    assert (reports, mails) == (1, 1)
    # All but the drill, whose slot is left as it was.
    assert sorted(tries) == [0, *[1] * (len(tries) - 1)]
