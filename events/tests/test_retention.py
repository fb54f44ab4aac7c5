"""What goes after its time, and that the feed stays right."""

from datetime import UTC, datetime, timedelta

import pytest

from blog.services import delete_content, save_content, trash_content
from events import retention
from events.mail import queue_rendered_mail
from events.models import Event, Exposure, Mail, WebhookDelivery, WebhookEndpoint
from events.placing import catch_up
from events.tasks import sweep
from events.webhooks import save_endpoint

pytestmark = pytest.mark.django_db

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
URL = "/api/v1/events/"


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(NOON, tick=False)
    return lambda **delta: time_machine.move_to(NOON + timedelta(**delta), tick=False)


def mirror(client, cursor="", copy=None):
    copy = {} if copy is None else copy
    page = client.get(URL, {"after": cursor} if cursor else {}).json()
    for entry in page["entries"]:
        if entry["change"] == "upsert":
            copy[entry["type"], entry["id"]] = entry["object"]
        else:
            copy.pop((entry["type"], entry["id"]), None)
    return page["next"], copy


def test_mirrors_old_and_new_agree_after_overtaken_events_are_gone(client, clock, make_post):
    kept, trashed, deleted = (make_post(title=name) for name in ("Kept", "Trashed", "Deleted"))
    cursor, old = mirror(client)
    assert len([key for key in old if key[0] == "post"]) == 3
    for number in range(5):
        kept.title = f"Kept {number}"
        save_content(kept, by=None)
    trash_content(trashed, by=None)
    trash_content(deleted, by=None)
    delete_content(deleted, by=None)
    catch_up()
    sweep()
    before = Event.objects.count()
    clock(days=91)
    retention.clean_up()
    subjects = Event.objects.values_list("subject_type", "subject_id").distinct().order_by()
    assert Event.objects.count() == subjects.count() < before
    _cursor, old = mirror(client, cursor, old)
    _cursor, new = mirror(client)
    assert {key: value for key, value in old.items() if key[0] == "post"} == {
        ("post", str(kept.pk)): new["post", str(kept.pk)]
    }
    assert [key for key in new if key[0] == "post"] == [("post", str(kept.pk))]


def test_who_stayed_away_for_longer_than_tombstones_are_kept_begins_anew(client, clock, make_post):
    post, other = make_post(title="One"), make_post(title="Two")
    cursor, _copy = mirror(client)
    trash_content(post, by=None)
    delete_content(post, by=None)
    fresh, _copy = mirror(client)
    clock(days=400)
    retention.clean_up()
    assert not Event.objects.filter(kind="post.deleted").exists()
    assert not Exposure.objects.filter(subject_type="blog.post", subject_id=str(post.pk)).exists()
    assert client.get(URL, {"after": cursor}).status_code == 410
    assert client.get(URL, {"after": fresh}).status_code == 200
    _cursor, copy = mirror(client)
    assert ("post", str(other.pk)) in copy


def test_an_event_that_somebody_must_still_be_told_of_stays(clock, sam, make_post):
    endpoint = WebhookEndpoint(url="https://hooks.example.org/", kinds=["post.*"])
    save_endpoint(endpoint, by=sam)
    make_post()
    catch_up()
    waiting = WebhookDelivery.objects.count()
    assert waiting
    clock(days=91)
    retention.clean_up()
    assert WebhookDelivery.objects.count() == waiting
    WebhookEndpoint.objects.update(paused_at=NOON)
    retention.clean_up()
    assert not WebhookDelivery.objects.exists()


def test_mail_that_is_sent_goes_after_a_month_and_what_waits_stays(clock):
    sent = queue_rendered_mail("rita@example.org", "Hello", "Text.", kind="test")
    sweep()
    waits = queue_rendered_mail("rita@example.org", "Hello", "Text.", kind="test")
    clock(days=29)
    retention.clean_up()
    assert Mail.objects.filter(pk=sent.pk).exists()
    clock(days=31)
    retention.clean_up()
    assert list(Mail.objects.all()) == [waits]
