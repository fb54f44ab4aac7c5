"""Law 1: what is visible is decided by the clock, everywhere, with no worker running."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 12, 24, 12, tzinfo=UTC)
END = NOON + timedelta(days=7)
MARK = "Midwinter"

# Everywhere a post shows itself. The value is what stands there.
PLACES = {
    "/": MARK,
    "/categories/craft/": MARK,
    "/tags/paper/": MARK,
    "/series/making-ink/": MARK,
    "/authors/ada/": MARK,
    "/archive/": "December",
    "/archive/2026/": MARK,
    "/archive/2026/12/": MARK,
    "/search/?q=midwinter": "/posts/midwinter/",
    "/posts/midwinter/": MARK,
    "/posts/midwinter.md": "holly",
    "/posts/before/": MARK,
    "/categories/": "/categories/craft/",
    "/tags/": "/tags/paper/",
    "/series/": "/series/making-ink/",
    "/authors/": "/authors/ada/",
    **{f"/{file}": MARK for file in ("atom.xml", "rss.xml", "feed.json")},
    **{f"/tags/paper/{file}": MARK for file in ("atom.xml", "rss.xml", "feed.json")},
    "/sitemap.xml": "sitemap-tags.xml",
    "/sitemap-posts.xml": "/posts/midwinter/",
    "/sitemap-tags.xml": "/tags/paper/",
    "/api/v1/posts/": MARK,
}


@pytest.fixture
def scheduled(make_post, make_category, make_tag, make_series, ada, bob):
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        make_post(title="Before", author=bob, published_at=NOON - timedelta(days=90))
        return make_post(
            title=MARK,
            body="Of holly and ink.",
            author=ada,
            category=make_category(),
            tags=[make_tag()],
            series=make_series(),
            published_at=NOON,
            unpublish_at=END,
        )


@pytest.mark.parametrize("place", PLACES)
def test_a_post_is_there_from_its_hour_to_its_end(client, scheduled, place):
    def is_there(moment: datetime) -> bool:
        with time_machine.travel(moment, tick=False):
            response = client.get(place)
        return response.status_code == 200 and PLACES[place] in response.content.decode()

    instant = timedelta(microseconds=1)
    assert [
        is_there(moment) for moment in (NOON - instant, NOON, END - instant, END, END + instant)
    ] == [False, True, True, False, False]


def test_counts_follow_the_clock(client, scheduled):
    with time_machine.travel(NOON - timedelta(seconds=1), tick=False):
        assert [m.post_count for m in client.get("/archive/").context["months"]] == [1]
    with time_machine.travel(NOON, tick=False):
        assert [m.post_count for m in client.get("/archive/").context["months"]] == [1, 1]


@pytest.mark.parametrize("place", ["/", "/atom.xml", "/posts/before/"])
def test_a_kept_copy_does_not_outlive_the_hour(client, scheduled, place):
    with time_machine.travel(NOON - timedelta(seconds=1), tick=False):
        before = client.get(place)
    headers = {"If-None-Match": before["ETag"]}
    with time_machine.travel(NOON - timedelta(microseconds=1), tick=False):
        assert client.get(place, headers=headers).status_code == 304
    with time_machine.travel(NOON, tick=False):
        assert client.get(place, headers=headers).status_code == 200
