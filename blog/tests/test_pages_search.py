"""The search page, through blog.search."""

from datetime import UTC, datetime, timedelta

import feedparser
import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog import services
from blog.models import SearchMiss
from blog.search.suggest import MAX_MISSES, drop_old_misses, refresh_words

pytestmark = pytest.mark.django_db


def test_words_in_title_or_text_are_found(client, make_post):
    make_post(title="On ink", body="Nothing else.")
    make_post(title="On paper", body="It takes ink well.")
    make_post(title="On stone", body="It does not.")
    response = client.get("/search/", {"q": "ink"})
    assert [hit.post.title for hit in response.context["hits"]] == ["On ink", "On paper"]
    assert "2 posts" in response.content.decode()


def test_a_chinese_word_is_found(client, make_post):
    make_post(title="研墨", body="磨墨如病夫。")
    assert "研墨" in client.get("/search/", {"q": "病夫"}).content.decode()


def test_without_words_there_is_a_form(client, make_post):
    make_post()
    response = client.get("/search/")
    assert response.status_code == 200
    assert response.context["hits"] == []
    assert 'name="q"' in response.content.decode()


def test_nothing_found_says_so_and_repeats_the_words_safely(client):
    html = client.get("/search/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "Nothing was found for" in html
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


def test_the_words_are_marked_and_nothing_else_becomes_markup(client, make_post):
    make_post(title="On <b>ink</b>", body="Before. " * 30 + "The ink is `<script>`.")
    html = client.get("/search/", {"q": "ink"}).content.decode()
    assert "On &lt;b&gt;<mark>ink</mark>&lt;/b&gt;" in html
    assert "The <mark>ink</mark> is &lt;script&gt;" in html


def test_a_chinese_snippet_marks_the_run(client, make_post):
    make_post(title="笔记", body="这里讲的是机器学习的方法。")
    html = client.get("/search/", {"q": "机器学习"}).content.decode()
    assert "这里讲的是<mark>机器学习</mark>的方法。" in html


def test_a_snippet_is_about_as_long_in_every_script(client, make_post):
    make_post(title="长", body="墨" + "山水云雨春秋书信灯火" * 50)
    make_post(title="Long", body="墨 " + "paper and ink " * 50)
    hits = client.get("/search/", {"q": "墨"}).context["hits"]
    lengths = {hit.post.title: sum(len(piece.text) for piece in hit.snippet) for hit in hits}
    assert 110 <= lengths["长"] <= 130
    assert 220 <= lengths["Long"] <= 250


def test_results_are_narrowed_by_what_they_have_in_common(client, make_post, make_category, bob):
    paper, stone = make_category("Paper"), make_category("Stone")
    make_post(title="Ink A", category=paper, tags=["old"])
    make_post(title="Ink B", category=stone, author=bob, language="zh-hans")
    make_post(
        title="Ink C", category=stone, published_at=datetime(2024, 12, 31, 23, 30, tzinfo=UTC)
    )
    html = client.get("/search/", {"q": "ink"}).content.decode()
    assert 'href="?q=ink&amp;category=stone"' in html

    def titles(**choices):
        response = client.get("/search/", {"q": "ink", **choices})
        return {hit.post.title for hit in response.context["hits"]}

    assert titles(category="stone") == {"Ink B", "Ink C"}
    assert titles(category="stone", author="BOB") == {"Ink B"}
    assert titles(tag="old") == {"Ink A"}
    assert titles(year="2024") == {"Ink C"}
    assert titles(language="zh-hans") == {"Ink B"}
    for choice in ({"year": "0"}, {"year": "99999"}, {"year": "x"}, {"tag": "none"}):
        assert titles(**choice) == set()


def test_a_chosen_facet_can_be_taken_back(client, make_post, make_category):
    make_post(title="Ink A", category=make_category("Paper"))
    html = client.get("/search/", {"q": "ink", "category": "paper"}).content.decode()
    assert '<a href="?q=ink" aria-current="true">Paper</a>' in html


def test_facets_count_only_what_the_reader_may_see(client, make_post, make_category):
    make_post(title="Ink A", category=make_category("Paper"))
    make_post(title="Ink B", category=make_category("Secret"), draft=True)
    assert "Secret" not in client.get("/search/", {"q": "ink"}).content.decode()


def test_a_slip_is_met_with_a_word_that_finds_something(client, make_post):
    make_post(title="Calligraphy", body="Of letters.")
    refresh_words()
    html = client.get("/search/", {"q": "calligrahpy"}).content.decode()
    assert '<a href="?q=calligraphy">calligraphy</a>' in html


def test_no_suggestion_tells_what_a_draft_says(client, make_post, ada):
    post = make_post(title="Calligraphy")
    refresh_words()
    services.unpublish_content(post, by=ada)
    assert "calligraphy" not in client.get("/search/", {"q": "calligrahpy"}).content.decode()


def test_words_are_learned_anew_only_when_posts_changed(make_post):
    make_post(title="Calligraphy")
    assert refresh_words() > 0
    assert refresh_words() == 0


def test_editors_learn_what_was_not_found(client, eve, ada):
    for query in ("Granite", "granite ", "granite"):
        client.get("/search/", {"q": query})
    assert list(SearchMiss.objects.values_list("query", "count")) == [("granite", 1)]
    if settings.REDIS_URL:
        cache.clear()  # Redis goes by a clock of its own.
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        client.get("/search/", {"q": "granite"})
    assert SearchMiss.objects.get().count == 2
    client.force_login(eve)
    assert "granite" in client.get("/admin/blog/searchmiss/").content.decode()
    client.force_login(ada)
    assert client.get("/admin/blog/searchmiss/").status_code == 404


def test_what_is_found_is_not_noted(client, make_post):
    make_post(title="Ink")
    client.get("/search/", {"q": "ink"})
    client.get("/search/")
    assert not SearchMiss.objects.exists()


def test_only_the_most_frequent_misses_are_kept():
    SearchMiss.objects.bulk_create(
        SearchMiss(query=f"word {number}", count=number + 1) for number in range(MAX_MISSES + 5)
    )
    assert drop_old_misses() == 5
    assert SearchMiss.objects.count() == MAX_MISSES
    assert not SearchMiss.objects.filter(count=1).exists()


@pytest.mark.parametrize("file", ["atom.xml", "rss.xml", "feed.json"])
def test_a_search_can_be_followed(client, make_post, file):
    make_post(title="On ink")
    make_post(title="On stone", body="Hard.")
    response = client.get(f"/search/{file}", {"q": "ink"})
    assert response.status_code == 200
    text = response.content.decode()
    assert "On ink" in text
    assert "On stone" not in text
    assert f"https://blog.test/search/{file}?q=ink" in text
    page = client.get("/search/", {"q": "ink"}).content.decode()
    assert f"https://blog.test/search/{file}?q=ink" in page


def test_a_search_without_results_can_be_followed_too(client):
    feed = feedparser.parse(client.get("/search/atom.xml", {"q": "ink"}).content)
    assert not feed.bozo
    assert feed.entries == []


def test_the_page_costs_a_fixed_number_of_queries(client, make_post, make_category):
    counts = []
    for number in (3, 30):
        for part in range(number):
            make_post(title=f"Ink {number}-{part}", tags=[f"t{part}"])
        client.get("/search/", {"q": "ink"})
        with CaptureQueriesContext(connection) as queries:
            client.get("/search/", {"q": "ink"})
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 9
