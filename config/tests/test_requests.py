"""What every answer carries, and how a request is logged."""

import logging
import re

import pytest


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, "inkstone.request")
    return lambda: [r for r in caplog.records if r.name == "inkstone.request"]


@pytest.mark.parametrize("address", ["/", "/healthz", "/nothing/", "/api/v1/posts/"])
def test_every_answer_says_its_id_and_how_long_it_took(client, db, address):
    response = client.get(address)
    assert re.fullmatch(r"[0-9a-f]{32}", response["X-Request-ID"])
    assert re.fullmatch(r"\d+\.\d{4}", response["X-Process-Time"])


def test_a_request_is_logged_by_its_route(client, db, lines, make_post):
    post = make_post(title="Cormorants")
    client.get(post.get_absolute_url() + "?token=only-for-ada")
    (record,) = lines()
    assert record.route.startswith("posts/<")
    assert (record.request_method, record.status) == ("GET", 200)
    assert post.slug not in str(vars(record))
    assert "only-for-ada" not in str(vars(record))


def test_what_machines_ask_all_the_time_is_not_logged(client, db, lines):
    for address in ("/healthz", "/readyz", "/metrics"):
        client.get(address)
    assert lines() == []
