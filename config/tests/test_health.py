"""What /readyz and /healthz say, part by part."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from config import health, work
from events.models import Receipt
from lib import status


def ready(client, query=""):
    response = client.get(f"/readyz{query}")
    return response.status_code, response.json()


def test_alive_asks_no_other_part(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_a_new_site_is_ready(client, db):
    code, body = ready(client)
    assert (code, body["status"]) == (200, "ready")
    required = {"process", "database", "migrations", "cache", "storage", "beat", "queues"}
    assert required <= body["parts"].keys()


def test_a_load_balancer_asks_by_the_address_of_the_host_and_in_the_clear(client, db, settings):
    settings.SECURE_SSL_REDIRECT = True
    for host in ("10.0.0.5:8000", "web:8000", "blog.test"):
        for path in ("/healthz", "/readyz", "/metrics"):
            assert client.get(path, headers={"host": host}).status_code == 200, (host, path)
    assert client.get("/", headers={"host": "10.0.0.5:8000"}).status_code == 400
    assert client.get("/", headers={"host": "blog.test"}).status_code == 301


def test_it_changes_nothing_by_post(client, db):
    assert client.post("/readyz").status_code == 405
    assert client.post("/healthz").status_code == 405


def test_red_while_draining(client, db, settings, tmp_path):
    settings.DRAIN_FILE = str(tmp_path / "drain")
    assert ready(client)[0] == 200
    (tmp_path / "drain").touch()
    code, body = ready(client)
    assert (code, body["status"]) == (503, "unavailable")
    assert body["parts"]["process"]["reason"] == "This process is about to be stopped."


def test_a_database_that_fails_is_red_and_keeps_its_password(client, db, monkeypatch):
    def fail():
        raise OSError("postgres://ink:hunter2@db refused")

    monkeypatch.setitem(status.checks, "database", (fail, True))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert b"hunter2" not in response.content
    assert response.json()["parts"]["database"]["reason"] == "The check failed (OSError)."


def test_what_readers_do_not_need_is_told_and_not_red(client, db, monkeypatch):
    monkeypatch.setitem(status.checks, "cache", (lambda: "The cache does not answer.", False))
    assert ready(client)[0] == 200
    assert ready(client)[1]["status"] == "degraded"
    assert ready(client, "?strict=1")[0] == 503


def test_pending_migrations_are_red(client, db, monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, goal: [1, 2])
    code, body = ready(client)
    assert code == 503
    assert body["parts"]["migrations"]["reason"] == "2 migrations are not applied."


def test_a_full_disk_is_told(client, db, settings):
    settings.STORAGE_MIN_FREE = 10**18
    reason = ready(client)[1]["parts"]["storage"]["reason"]
    assert reason.startswith("The media folder has only")


def test_a_media_folder_that_is_none_is_told(client, db, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    reason = ready(client)[1]["parts"]["storage"]["reason"]
    assert reason.startswith("The media folder cannot be written")


def test_silence_of_beat_is_told(client, db):
    now = timezone.now()
    cache.set("heartbeat:now", {"at": (now - timedelta(minutes=7)).timestamp(), "lag": 0.1})
    reason = ready(client)[1]["parts"]["beat"]["reason"]
    assert reason == "No worker has heard from beat for 7 minutes."


def test_a_queue_that_lags_is_told(client, db):
    work.keep_heartbeat("slow", timezone.now() - timedelta(minutes=20))
    assert ready(client)[1]["parts"]["queues"]["reason"] == "Messages wait long in: slow."


@pytest.mark.django_db
def test_work_that_should_have_begun_is_told(client, make_post):
    event = _an_event(make_post)
    past = timezone.now() - timedelta(minutes=90)
    Receipt.objects.create(event=event, handler="someone", due_at=past)
    assert ready(client)[1]["parts"]["overdue"]["reason"] == "events.receipt is 90 minutes late."


def _an_event(make_post):
    from events.models import Event

    make_post()
    return Event.objects.first()
