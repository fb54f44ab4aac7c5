"""Saving a post or page: whole, checked, once, and nothing when it fails."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog import services
from blog.models import Page, Post, Revision
from blog.services import StaleVersion, publish_content, save_content, trash_content
from events.models import Event

pytestmark = pytest.mark.django_db


def kinds(thing) -> list[str]:
    events = Event.objects.filter(subject_type=thing._meta.label_lower, subject_id=str(thing.pk))
    return list(events.order_by("id").values_list("kind", flat=True))


# --- it works ---------------------------------------------------------------------------


def test_a_new_post_is_by_who_makes_it_and_a_draft(ada):
    post = save_content(Post(title="On ink", body="Ink is *black*."), by=ada)
    post = Post.objects.get(pk=post.pk)
    assert (post.status, post.version, post.slug) == ("draft", 1, "on-ink")
    assert post.byline == [ada]
    assert "<em>black</em>" in post.body_html
    assert (post.word_count, post.reading_minutes) == (3, 1)
    assert kinds(post) == ["post.created"]


def test_each_save_writes_one_event_with_its_version_and_actor(ada):
    post = save_content(Post(title="On ink"), by=ada)
    save_content(post, by=ada)
    event = Event.objects.filter(kind="post.updated").get()
    assert event.actor == ada
    assert event.payload == {"version": 2}


def test_the_body_is_stored_as_it_was_typed(ada):
    typed = "    code first\n\n\ttab \u3000 end  \r\nlast\n\n"
    post = save_content(Post(title="On ink", body=typed), by=ada)
    assert Post.objects.get(pk=post.pk).body == typed


def test_a_title_is_one_line(ada):
    post = save_content(Post(title="  On \n ink\t", subtitle="a\r\nb"), by=ada)
    assert (post.title, post.subtitle) == ("On ink", "a b")


def test_characters_that_xml_forbids_are_stripped_from_every_text(ada):
    post = Post(
        title="On\x0b ink", body="a\x01b", excerpt="e\x02", seo_title="s\x1f", subtitle="\ufffe"
    )
    post = save_content(post, by=ada)
    assert (post.title, post.body, post.excerpt) == ("On ink", "ab", "e")
    assert (post.seo_title, post.subtitle) == ("s", "")


def test_tags_and_authors_replace_what_was_there(ada, bob, eve, make_tag):
    ink, paper = make_tag("ink"), make_tag("paper")
    post = save_content(Post(title="On ink"), by=eve, authors=[ada, bob], tags=[ink])
    save_content(post, by=eve, authors=[bob, ada, bob], tags=[paper, paper])
    post = Post.objects.get(pk=post.pk)
    assert post.byline == [bob, ada]
    assert list(post.tags.all()) == [paper]


def test_tags_and_authors_stay_when_none_are_given(ada, eve, make_tag):
    ink = make_tag("ink")
    post = save_content(Post(title="On ink"), by=eve, authors=[ada], tags=[ink])
    save_content(post, by=eve)
    assert (post.byline, list(post.tags.all())) == ([ada], [ink])


def test_a_byline_prefetched_before_is_not_kept_in_the_history(ada, bob, eve, make_post):
    make_post(author=ada)
    post = Post.objects.for_listing().get()
    assert post.byline == [ada]
    save_content(post, by=eve, authors=[bob])
    assert post.byline == [bob]
    assert post.revisions.first().snapshot["authors"] == [bob.pk]


def test_the_moment_of_the_change_can_be_given(ada, make_post):
    post = make_post()
    at = post.updated_at - timedelta(days=2_000)
    save_content(post, by=ada, at=at)
    assert Post.objects.get().updated_at == at


def test_a_save_costs_a_fixed_number_of_queries(eve, ada, bob, make_tag, make_post, make_category):
    eve.has_perm("x.y")  # permissions are read once for each request
    few, many = ([make_tag(f"{size}-{i}") for i in range(size)] for size in (1, 30))
    counts = []
    for tags in (few, many):
        post = make_post(author=ada, tags=tags, category=make_category(f"C{len(tags)}"))
        post.body += "\n\nMore."
        with CaptureQueriesContext(
            connection,
        ) as queries:
            save_content(post, by=eve, authors=[ada, bob], tags=tags, expected_version=2)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 29  # three of them for the search index


# --- the wrong person -------------------------------------------------------------------


def test_a_reader_makes_nothing(rita):
    with pytest.raises(PermissionDenied):
        save_content(Post(title="On ink"), by=rita)
    assert not Post.objects.exists()


@pytest.mark.parametrize("person", ["rita", "cleo", "bob"])
def test_nobody_else_changes_an_authors_post(person, request, make_post, ada):
    post = make_post(author=ada)
    post.title = "Mine now"
    with pytest.raises(PermissionDenied):
        save_content(post, by=request.getfixturevalue(person))
    assert Post.objects.get().title == "On ink"


def test_a_contributor_does_not_change_what_is_published(cleo, make_post):
    post = make_post(author=cleo)
    with pytest.raises(PermissionDenied):
        save_content(post, by=cleo)


@pytest.mark.parametrize("person", ["cleo", "ada"])
def test_only_editors_make_pages(person, request):
    with pytest.raises(PermissionDenied):
        save_content(Page(title="About"), by=request.getfixturevalue(person))


def test_a_writer_does_not_write_in_anothers_name(ada, bob):
    with pytest.raises(PermissionDenied):
        save_content(Post(title="On ink"), by=ada, authors=[bob])
    post = save_content(Post(title="On ink"), by=ada, authors=[ada])
    with pytest.raises(PermissionDenied):
        save_content(post, by=ada, authors=[ada, bob])
    assert Post.objects.get().byline == [ada]


def test_a_contributor_does_not_publish_by_making_a_published_post(cleo):
    with pytest.raises(PermissionDenied):
        save_content(Post(title="On ink", body="x", status="published"), by=cleo)


# --- bad input --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("title", "NUL \x00"),
        ("title", "lone \ud800 surrogate"),
        ("body", "NUL \x00"),
        ("body", "lone \udfff surrogate"),
        ("body", "x" * 1_100_000),
        ("excerpt", "x" * 1_001),
        ("subtitle", "x" * 301),
        ("slug", "a/b"),
        ("slug", "a b"),
        ("slug", "NUL\x00"),
        ("slug", "lone\ud800"),
        ("slug", "back\\slash"),
        ("slug", "x" * 101),
        ("language", "<script>"),
        ("language", "e"),
        ("language", "en\x00"),
        ("canonical_url", "javascript:alert(1)"),
        ("canonical_url", "https://example.org/\x00"),
        ("visibility", "nobody"),
        ("seo_description", "x" * 301),
        ("published_at", "yesterday"),
        ("category_id", 999_999),
    ],
)
def test_what_cannot_be_stored_is_refused_by_field_and_leaves_nothing(field, value, ada):
    with pytest.raises(ValidationError) as caught:
        save_content(Post(**{"title": "On ink", "body": "x", field: value}), by=ada)
    assert field.removesuffix("_id") in caught.value.message_dict
    assert not Post.objects.exists()
    assert not Revision.objects.exists()
    assert not Event.objects.filter(kind__startswith="post").exists()


def test_a_post_needs_an_author():
    with pytest.raises(ValidationError, match="author"):
        save_content(Post(title="On ink"), by=None)
    assert not Post.objects.exists()


def test_too_many_tags_are_refused(ada, make_tag):
    tags = [make_tag(f"t{number}") for number in range(101)]
    with pytest.raises(ValidationError, match="100"):
        save_content(Post(title="On ink"), by=ada, tags=tags)


def test_a_refused_new_post_can_be_corrected_and_saved(ada):
    post = Post(title="On ink")
    with pytest.raises(ValidationError):
        save_content(post, by=ada, authors=[])
    assert save_content(post, by=ada).pk


def test_what_is_live_is_not_emptied_and_keeps_a_time(ada, make_post):
    post = make_post(author=ada)
    post.body = " \n"
    with pytest.raises(ValidationError, match="Write something"):
        save_content(post, by=ada)
    post = Post.objects.get()
    post.published_at = None
    with pytest.raises(ValidationError, match="publication time"):
        save_content(post, by=ada)


def test_it_ends_after_it_begins(ada, make_post):
    post = make_post(author=ada)
    post.unpublish_at = post.published_at
    with pytest.raises(ValidationError, match="before its publication"):
        save_content(post, by=ada)


def test_what_lies_in_the_bin_is_restored_before_it_is_changed(ada, make_post):
    post = make_post(author=ada, draft=True)
    trash_content(post, by=ada)
    with pytest.raises(ValidationError, match="bin"):
        save_content(post, by=ada)


# --- two people -------------------------------------------------------------------------


def test_a_stale_save_is_refused_and_changes_nothing(ada, eve, make_post):
    post = make_post(author=ada)
    mine, theirs = Post.objects.get(), Post.objects.get()
    theirs.body = "Theirs."
    save_content(theirs, by=eve, expected_version=post.version)
    mine.body = "Mine."
    with pytest.raises(StaleVersion):
        save_content(mine, by=ada, expected_version=post.version)
    assert Post.objects.get().body == "Theirs."


def test_saving_an_old_copy_does_not_undo_a_change_of_state(ada, eve, make_post):
    post = make_post(author=ada, draft=True)
    old_copy = Post.objects.get()
    publish_content(post, by=eve)
    old_copy.published_at = post.published_at
    save_content(old_copy, by=ada)
    assert Post.objects.get().is_published


def test_a_failure_at_the_end_leaves_nothing(ada, make_post, make_tag, monkeypatch):
    post = make_post(author=ada)
    revisions, events = Revision.objects.count(), Event.objects.count()

    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(services, "record", broken)
    post.title, post.slug = "Changed", "changed"
    with pytest.raises(ZeroDivisionError):
        save_content(post, by=ada, tags=[])
    stored = Post.objects.get()
    assert (stored.title, stored.slug, stored.version) == ("On ink", "on-ink", 2)
    assert (Revision.objects.count(), Event.objects.count()) == (revisions, events)
    assert not stored.old_addresses.exists()
