"""Addresses that are made up and addresses that are typed."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from blog.models import Category, Page, Post, Series, Tag
from blog.services import save_content, save_term

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("On ink", "on-ink"),
        ("论墨与砚", "论墨与砚"),
        ("ما هو الحبر؟", "ما-هو-الحبر"),
        ("Что такое чернила?", "что-такое-чернила"),
        ("Crème brûlée", "creme-brulee"),
        ("🎉🎉", "post"),
        ("???", "post"),
        ("a/b.c", "a-b-c"),
        ("  C++ & Rust  ", "cpp-rust"),
    ],
)
def test_a_title_in_any_script_gives_a_slug_that_opens(title, slug, ada, client, make_post):
    post = make_post(author=ada, title=title)
    assert post.slug == slug
    assert client.get(post.get_absolute_url()).status_code == 200


def test_a_taken_slug_gets_a_number(ada):
    slugs = [save_content(Post(title="On ink"), by=ada).slug for _ in range(3)]
    assert slugs == ["on-ink", "on-ink-2", "on-ink-3"]


def test_a_suffix_is_tried_before_a_number(ada):
    save_content(Post(title="On ink"), by=ada)
    slugs = [
        save_content(Post(title="On ink"), by=ada, slug_suffix="de").slug,
        save_content(Post(title="On ink"), by=ada, slug_suffix="de").slug,
    ]
    assert slugs == ["on-ink-de", "on-ink-de-2"]


def test_a_long_title_and_a_long_suffix_still_fit(ada):
    title = "very " * 39
    for _ in range(3):
        post = save_content(Post(title=title), by=ada, slug_suffix="x" * 35)
        assert len(post.slug) <= 100


def test_the_thousandth_post_of_one_name_costs_no_thousand_queries(ada, monkeypatch):
    monkeypatch.setattr("blog.slugs.MAX_NUMBER", 3)
    slugs = [save_content(Post(title="On ink"), by=ada).slug for _ in range(5)]
    assert slugs[:3] == ["on-ink", "on-ink-2", "on-ink-3"]
    assert len(set(slugs)) == 5
    with CaptureQueriesContext(connection) as queries:
        save_content(Post(title="On ink"), by=ada)
    assert len(queries) < 40


def test_a_typed_slug_that_is_taken_is_refused(ada):
    save_content(Post(title="On ink"), by=ada)
    with pytest.raises(ValidationError) as caught:
        save_content(Post(title="Other", slug="on-ink"), by=ada)
    assert caught.value.message_dict == {"slug": ["Something else has this address already."]}


def test_two_spellings_of_one_character_are_one_slug(ada):
    save_content(Post(title="One", slug="café"), by=ada)
    with pytest.raises(ValidationError):
        save_content(Post(title="Two", slug="cafe\u0301"), by=ada)


@pytest.mark.parametrize("slug", ["admin", "Admin", "search", "static", "media", "api", "archive"])
def test_a_page_cannot_take_an_address_of_the_site(slug, eve):
    with pytest.raises(ValidationError, match="belongs to the site"):
        save_content(Page(title="A page", slug=slug), by=eve)


def test_a_page_named_like_an_address_of_the_site_gets_a_number(eve):
    assert save_content(Page(title="Search"), by=eve).slug == "search-2"


def test_a_post_and_a_page_may_have_the_same_slug(ada, eve):
    assert save_content(Post(title="About"), by=ada).slug == "about"
    assert save_content(Page(title="About"), by=eve).slug == "about"


@pytest.mark.parametrize("model", [Category, Tag, Series])
def test_a_term_gets_a_slug_in_the_same_way(model, eve):
    slugs = [save_term(model(name=name), by=eve).slug for name in ("墨", "墨", "🎉")]
    assert slugs == ["墨", "墨-2", model._meta.model_name]
    with pytest.raises(ValidationError) as caught:
        save_term(model(name="Other", slug="墨"), by=eve)
    assert "slug" in caught.value.message_dict


class TestRaces:
    """Another save takes the address between our look and our write."""

    @pytest.fixture
    def loses_the_race(self, monkeypatch):
        """The first write fails as it does when another transaction was quicker."""
        written = []
        for model in (Post, Tag):
            save = model.save

            def late(self, *args, save=save, **kwargs):
                written.append(self.slug)
                if len(written) == 1:
                    raise IntegrityError("UNIQUE constraint failed")
                return save(self, *args, **kwargs)

            monkeypatch.setattr(model, "save", late)
        return written

    def test_a_typed_slug_is_refused_with_its_field(self, ada, loses_the_race):
        with pytest.raises(ValidationError) as caught:
            save_content(Post(title="On ink", slug="ink"), by=ada)
        assert list(caught.value.message_dict) == ["slug"]

    def test_a_made_up_slug_is_made_up_again(self, ada, loses_the_race):
        assert save_content(Post(title="On ink"), by=ada).slug == "on-ink"
        assert len(loses_the_race) == 2

    def test_so_it_is_for_terms(self, eve, loses_the_race):
        assert save_term(Tag(name="ink"), by=eve).slug == "ink"
