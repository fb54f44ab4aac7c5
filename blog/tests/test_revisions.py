"""Every save is a full revision, and revisions are never changed."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from blog.models import Page, Post, Revision
from blog.services import publish_content, save_content
from library.models import Image

pytestmark = pytest.mark.django_db


def test_twenty_saves_are_twenty_revisions_in_order(ada):
    post = save_content(Post(title="0"), by=ada)
    for number in range(1, 20):
        post.title = str(number)
        save_content(post, by=ada, expected_version=number)
    revisions = list(post.revisions.order_by("number"))
    assert [revision.number for revision in revisions] == list(range(1, 21))
    assert [revision.snapshot["title"] for revision in revisions] == [str(i) for i in range(20)]
    assert post.version == 20


def test_a_revision_holds_every_content_field(ada, bob, eve, make_tag, make_category, make_series):
    cover = Image.objects.create(digest="0" * 64, file="0.png", name="0", width=1, height=1, size=1)
    tags = [make_tag("b"), make_tag("a")]
    category, series = make_category(), make_series()
    at, end = datetime(2026, 5, 1, 12, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)
    post = Post(
        title="On ink",
        subtitle="A love story",
        body="Ink.",
        excerpt="Short.",
        slug="ink",
        cover=cover,
        language="zh-Hans",
        seo_title="SEO",
        seo_description="For engines.",
        canonical_url="https://example.org/ink",
        visibility="members",
        category=category,
        series=series,
        series_part=3,
        featured=True,
        corrections="It was oak.",
        published_at=at,
        unpublish_at=end,
    )
    save_content(post, by=eve, authors=[bob, ada], tags=tags)
    assert post.revisions.get().snapshot == {
        "title": "On ink",
        "subtitle": "A love story",
        "body": "Ink.",
        "excerpt": "Short.",
        "slug": "ink",
        "cover_id": cover.pk,
        "language": "zh-hans",
        "seo_title": "SEO",
        "seo_description": "For engines.",
        "canonical_url": "https://example.org/ink",
        "visibility": "members",
        "category_id": category.pk,
        "series_id": series.pk,
        "series_part": 3,
        "featured": True,
        "corrections": "It was oak.",
        "status": "draft",
        "published_at": "2026-05-01T12:00:00+00:00",
        "unpublish_at": "2027-05-01T00:00:00+00:00",
        "trashed_at": None,
        "authors": [bob.pk, ada.pk],
        "tags": sorted(tag.pk for tag in tags),
    }


def test_every_field_that_a_person_fills_is_in_the_snapshot():
    """A new field that is forgotten in SNAPSHOT_FIELDS would be lost from the history."""
    for model, links in ((Post, {"authors", "tags"}), (Page, set())):
        fields = {f.attname for f in model._meta.concrete_fields if f.editable}
        kept = set(model.SNAPSHOT_FIELDS)
        assert fields - {"id"} <= kept
        assert {field.name for field in model._meta.many_to_many} == links


def test_a_revision_tells_who_when_and_why(ada, eve):
    post = save_content(Post(title="On ink", body="x"), by=ada, reason="first words")
    publish_content(post, by=eve)
    told = [(r.editor, r.reason) for r in post.revisions.order_by("number")]
    assert told == [(ada, "first words"), (eve, "published")]


def test_a_long_reason_is_cut(ada):
    post = save_content(Post(title="On ink"), by=ada, reason="x" * 500)
    assert post.revisions.get().reason == "x" * 100


def test_pages_have_a_history_too(eve):
    page = save_content(Page(title="About", menu_position=2), by=eve)
    revision = page.revisions.get()
    assert (revision.subject, revision.snapshot["menu_position"]) == (page, 2)


def test_a_revision_is_never_saved_again(ada):
    revision = save_content(Post(title="On ink"), by=ada).revisions.get()
    revision.reason = "rewritten"
    with pytest.raises(ValidationError):
        revision.save()


def test_a_number_is_given_once(ada):
    post = save_content(Post(title="On ink"), by=ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.create(post=post, number=1, reason="x", snapshot={})
