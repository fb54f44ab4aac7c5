"""Every change to what is published goes through here: page, admin, API and import alike.

Each function is one transaction that checks the role, keeps a revision and records an event.
Pass `by=None` only where no person acts (an import run from the command line).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from blog import policy
from blog.models import Category, Content, OldAddress, Post, PostAuthor, Revision, Series, Tag
from blog.rendering import DERIVED_FIELDS, render_into
from blog.slugs import check_slug, fill_slug
from events.services import record
from lib.text import check_text, clean_text

MAX_TAGS = 100  # per post
TEXT_FIELDS = ["title", "subtitle", "body", "excerpt", "seo_title", "seo_description"]


class StaleVersion(ValidationError):
    """Somebody else saved it since the editor opened it."""


@transaction.atomic
def save_content(
    content: Content,
    *,
    by: User | None,
    authors: Sequence[User] | None = None,
    tags: Iterable[Tag] | None = None,
    expected_version: int | None = None,
    reason: str = "saved",
    at: datetime | None = None,
    slug_suffix: str = "",
) -> Content:
    """Save a new or changed post or page, whole: row, derived columns, tags, authors, history.

    `authors` (in order) and `tags` replace what is there; None leaves them, and a new post is
    then by `by`. `expected_version` is the version the editor started from. `at` is the moment
    the change counts as made (now when None; an import gives the original one). `slug_suffix`
    is tried when the slug made from the title is taken.

    Raises StaleVersion when it was saved by another since `expected_version`, ValidationError
    for what cannot be stored, PermissionDenied when `by` may not.
    """
    stored = _lock(content) if content.pk else None
    if by is not None:
        allowed = policy.may_edit(by, stored) if stored else policy.may_create(by, type(content))
        policy.require(allowed)
    if stored and expected_version is not None and stored.version != expected_version:
        raise StaleVersion(_("Somebody else has saved this since you opened it."))
    if stored:
        # States change by the functions below only: a save of an older copy must not undo them.
        content.version = stored.version
        content.status, content.trashed_at = stored.status, stored.trashed_at
    elif by is not None and content.status != Content.Status.DRAFT:
        policy.require(by.has_perm("blog.publish_content"))
    _store(content, stored, at=at or timezone.now(), slug_suffix=slug_suffix)
    if isinstance(content, Post):
        if authors is None and stored is None and by is not None:
            authors = [by]
        _set_authors(content, authors)
        _set_tags(content, tags)
    _finish(content, "updated" if stored else "created", by=by, reason=reason)
    return content


@transaction.atomic
def submit_content(content: Content, *, by: User) -> Content:
    """Hand a draft to the editors."""
    return _transition(content, Content.submit, "submitted", by=by, allowed=policy.may_edit)


@transaction.atomic
def publish_content(content: Content, *, by: User | None, at: datetime | None = None) -> Content:
    """Make it public from `at` (aware; now, or the time it was given, when None)."""
    return _transition(
        content,
        lambda locked: locked.publish(at),
        "published",
        by=by,
        allowed=policy.may_publish,
    )


@transaction.atomic
def unpublish_content(content: Content, *, by: User | None) -> Content:
    """Back to draft, from published or from review."""
    in_review = content.status == Content.Status.IN_REVIEW
    allowed = policy.may_edit if in_review else policy.may_publish
    return _transition(content, Content.unpublish, "unpublished", by=by, allowed=allowed)


@transaction.atomic
def trash_content(content: Content, *, by: User | None) -> Content:
    """Into the bin."""
    return _transition(content, Content.trash, "trashed", by=by, allowed=policy.may_edit)


@transaction.atomic
def restore_content(content: Content, *, by: User | None) -> Content:
    """Out of the bin, in the state it had."""
    return _transition(content, Content.restore, "restored", by=by, allowed=policy.may_edit)


@transaction.atomic
def save_term(term: Category | Tag | Series, *, by: User | None = None) -> Category | Tag | Series:
    """Save a category, tag or series; a changed slug leaves its old address behind."""
    stored = type(term).objects.select_for_update().get(pk=term.pk) if term.pk else None
    for name in ("name", "description"):
        setattr(term, name, _clean(getattr(term, name)))
    fill_slug(term)
    check_slug(term)
    term.full_clean()
    term.save()
    _keep_old_address(term, stored)
    record(f"{term._meta.model_name}.{'updated' if stored else 'created'}", term, actor=by)
    return term


def rebuild(content: Content) -> None:
    """Derive the columns anew, for a new renderer version say. No revision, no new version."""
    render_into(content)
    content.save(update_fields=DERIVED_FIELDS)


# --- steps ------------------------------------------------------------------------------


def _lock(content: Content) -> Content:
    return type(content).objects.select_for_update().get(pk=content.pk)


def _transition(content, change, verb, *, by, allowed) -> Content:
    """Apply `change` to the locked row, keep it, and bring the caller's object up to date."""
    locked = _lock(content)
    if by is not None:
        policy.require(allowed(by, locked))
    change(locked)
    locked.version += 1
    locked.save(update_fields=["status", "published_at", "unpublish_at", "trashed_at", "version"])
    _finish(locked, verb, by=by, reason=verb)
    content.refresh_from_db()
    return content


def _clean(text: str) -> str:
    try:
        check_text(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error
    return clean_text(text)


def _store(content: Content, stored: Content | None, *, at: datetime, slug_suffix: str) -> None:
    for name in TEXT_FIELDS:
        setattr(content, name, _clean(getattr(content, name)))
    content.title = " ".join(content.title.split())
    content.language = content.language.lower().replace("_", "-")
    fill_slug(content, suffix=slug_suffix)
    check_slug(content)
    if stored is None or stored.body != content.body or stored.language != content.language:
        try:
            render_into(content)
        except ValueError as error:
            raise ValidationError({"body": str(error)}) from error
    content.updated_at = at
    content.version += 1
    content.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            content.save()
    except IntegrityError as error:
        # Another save took the address between our look and our write.
        raise ValidationError({"slug": _("Something else has this address already.")}) from error
    _keep_old_address(content, stored)


def _keep_old_address(thing: models.Model, stored: models.Model | None) -> None:
    if stored is not None and stored.slug != thing.slug:
        OldAddress.objects.forget(thing.get_absolute_url(), thing)
        OldAddress.objects.remember(stored.get_absolute_url(), thing)


def _set_authors(post: Post, authors: Sequence[User] | None) -> None:
    if authors is None:
        return
    authors = list(dict.fromkeys(authors))
    if not authors:
        raise ValidationError(_("A post needs at least one author."))
    if [user.pk for user in post.byline] == [user.pk for user in authors]:
        return
    post.post_authors.all().delete()
    PostAuthor.objects.bulk_create(
        PostAuthor(post=post, user=user, position=position) for position, user in enumerate(authors)
    )


def _set_tags(post: Post, tags: Iterable[Tag] | None) -> None:
    if tags is None:
        return
    tags = list(tags)
    if len(tags) > MAX_TAGS:
        raise ValidationError(_("A post has at most %d tags.") % MAX_TAGS)
    post.tags.set(tags)


def _finish(content: Content, verb: str, *, by: User | None, reason: str) -> None:
    kind = content._meta.model_name
    link = {kind: content}
    last = Revision.objects.filter(**link).aggregate(models.Max("number"))["number__max"] or 0
    Revision.objects.create(
        **link, number=last + 1, editor=by, reason=reason, snapshot=content.snapshot()
    )
    record(f"{kind}.{verb}", content, actor=by, payload={"version": content.version})
