"""The archive by year and month, in the time zone of the site."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shanghai(settings):
    settings.SITE_TIME_ZONE = "Asia/Shanghai"


@pytest.fixture
def new_year(make_post):
    """Written in 2025 by the clock of Greenwich, in 2026 by that of the site."""
    return make_post(title="New year", published_at=datetime(2025, 12, 31, 17, tzinfo=UTC))


def test_months_are_those_of_the_site(client, new_year, make_post):
    make_post(title="Spring", published_at=datetime(2026, 4, 5, 12, tzinfo=UTC))
    make_post(title="Later", published_at=datetime(2099, 4, 5, 12, tzinfo=UTC))
    months = client.get("/archive/").context["months"]
    found = [(m.first_day.year, m.first_day.month, m.post_count) for m in months]
    assert found == [(2026, 4, 1), (2026, 1, 1)]


def test_counts_change_at_the_second_of_a_schedule(client, make_post, settings):
    settings.SITE_TIME_ZONE = "Europe/Berlin"  # Its clocks change in March and October.
    noon = datetime(2026, 5, 1, 10, tzinfo=UTC)
    for at in (
        datetime(2026, 3, 31, 21, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 3, 31, 22, tzinfo=UTC),
        datetime(2025, 12, 31, 23, tzinfo=UTC),
        noon,
    ):
        make_post(title=f"At {at}", published_at=at)

    def months() -> list[tuple[str, int]]:
        found = client.get("/archive/").context["months"]
        return [(f"{month.first_day:%Y-%m-%d}", month.post_count) for month in found]

    past = [("2026-04-01", 1), ("2026-03-01", 1), ("2026-01-01", 1)]
    with time_machine.travel(noon - timedelta(seconds=1), tick=False):
        assert months() == past
    with time_machine.travel(noon, tick=False):
        assert months() == [("2026-05-01", 1), *past]


def test_a_year_lists_its_posts_by_month(client, new_year):
    html = client.get("/archive/2026/").content.decode()
    assert "New year" in html
    assert '<h2 class="lines-heading">January</h2>' in html
    assert client.get("/archive/2025/").status_code == 404


def test_a_month_lists_its_posts(client, new_year):
    response = client.get("/archive/2026/01/")
    assert "<h1>January 2026</h1>" in response.content.decode()
    assert list(response.context["posts"]) == [new_year]
    assert client.get("/archive/2025/12/").status_code == 404


def test_the_last_moment_of_a_month_belongs_to_it(client, make_post):
    make_post(published_at=datetime(2026, 1, 31, 15, 59, 59, 999999, tzinfo=UTC))
    assert client.get("/archive/2026/01/").status_code == 200
    assert client.get("/archive/2026/02/").status_code == 404


@pytest.mark.parametrize(
    "path", ["0000/", "2026/13/", "2026/00/", "2026/1/", "9999/", "20266/", "1000/01/", "x/"]
)
def test_a_time_that_no_calendar_has_is_a_404(client, new_year, path):
    assert client.get(f"/archive/{path}").status_code == 404


def test_an_empty_archive_is_a_page(client):
    assert client.get("/archive/").status_code == 200


def test_december_ends_with_the_year(client, make_post):
    make_post(published_at=datetime(2025, 12, 31, 15, 59, tzinfo=UTC))
    assert client.get("/archive/2025/12/").status_code == 200


def test_who_shortens_the_address_of_a_post_finds_the_archive(client):
    response = client.get("/posts/")
    assert (response.status_code, response["Location"]) == (302, "/archive/")
