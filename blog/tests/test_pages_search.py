"""The search page, through blog.search."""

import pytest

pytestmark = pytest.mark.django_db


def test_words_in_title_or_text_are_found(client, make_post):
    make_post(title="On ink", body="Nothing else.")
    make_post(title="On paper", body="It takes ink well.")
    make_post(title="On stone", body="It does not.")
    response = client.get("/search/", {"q": "ink"})
    assert [post.title for post in response.context["posts"]] == ["On ink", "On paper"]
    assert "2 posts" in response.content.decode()


def test_a_chinese_word_is_found(client, make_post):
    make_post(title="研墨", body="磨墨如病夫。")
    assert "研墨" in client.get("/search/", {"q": "病夫"}).content.decode()


def test_without_words_there_is_a_form(client, make_post):
    make_post()
    response = client.get("/search/")
    assert response.status_code == 200
    assert list(response.context["posts"]) == []
    assert 'name="q"' in response.content.decode()


def test_nothing_found_says_so_and_repeats_the_words_safely(client):
    html = client.get("/search/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "Nothing is found for" in html
    assert "<script>alert" not in html


def test_results_are_kept_from_search_engines(client):
    html = client.get("/search/", {"q": "ink"}).content.decode()
    assert '<meta name="robots" content="noindex">' in html


def test_the_next_page_keeps_the_words(client, make_post):
    for number in range(13):
        make_post(title=f"Ink & paper {number}")
    html = client.get("/search/", {"q": "ink & paper"}).content.decode()
    assert 'href="/search/?q=ink+%26+paper&amp;page=2"' in html
    assert client.get("/search/?q=ink+%26+paper&page=2").status_code == 200
    assert client.get("/search/?q=ink&page=9").status_code == 404


@pytest.mark.parametrize("query", ["\x00", "%", "_", "\\", "'", "x" * 7000, "\ud83d\ude00" * 300])
def test_odd_words_are_only_words(client, make_post, query):
    make_post()
    query = query.encode("utf-16", "surrogatepass").decode("utf-16")
    assert client.get("/search/", {"q": query}).status_code in (200, 414)


def test_a_megabyte_of_words_is_refused(client):
    assert client.get("/search/", {"q": "x" * 1_000_000}).status_code == 414
