"""Law 6: former addresses answer one 301, and only to those who may see what moved."""

import pytest

from accounts.services import save_user
from blog.models import OldAddress
from blog.services import save_content, save_term, unpublish_content

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved(make_post, make_page, make_category, make_tag, make_series, ada):
    """Everything with an address, each renamed from "...-old" to "...-new"."""
    terms = [
        make_category("C", slug="cat-old"),
        make_tag("T", slug="tag-old"),
        make_series("S", slug="series-old"),
    ]
    post = make_post(
        slug="post-old", author=ada, category=terms[0], tags=[terms[1]], series=terms[2]
    )
    page = make_page(slug="page-old")
    for term in terms:
        term.slug = term.slug.replace("old", "new")
        save_term(term)
    for content in (post, page):
        content.slug = content.slug.replace("old", "new")
        save_content(content, by=None)
    ada.username = "countess"
    save_user(ada, by=None, role=ada.role)
    return post


MOVES = {
    "/posts/post-old/": "/posts/post-new/",
    "/posts/post-old": "/posts/post-new/",
    "/posts/POST-old/": "/posts/post-new/",
    "/posts/post-old/?a=1&b=%C3%A9": "/posts/post-new/?a=1&b=%C3%A9",
    "/posts/post-old.md": "/posts/post-new.md",
    "/page-old/": "/page-new/",
    "/page-old": "/page-new/",
    "/categories/cat-old/?page=2": "/categories/cat-new/?page=2",
    "/categories/cat-old/atom.xml": "/categories/cat-new/atom.xml",
    "/tags/tag-old/": "/tags/tag-new/",
    "/tags/tag-old/rss.xml": "/tags/tag-new/rss.xml",
    "/series/series-old/": "/series/series-new/",
    "/series/series-old/feed.json": "/series/series-new/feed.json",
    "/authors/ada/": "/authors/countess/",
    "/authors/ada/atom.xml": "/authors/countess/atom.xml",
}


@pytest.mark.parametrize("old", MOVES)
def test_an_old_address_leads_to_the_new_one_at_once(client, moved, old):
    response = client.get(old)
    assert (response.status_code, response["Location"]) == (301, MOVES[old])
    assert client.head(old).status_code == 301
    if "page=2" not in old:
        assert client.get(MOVES[old]).status_code == 200


def test_a_move_is_not_for_other_methods(client, moved):
    assert client.post("/posts/post-old/").status_code in (404, 405)


@pytest.mark.parametrize("old", [old for old in MOVES if not old.startswith("/page")])
def test_the_old_address_of_what_is_hidden_tells_nothing(client, moved, old):
    unpublish_content(moved, by=None)
    response = client.get(old)
    if response.status_code == 301:  # the slash that any address gets
        response = client.get(response["Location"])
    assert response.status_code == 404


def test_its_author_is_still_led_to_the_draft(client, moved, ada):
    unpublish_content(moved, by=None)
    client.force_login(ada)
    assert client.get("/posts/post-old/").status_code == 301


def test_renamed_back_it_answers_itself(client, moved):
    moved.slug = "post-old"
    save_content(moved, by=None)
    assert client.get("/posts/post-old/").status_code == 200
    assert client.get("/posts/post-new/")["Location"] == "/posts/post-old/"


def test_an_imported_address_of_any_shape_leads_on(client, make_post):
    post = make_post()
    for path in ("/2014/10/30/On-Ink.html", "/blog/über ink/", "/old.md", "/?p=12"):
        if path != "/?p=12":
            OldAddress.objects.remember(path, post)
            assert client.get(path)["Location"] == "/posts/on-ink/", path


def test_a_404_costs_one_query_more_for_old_addresses(client, db, django_assert_num_queries):
    with django_assert_num_queries(4):  # site, post, menu, old address
        assert client.get("/posts/nowhere/").status_code == 404
