"""What Prometheus reads, and who may."""

import pytest


@pytest.fixture
def scrape(client, db):
    return lambda **headers: client.get("/metrics", **headers)


def test_requests_are_counted_by_route_and_not_by_address(client, scrape, make_post):
    post = make_post()
    client.get(post.get_absolute_url())
    client.get("/nothing-here-at-all/")
    text = scrape().content.decode()
    assert 'inkstone_requests_total{method="GET",route="posts/<' in text
    assert post.slug not in text
    assert "nothing-here" not in text
    assert "inkstone_request_seconds_bucket" in text


def test_work_is_counted_by_kind_and_state(scrape):
    text = scrape().content.decode()
    assert 'inkstone_work{kind="events.receipt",state="parked"} 0.0' in text
    assert 'inkstone_work_late_seconds{kind="library.rendition"} 0.0' in text


def test_what_came_through_a_proxy_finds_nothing(scrape):
    assert scrape(HTTP_X_FORWARDED_FOR="127.0.0.1").status_code == 404


@pytest.mark.parametrize("address", ["203.0.113.9", "", "not-an-address"])
def test_another_network_finds_nothing(scrape, address):
    assert scrape(REMOTE_ADDR=address).status_code == 404


def test_the_token_opens_it_from_anywhere(scrape, settings):
    settings.METRICS_TOKEN = "s3cret-metrics"
    headers = {"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    assert scrape(HTTP_AUTHORIZATION="Bearer s3cret-metrics", **headers).status_code == 200
    assert scrape(HTTP_AUTHORIZATION="Bearer wrong", **headers).status_code == 404


def test_an_empty_token_opens_nothing(scrape, settings):
    settings.METRICS_TOKEN = ""
    answer = scrape(HTTP_AUTHORIZATION="Bearer ", REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 404


def test_it_is_read_only(client, db):
    assert client.post("/metrics").status_code == 405
