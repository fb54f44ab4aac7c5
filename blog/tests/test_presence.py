"""Two people who have the same text open know of each other."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from blog.models import Page, Presence
from blog.presence import HEARTBEAT_SECONDS, forget_the_gone
from blog.services import save_content, trash_content
from blog.tests.admin_forms import filled
from events.models import Event

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 12, 4, tzinfo=UTC)


def url(content, tail: str = "presence/") -> str:
    return f"/admin/blog/{content._meta.model_name}/{content.pk}/{tail}"


@pytest.fixture
def beat(client):
    def send(person, content):
        client.force_login(person)
        response = client.post(url(content))
        assert response.status_code == 200
        return response.json()["notice"]

    return send


def test_who_opens_a_text_learns_who_has_it_open(client, ada, eve, make_post):
    post = make_post(author=ada)
    with time_machine.travel(NOON, tick=False):
        client.force_login(eve)
        assert "is editing" not in client.get(url(post, "change/")).content.decode()
    with time_machine.travel(NOON + timedelta(seconds=30), tick=False):
        client.force_login(ada)
        html = client.get(url(post, "change/")).content.decode()
        assert "eve is editing this, too, since 12:04 p.m." in html
        assert f'data-presence="{url(post)}"' in html


def test_heartbeats_keep_it_and_silence_ends_it(beat, ada, eve, make_post):
    post = make_post(author=ada)
    with time_machine.travel(NOON, tick=False) as clock:
        assert beat(eve, post) == ""
        for _ in range(8):
            clock.shift(HEARTBEAT_SECONDS)
            assert beat(eve, post) == ""
        assert beat(ada, post) == "eve is editing this, too, since 12:04 p.m."
        clock.shift(61)
        assert beat(ada, post) == ""
        assert Presence.objects.get().user == ada
        clock.shift(61)
        forget_the_gone()
        assert not Presence.objects.exists()


def test_who_saves_and_goes_is_gone(client, beat, ada, eve, make_post):
    post = make_post(author=ada)
    beat(eve, post)
    client.post(url(post, "change/"), filled(post, byline=True, title="New"))
    assert beat(ada, post) == ""


def test_another_text_is_another_matter(beat, ada, eve, make_post):
    one, other = make_post(author=ada), make_post(author=ada)
    page = save_content(Page(title="About"), by=eve)
    beat(eve, one)
    beat(eve, page)
    assert beat(ada, other) == ""
    events = Event.objects.count()
    assert beat(ada, one) != ""
    assert Event.objects.count() == events  # nothing that readers see has changed


def test_who_may_not_change_it_neither_sees_nor_tells(client, ada, bob, eve, rita, make_post):
    post = make_post(author=ada)
    for person in (bob, rita):
        client.force_login(person)
        assert client.post(url(post)).status_code == 404
    client.force_login(ada)
    assert client.get(url(post)).status_code == 405
    assert client.post(url(post).replace(str(post.pk), "999999999")).status_code == 404
    trash_content(post, by=ada)
    assert client.post(url(post)).status_code == 404
    assert not Presence.objects.exists()
