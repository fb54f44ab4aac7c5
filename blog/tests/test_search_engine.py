"""The search engine: what is found by which words, in which order, kept true by every save."""

import pytest
from django.contrib.auth.models import AnonymousUser

from blog import services
from blog.models import Post
from blog.models.search import SearchPart
from blog.search import find, matching, postgresql, search_posts
from blog.search.index import TOKENS_PER_PART, index_missing

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    return [post.title for post in search_posts(Post.objects.listed_for(AnonymousUser()), text)[:]]


@pytest.mark.parametrize(
    "query",
    [
        "机器学习",
        "学习",
        "器学",
        "机",
        "学",
        "法",
        "ディープ",
        "검색",
        "검",
        "naive",
        "Naïve",
        "NAIVE",
        "container",
        "containers",
        "contai",
        '"in a box"',
        "C++",
        "поиск",
        "العربي",
        "ไทย",
    ],
)
def test_any_script_is_found_by_its_words_and_their_parts(make_post, query):
    make_post(
        title="Here",
        body=(
            "这是机器学习的方法。 ディープラーニング。 한국어검색은 좋다. "
            "A naïve container in a box. C++ поиск العَرَبِيّ ภาษาไทย"
        ),
    )
    make_post(title="Elsewhere", body="Nothing of the kind.")
    assert found(query) == ["Here"]


@pytest.mark.parametrize("query", ["习机", '"container naive"', "containerx", "学机", "ainer"])
def test_what_is_not_there_is_not_found(make_post, query):
    make_post(title="Here", body="这是机器学习的方法。 A naive container stands alone.")
    assert found(query) == []


def test_every_word_must_be_there(make_post):
    make_post(title="Both", body="ink and paper")
    make_post(title="One", body="ink alone")
    assert found("paper ink") == ["Both"]


def test_when_none_has_all_words_those_with_some_come(make_post):
    make_post(title="One", body="ink alone")
    results = search_posts(Post.objects.all(), "ink granite")
    assert results.loose
    assert [post.title for post in results[:]] == ["One"]


def test_title_comes_before_summary_before_text(make_post):
    make_post(title="In text", body="Some other start.\n\nThen there is ink.")
    make_post(title="In summary", excerpt="All about ink.", body="Nothing.")
    make_post(title="Ink", body="Nothing.")
    assert found("ink") == ["Ink", "In summary", "In text"]


def test_a_word_is_left_out_by_a_minus(make_post):
    make_post(title="Wet", body="ink and water")
    make_post(title="Dry", body="ink and sand")
    assert found("ink -water") == ["Dry"]
    assert found("-water") == []


def test_a_quoted_phrase_stands_in_a_row(make_post):
    make_post(title="Row", body="black ink on paper")
    make_post(title="Apart", body="ink that is black")
    assert found('"black ink"') == ["Row"]


def test_only_the_last_word_may_be_a_beginning(make_post):
    make_post(title="Here", body="container images")
    assert found("image cont") == ["Here"]
    assert search_posts(Post.objects.all(), "cont images").loose


def test_what_the_reader_may_not_see_is_not_found(make_post, rita):
    make_post(title="Draft ink", draft=True)
    make_post(title="Members ink", visibility="members")
    assert found("ink") == []
    assert len(search_posts(Post.objects.listed_for(rita), "ink")) == 1


def test_a_save_is_found_at_once_and_the_old_words_are_gone(make_post, ada):
    post = make_post(title="Before", body="granite")
    post.title, post.body = "After", "marble"
    services.save_content(post, by=ada)
    assert found("granite") == []
    assert found("marble") == ["After"]


def test_a_deleted_post_leaves_nothing_in_the_index(make_post, sam):
    post = make_post(title="Gone", body="granite")
    services.trash_content(post, by=sam)
    services.delete_content(post, by=sam)
    assert not SearchPart.objects.exists()
    make_post(title="New", body="marble")  # may get the same keys
    assert found("granite") == []


def test_a_long_text_is_found_to_its_end(make_post, ada):
    post = make_post(title="Long", body="机器学习 " * TOKENS_PER_PART + "尾声在此")
    assert SearchPart.objects.filter(post=post).count() > 1
    assert found("尾声在此") == ["Long"]
    post.body = "短了"
    services.save_content(post, by=ada)
    assert SearchPart.objects.filter(post=post).count() == 1
    assert found("尾声在此") == []


def test_what_a_sign_joins_stays_together(make_post):
    make_post(title="Release 1.0", body="x")
    make_post(title="Release 44.1", body="fix 0, 2.1.0 and 1 more")
    assert found("1.0") == ["Release 1.0", "Release 44.1"]
    assert found("release 1.0")[0] == "Release 1.0"
    assert found("44.1") == ["Release 44.1"]
    assert found("1.44") == ["Release 44.1", "Release 1.0"], "in a row first, else any"


def test_a_title_that_is_the_query_comes_before_texts_that_repeat_it(make_post):
    make_post(title="Incremental compilation", body="x " * 200)
    make_post(title="Compilation that is incremental", body="x")
    make_post(title="Notes", body="incremental compilation " * 9)
    assert found("incremental compilation") == [
        "Incremental compilation",
        "Compilation that is incremental",
        "Notes",
    ]
    assert found("incremental compil")[0] == "Incremental compilation"


def test_of_frequent_words_the_same_is_found_in_the_same_order(make_post, monkeypatch):
    make_post(title="Red ink", body="机器学习")
    make_post(title="Paper", body="red ink and ink", draft=True)
    make_post(title="Ink, paper", body="red 学习机器")
    make_post(title="Notes", body="ink ink ink ink red red")
    make_post(title="More notes", body="red ink, red ink, red ink")
    queries = ["ink", "red ink", '"red ink"', '"ink red"', "ink -red", 'ink -"red ink"', "pap"]
    queries += ["学习", "机器学"]
    rare = {query: found(query) for query in queries}
    monkeypatch.setattr(postgresql, "FEW", 0)  # SQLite has one way for both.
    assert {query: found(query) for query in queries} == rare
    assert rare['"red ink"'] == ["Red ink", "More notes"]
    assert rare['ink -"red ink"'] == ["Ink, paper", "Notes"]
    assert rare["pap"] == ["Ink, paper"]
    assert rare["机器学"] == ["Red ink"]


def test_titles_come_before_newer_texts_where_not_all_are_weighed(make_post, monkeypatch):
    monkeypatch.setattr(find, "MAX_RESULTS", 3)
    for title in ("Old ink", "One", "Two", "Three"):
        make_post(title=title, body="red ink")
    assert found("ink")[0] == "Old ink"
    assert len(found("ink")) == 3
    assert len(found('"red ink"')) == 3


def test_posts_without_an_entry_are_indexed_by_the_sweep(make_post):
    make_post(title="Lost", body="granite")
    SearchPart.objects.all().delete()
    assert found("granite") == []
    assert index_missing(10) == 1
    assert index_missing(10) == 0
    assert found("granite") == ["Lost"]


def test_an_entry_of_an_older_version_is_made_anew(make_post):
    make_post(title="Old", body="granite")
    SearchPart.objects.update(version=0)
    assert index_missing(10) == 1
    assert found("granite") == ["Old"]


def test_searching_costs_few_queries(make_post, django_assert_max_num_queries):
    for number in range(15):
        make_post(title=f"Ink {number}", body="black")
    with django_assert_max_num_queries(6):
        assert len(search_posts(Post.objects.all().for_listing(), "ink")[:12]) == 12


def test_matching_keeps_the_order_it_is_given(make_post):
    make_post(title="One", body="ink")
    make_post(title="Two ink", body="x")
    posts = matching(Post.objects.order_by("pk"), "ink")
    assert [post.title for post in posts] == ["One", "Two ink"]


@pytest.mark.parametrize(
    "query",
    ["'", '"', '""', "-", "--", "&", "|", "!", ":*", "a:*", "(", ")", "\\", "%", "NEAR(", "* OR",
     "title:ink", "{title}: ink", "\x00",
      "😀", "''':A", "a" * 5000, "天" * 200, "-天 -ink", "^ink"],
)  # fmt: skip
def test_signs_of_a_query_language_are_only_signs(make_post, query):
    make_post(title="Ink")
    list(search_posts(Post.objects.all(), query)[:])
    list(matching(Post.objects.all(), query))
