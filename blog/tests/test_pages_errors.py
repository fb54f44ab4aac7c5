"""The pages for when there is no page."""

import pytest

from blog import views


def test_nothing_there_is_a_page_of_the_site(client, db):
    response = client.get("/no/such/thing/")
    html = response.content.decode()
    assert response.status_code == 404
    assert "This page is blank." in html
    assert 'content="noindex"' in html
    assert 'rel="canonical"' not in html


def test_the_api_answers_as_an_api(client, db):
    response = client.get("/api/v1/nothing/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_a_failure_asks_the_database_for_nothing(rf):
    request = rf.get("/")
    request.id = "abcdef0123456789"
    # Without the db fixture a query would fail this test.
    response = views.server_error(request)
    assert response.status_code == 500
    assert "abcdef0123456789" in response.content.decode()
    assert "Traceback" not in response.content.decode()


@pytest.mark.django_db
def test_a_view_that_breaks_shows_the_failure_page(client, monkeypatch):
    def broken(*args):
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("blog.reading.months", broken)
    client.raise_request_exception = False
    response = client.get("/archive/")
    assert response.status_code == 500
    assert "The ink has run." in response.content.decode()
    assert "secret detail" not in response.content.decode()
