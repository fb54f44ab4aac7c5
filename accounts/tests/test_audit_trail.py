"""Who did what, when, from where."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory
from django.urls import reverse, reverse_lazy

from accounts import audit, services, tasks
from accounts.models import AuditEntry, Role

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def empty_trail(db):
    """The cast's own entries would only be in the way: those who use it call this again."""
    return lambda: AuditEntry.objects.all().delete()


def sign_in(client, login: str, password: str = PASSWORD):
    return client.post("/account/login/", {"login": login, "password": password})


def test_a_note_tells_who_what_where_and_by_which_request(ada, make_tag, empty_trail):
    tag = make_tag("ink")
    empty_trail()
    request = RequestFactory().get("/", HTTP_USER_AGENT="Browser/1.0", REMOTE_ADDR="2001:db8::1")
    request.id, request.user = "request-1", ada
    entry = audit.note("tag.praised", request=request, subject=tag, detail={"how": "loudly"})
    assert AuditEntry.objects.get() == entry
    assert (entry.actor, entry.actor_name) == (ada, "ada")
    assert (entry.subject_type, entry.subject_id) == ("blog.tag", str(tag.pk))
    assert entry.subject_label == "ink"
    assert (entry.address, entry.device) == ("2001:db8::1", "Browser/1.0")
    assert (entry.request_id, entry.detail) == ("request-1", {"how": "loudly"})
    assert str(entry) == "ada tag.praised ink"


def test_a_note_without_a_request_is_the_systems(db):
    entry = audit.note("site.swept")
    assert (entry.actor, entry.actor_name, entry.address, entry.request_id) == (None, "", None, "")


def test_secrets_addresses_and_long_texts_are_not_kept(db):
    entry = audit.note(
        "user.tested",
        detail={
            "new_password": "hunter2",
            "Authorization-Token": "ink_abc",
            "said": "write to ada@example.org " + "x" * 1_000,
            "many": ["bob@example.org", 3, None, True, {"otp": "123456"}],
            "nul": "a\x00b",
        },
    )
    kept = str(AuditEntry.objects.get(pk=entry.pk).detail)
    for secret in ("hunter2", "ink_abc", "ada@example.org", "bob@example.org", "123456", "\x00"):
        assert secret not in kept
    assert len(entry.detail["said"]) == audit.MAX_TEXT
    assert entry.detail["many"][1:4] == [3, None, True]


def test_a_trail_that_cannot_be_written_breaks_nothing_and_is_logged(
    client, ada, monkeypatch, caplog
):
    def refuse(*args, **kwargs):
        raise DatabaseError("no room")

    monkeypatch.setattr(AuditEntry, "save", refuse)
    assert audit.note("user.tested") is None
    assert "could not keep 'user.tested'" in caplog.text
    assert sign_in(client, "ada").status_code == 302


def test_what_happens_often_is_noted_once_an_hour_for_each_key(ada):
    with time_machine.travel(datetime(2026, 1, 1, 12, tzinfo=UTC), tick=False) as clock:
        assert audit.note_hourly("token.used", "1", actor=ada, detail={"id": 1}).detail == {"id": 1}
        assert audit.note_hourly("token.used", "1", actor=ada) is None
        assert audit.note_hourly("token.used", "2", actor=ada) is not None
        clock.shift(3_601)
        if settings.REDIS_URL:
            cache.clear()  # Redis goes by a clock of its own.
        assert audit.note_hourly("token.used", "1", actor=ada) is not None


def test_a_note_of_a_change_that_is_rolled_back_is_gone(ada, empty_trail):
    empty_trail()
    with transaction.atomic():
        audit.note("user.tested", actor=ada)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()


def test_signing_in_and_out_is_noted(client, ada, empty_trail):
    empty_trail()
    sign_in(client, "Ada@Example.org")
    client.post("/admin/logout/")
    actions = AuditEntry.objects.order_by("id").values_list("action", "actor_name", "subject_id")
    assert list(actions) == [
        ("user.signed_in", "ada", str(ada.pk)),
        ("user.signed_out", "ada", str(ada.pk)),
    ]
    assert AuditEntry.objects.first().address == "127.0.0.1"


@pytest.mark.parametrize(("login", "known"), [("ada", True), ("my-password-by-mistake", False)])
def test_a_failed_sign_in_is_noted_without_what_was_typed(login, known, client, ada, empty_trail):
    empty_trail()
    sign_in(client, login, "wrong and secret")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor) == ("user.sign_in_failed", None)
    assert entry.subject_id == (str(ada.pk) if known else "")
    kept = f"{entry.detail} {entry.subject_label}"
    assert "by-mistake" not in kept
    assert "wrong and secret" not in kept


def test_a_write_in_the_admin_is_noted_and_a_refused_one_is_not(client, eve, make_tag):
    tag = make_tag("ink")
    client.force_login(eve)
    url = reverse("admin:blog_tag_change", args=[tag.pk])
    fields = {"name": "Ink", "slug": "ink", "description": "", "seo_title": ""}
    assert client.post(url, {**fields, "name": ""}).status_code == 200
    assert not AuditEntry.objects.filter(action="admin.post").exists()
    assert client.post(url, fields).status_code == 302
    entry = AuditEntry.objects.get(action="admin.post")
    assert (entry.actor, entry.subject_type, entry.subject_id) == (eve, "blog.tag", str(tag.pk))
    assert entry.detail["view"] == "admin:blog_tag_change"
    assert len(entry.request_id) == 32


def test_a_visitor_sent_to_sign_in_leaves_no_trace(client, db):
    assert client.post("/admin/blog/tag/add/", {"name": "x"}).status_code == 302
    assert not AuditEntry.objects.exists()


def test_old_entries_are_pruned_by_the_configured_days(settings, monkeypatch):
    settings.AUDIT_DAYS = 30
    monkeypatch.setattr(audit, "PRUNED_AT_ONCE", 2)
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False):
        for _ in range(3):
            audit.note("user.tested")
    with time_machine.travel(datetime(2026, 1, 30, tzinfo=UTC), tick=False):
        kept = audit.note("user.tested")
        tasks.prune_audit_trail()
        assert AuditEntry.objects.count() == 4
    with time_machine.travel(datetime(2026, 2, 1, tzinfo=UTC), tick=False):
        tasks.prune_audit_trail()
        tasks.prune_audit_trail()
    assert list(AuditEntry.objects.all()) == [kept]


LIST = reverse_lazy("admin:accounts_auditentry_changelist")


@pytest.fixture
def trail(sam, ada, client, empty_trail):
    """Three entries: ada's from one address on 1 May, sam's from another on 2 May, nobody's."""
    rows = [
        (datetime(2026, 5, 1, 12, tzinfo=UTC), ada, "post.read", "192.0.2.1"),
        (datetime(2026, 5, 2, 12, tzinfo=UTC), sam, "post.written", "2001:db8::1"),
        (datetime(2026, 5, 3, 12, tzinfo=UTC), None, "site.swept", None),
    ]
    client.force_login(sam)
    empty_trail()
    return [
        AuditEntry.objects.create(
            at=at, actor=actor, actor_name=actor.username if actor else "", action=action,
            address=address, subject_id=f"no-{number}",
        )
        for number, (at, actor, action, address) in enumerate(rows)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {0, 1, 2}),
        ({"who": "ADA"}, {0}),
        ({"who": "nobody"}, set()),
        ({"action": "site.swept"}, {2}),
        ({"from": "192.0.2.1"}, {0}),
        ({"from": "::ffff:192.0.2.1"}, {0}),
        ({"from": "2001:db8:0::1"}, {1}),
        ({"from": "no address"}, set()),
        ({"since": "2026-05-02"}, {1, 2}),
        ({"until": "2026-05-02"}, {0, 1}),
        ({"since": "2026-05-02", "until": "2026-05-02"}, {1}),
        ({"since": "yesterday"}, set()),
        ({"since": "0001-01-01", "until": "9999-12-31"}, {0, 1, 2}),
        ({"q": "no-1"}, {1}),
        ({"who": "ada", "action": "site.swept"}, set()),
        ({"who": "nul\x00"}, set()),
    ],
)
def test_the_list_is_filtered_by_who_what_when_and_where(query, found, client, trail):
    response = client.get(LIST, query)
    assert response.status_code == 200
    assert {row.pk for row in response.context["cl"].result_list} == {
        trail[number].pk for number in found
    }


def test_a_filter_keeps_the_others(client, trail):
    html = client.get(LIST, {"who": "ada", "since": "2026-05-01"}).content.decode()
    assert '<input type="hidden" name="since" value="2026-05-01">' in html
    assert "0 of" not in html


def test_the_trail_is_read_only_and_for_administrators(client, trail, eve):
    entry = reverse("admin:accounts_auditentry_change", args=[trail[0].pk])
    page = client.get(entry)
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert client.post(entry, {"action": "forged"}).status_code == 404
    assert client.post(entry.replace("change", "delete"), {"post": "yes"}).status_code == 404
    assert client.get(reverse("admin:accounts_auditentry_add")).status_code == 404
    client.force_login(eve)
    assert client.get(LIST).status_code == 404
    assert client.get(entry).status_code == 404


def test_the_list_takes_few_queries_that_read_an_index(client, trail, django_assert_num_queries):
    with django_assert_num_queries(12):
        client.get(LIST, {"who": "ada", "from": "192.0.2.1"})
    # Enough rows, and counted, for an index to be the cheapest way on PostgreSQL too.
    AuditEntry.objects.bulk_create(
        AuditEntry(actor_name=f"p{n}", action=f"a{n}", address=f"192.0.2.{n % 250}")
        for n in range(2_000)
    )
    connection.cursor().execute("ANALYZE accounts_auditentry")
    for filters in ({"actor_name": "ada"}, {"action": "x"}, {"address": "192.0.2.1"}):
        plan = AuditEntry.objects.filter(**filters).order_by("-id")[:50].explain()
        assert "audit_by_" in plan, plan


@pytest.mark.parametrize(
    ("act", "action"),
    [
        (lambda sam, ada: services.set_role(ada, Role.EDITOR, by=sam), "user.role_changed"),
        (lambda sam, ada: services.set_active(ada, False, by=sam), "user.deactivated"),
        (lambda sam, ada: services.change_password(ada, "x", by=sam), "user.password_changed"),
        (lambda sam, ada: services.sign_out_everywhere(ada, by=sam), "user.signed_out_everywhere"),
    ],
)
def test_what_is_done_to_an_account_is_noted(act, action, sam, ada, empty_trail):
    empty_trail()
    act(sam, ada)
    entry = AuditEntry.objects.get(action=action)
    assert (entry.actor, entry.subject_id, entry.subject_label) == (sam, str(ada.pk), "ada")
