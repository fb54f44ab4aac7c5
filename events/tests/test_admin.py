"""The admin of events: to look at, run again, and webhooks."""

import pytest
from django.contrib.auth.models import Permission
from django.core import mail as outbox
from django.urls import reverse

from events import webhooks
from events.mail import queue_rendered_mail
from events.models import Event, Mail, Receipt, WebhookDelivery, WebhookEndpoint
from events.placing import catch_up
from events.services import record
from lib.fetch import Answer

pytestmark = pytest.mark.django_db

LISTS = ["event", "receipt", "mail", "webhookendpoint", "webhookdelivery"]


@pytest.fixture
def endpoint(sam, monkeypatch):
    monkeypatch.setattr(
        webhooks, "safe_fetch", lambda url, **options: Answer(200, {"a": "<b>"}, b"<ok>", 0.1, "")
    )
    made = WebhookEndpoint(url="https://hooks.example.org/in", kinds=["user.*"])
    return webhooks.save_endpoint(made, by=sam)


@pytest.fixture
def admin(client, sam):
    client.force_login(sam)
    return client


def address(name, *arguments):
    return reverse(f"admin:events_{name}", args=arguments)


def act(admin, model, action, *rows):
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return admin.post(address(f"{model}_changelist"), data, follow=True)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("who", ["rita", "ada", "eve"])
def test_only_administrators_look_at_them(client, request, who, name):
    client.force_login(request.getfixturevalue(who))
    assert client.get(address(f"{name}_changelist")).status_code in (302, 404)


def test_lists_cost_a_fixed_number_of_queries(admin, endpoint, rita, django_assert_max_num_queries):
    for number in range(5):
        event = record("user.bored", rita)
        Receipt.objects.create(event=event, handler=f"handler_{number}")
        queue_rendered_mail("rita@example.org", "Hello", "Text.", kind="test")
    catch_up()
    for name in LISTS:
        with django_assert_max_num_queries(12):
            assert admin.get(address(f"{name}_changelist")).status_code == 200


def test_what_was_given_up_is_run_again_and_only_that(admin, endpoint):
    parked, waiting = (
        queue_rendered_mail("rita@example.org", "Hello", "Text.", kind="test") for _ in range(2)
    )
    parked.park("The server was away.")
    page = act(admin, "mail", "run_again", parked, waiting)
    assert "1 is run again." in page.content.decode()
    parked.refresh_from_db()
    assert (parked.state, parked.error) == ("done", "")
    assert [message.to for message in outbox.outbox] == [["rita@example.org"]] * 2
    assert (
        "None of these was given up." in act(admin, "mail", "run_again", waiting).content.decode()
    )


def test_who_may_only_look_cannot_run_again(client, make_user, endpoint):
    viewer = make_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_mail"))
    client.force_login(viewer)
    mail = queue_rendered_mail("rita@example.org", "Hello", "Text.", kind="test")
    mail.park("The server was away.")
    act(client, "mail", "run_again", mail)
    mail.refresh_from_db()
    assert mail.state == "parked"


def test_a_mail_does_not_show_its_text(admin, endpoint):
    mail = queue_rendered_mail("rita@example.org", "Hello", "secret-link", kind="test")
    page = admin.get(address("mail_change", mail.pk)).content.decode()
    assert "rita@example.org" in page
    assert "secret-link" not in page


def test_a_webhook_is_made_changed_and_deleted(admin, sam):
    form = {"url": "https://hooks.example.org/in", "description": "Ours", "kinds": "post.* user.*"}
    assert admin.post(address("webhookendpoint_add"), form).status_code == 302
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.kinds, endpoint.owner) == (["post.*", "user.*"], sam)
    page = admin.get(address("webhookendpoint_change", endpoint.pk)).content.decode()
    assert endpoint.secret in page
    form["kinds"] = "*"
    admin.post(address("webhookendpoint_change", endpoint.pk), form)
    endpoint.refresh_from_db()
    assert endpoint.kinds == ["*"]
    admin.post(address("webhookendpoint_delete", endpoint.pk), {"post": "yes"})
    assert not WebhookEndpoint.objects.exists()
    kinds = Event.objects.filter(kind__startswith="webhook.").order_by("id")
    assert list(kinds.values_list("kind", flat=True)) == [
        "webhook.created",
        "webhook.updated",
        "webhook.deleted",
    ]


@pytest.mark.parametrize(
    "wrong", [{"url": "http://127.0.0.1/"}, {"kinds": "Oh no"}, {"kinds": ""}, {"url": "\0"}]
)
def test_what_cannot_be_a_webhook_is_a_form_error(admin, wrong):
    form = {"url": "https://hooks.example.org/in", "description": "", "kinds": "*", **wrong}
    page = admin.post(address("webhookendpoint_add"), form)
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_actions_on_webhooks(admin, endpoint):
    secret = endpoint.secret
    assert "answered 200" in act(admin, "webhookendpoint", "ping", endpoint).content.decode()
    act(admin, "webhookendpoint", "rotate", endpoint)
    act(admin, "webhookendpoint", "pause", endpoint)
    endpoint.refresh_from_db()
    assert endpoint.secret != secret
    assert endpoint.paused_at is not None
    act(admin, "webhookendpoint", "resume", endpoint)
    endpoint.refresh_from_db()
    assert endpoint.paused_at is None


def test_the_log_shows_request_and_answer_and_sends_again(admin, endpoint, rita):
    record("user.bored", rita)
    catch_up()
    delivery = WebhookDelivery.objects.get(kind="user.bored")
    webhooks.deliver(delivery.pk)
    page = admin.get(address("webhookdelivery_change", delivery.pk)).content.decode()
    assert "webhook-signature: v1," in page
    assert "&lt;ok&gt;" in page
    assert "<ok>" not in page
    assert "is sent again" in act(admin, "webhookdelivery", "replay", delivery).content.decode()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts.count()) == ("done", 2)


def test_nothing_of_this_is_typed_in(admin, endpoint):
    for name in ("event", "receipt", "mail", "webhookdelivery"):
        assert admin.get(address(f"{name}_add")).status_code == 404
    assert Mail.objects.count() == 0
