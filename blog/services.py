"""Every change to what is published goes through here: page, admin, API and import alike.

Each function is one transaction that checks the role, keeps a revision and records an event.
Pass `by=None` only where no person acts (an import run from the command line).
"""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from blog import checks, policy
from blog.models import (
    Category,
    Content,
    OldAddress,
    Post,
    PostAuthor,
    Revision,
    Series,
    Site,
    Tag,
    WorkingRevision,
)
from blog.rendering import DERIVED_FIELDS, render_into
from blog.search.index import index_post
from blog.slugs import check_address, check_slug, fill_slug
from blog.uses import forget_uses, keep_uses
from events.services import record
from lib.cleaning import checked_text, clean_texts

# What the steps below change, and nothing else.
STEP_FIELDS = ("status", "published_at", "unpublish_at", "trashed_at")
MAX_TAGS = 100  # per post
SLUG_ATTEMPTS = 10  # when other saves take the same made-up slug at the same moment

Term = Category | Tag | Series


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
    is_allowed: bool = False,
    derived: dict[str, Any] | None = None,
) -> Content:
    """Save a new or changed post or page, whole: row, derived columns, tags, authors, history.

    `authors` (in order) and `tags` replace what is there; None leaves them, and a new post is
    then by `by`. Only who may edit everything names others. `expected_version` is the version
    the editor started from. `at` is the moment the change counts as made (now when None; an
    import gives the original one). `slug_suffix` is tried when the slug made from the title is
    taken. `is_allowed`: the caller has asked whether `by` may, who is named in the history only.
    `derived` are the derived columns of the text, where they are known.

    Raises StaleVersion when it was saved by another since `expected_version`, ValidationError
    for what cannot be stored, PermissionDenied when `by` may not.
    """
    stored = _lock(content) if content.pk else None
    asked = None if is_allowed else by
    if asked is not None:
        allowed = policy.may_edit(by, stored) if stored else policy.may_create(by, type(content))
        policy.require(allowed)
    if stored and expected_version is not None and stored.version != expected_version:
        raise StaleVersion(_("Somebody else has saved this since you opened it."))
    if stored:
        if stored.trashed_at and by is not None:
            raise ValidationError(_("Take it out of the bin first."))
        # States change by the functions below only: a save of an older copy must not undo them.
        content.version = stored.version
        content.status, content.trashed_at = stored.status, stored.trashed_at
    elif asked is not None and content.status != Content.Status.DRAFT:
        policy.require(by.has_perm("blog.publish_content"))
    if isinstance(content, Post):
        authors = _checked_authors(stored, authors, by=asked)
        tags = _checked_tags(tags)
    _store(content, stored, at=at or timezone.now(), slug_suffix=slug_suffix, derived=derived)
    keep_uses(content, stored)
    if isinstance(content, Post):
        index_post(content)
        _set_authors(content, authors)
        if tags is not None:
            content.tags.set(tags)
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
        lambda locked: _release(locked, at, by=by),
        "published",
        by=by,
        allowed=policy.may_publish,
    )


@transaction.atomic
def unpublish_content(content: Content, *, by: User | None) -> Content:
    """Back to draft, from published or from review."""
    return _transition(
        content, Content.unpublish, "unpublished", by=by, allowed=policy.may_unpublish
    )


@transaction.atomic
def trash_content(content: Content, *, by: User | None) -> Content:
    """Into the bin."""
    return _transition(content, Content.trash, "trashed", by=by, allowed=policy.may_edit)


@transaction.atomic
def restore_content(content: Content, *, by: User | None) -> Content:
    """Out of the bin, in the state it had."""
    return _transition(content, Content.restore, "restored", by=by, allowed=policy.may_edit)


@transaction.atomic
def put_back(
    content: Content, before: dict[str, Any], *, by: User, expected_version: int
) -> Content:
    """Take back a step: the STEP_FIELDS are again as `before`, in a version of its own.

    Raises StaleVersion when anything was saved since `expected_version`, PermissionDenied when
    `by` may not take the step that leads back.
    """

    def change(locked: Content) -> None:
        if locked.version != expected_version:
            raise StaleVersion(_("Somebody else has saved this meanwhile."))
        for name in STEP_FIELDS:
            setattr(locked, name, before[name])

    verb, allowed = "unpublished", policy.may_unpublish
    if bool(before["trashed_at"]) != bool(content.trashed_at):
        verb, allowed = ("trashed" if before["trashed_at"] else "restored"), policy.may_edit
    elif before["status"] == Content.Status.PUBLISHED:
        verb, allowed = "published", policy.may_publish
    elif before["status"] == Content.Status.IN_REVIEW:
        verb, allowed = "submitted", policy.may_edit
    return _transition(content, change, verb, by=by, allowed=allowed)


@transaction.atomic
def delete_content(content: Content, *, by: User | None) -> None:
    """Delete it for ever, with its history and its old addresses; only from the bin."""
    locked = _lock(content)
    if by is not None:
        policy.require(policy.may_delete(by, locked))
    if not locked.trashed_at:
        raise ValidationError(_("Move it to the bin first."))
    kind = locked._meta.model_name
    record(f"{kind}.deleted", locked, actor=by, payload={"title": locked.title})
    forget_uses(locked)
    locked.delete()


@transaction.atomic
def save_term(term: Term, *, by: User | None = None) -> Term:
    """Save a category, tag or series; a changed slug leaves its old address behind.

    Raises ValidationError for what cannot be stored, PermissionDenied when `by` may not.
    """
    stored = type(term).objects.select_for_update().get(pk=term.pk) if term.pk else None
    verb, kind = ("change" if stored else "add"), term._meta.model_name
    if by is not None:
        policy.require(by.has_perm(f"blog.{verb}_{kind}"))
    clean_texts(term)
    _write(term, stored)
    record(f"{kind}.{'updated' if stored else 'created'}", term, actor=by)
    return term


@transaction.atomic
def delete_term(term: Term, *, by: User | None) -> None:
    """Delete a category, tag or series; its posts stay, without it."""
    kind = term._meta.model_name
    if by is not None:
        policy.require(by.has_perm(f"blog.delete_{kind}"))
    record(f"{kind}.deleted", term, actor=by, payload={"name": term.name, "slug": term.slug})
    term.delete()


@transaction.atomic
def save_site(site: Site, *, by: User | None) -> Site:
    """Save what the whole site says of itself."""
    if by is not None:
        policy.require(by.has_perm("blog.change_site"))
    clean_texts(site)
    site.full_clean(validate_unique=False)
    site.save()
    record("site.updated", site, actor=by)
    return site


@transaction.atomic
def add_old_address(path: str, target: models.Model, *, by: User | None) -> OldAddress:
    """From now on `path` leads to `target`. Raises ValidationError when it leads elsewhere."""
    if by is not None:
        policy.require(by.has_perm("blog.add_oldaddress"))
    checked_text(path)
    OldAddress.objects.remember(path, target)
    address = OldAddress.objects.at(path).get()
    record("oldaddress.created", address, actor=by, payload={"key": address.key})
    return address


@transaction.atomic
def delete_old_address(address: OldAddress, *, by: User | None) -> None:
    """Let a former path answer 404."""
    if by is not None:
        policy.require(by.has_perm("blog.delete_oldaddress"))
    record("oldaddress.deleted", address, actor=by, payload={"key": address.key})
    address.delete()


def keep_author_address(user: User, old_username: str | None) -> None:
    """The address of an author page outlives the username; called where one is given.

    Raises ValidationError when the new username is the former one of somebody else.
    """
    try:
        check_address(user)
    except ValidationError as error:
        raise ValidationError({"username": error.messages}) from error
    if old_username is not None:
        _move(User(username=old_username), user)


@transaction.atomic
def rebuild(content: Content) -> None:
    """Derive the columns anew, for a new renderer version say. No revision, no new version."""
    locked = _lock(content)  # Else a save at the same moment would get the HTML of the old text.
    render_into(locked)
    locked.save(update_fields=DERIVED_FIELDS)
    if isinstance(locked, Post):
        index_post(locked)


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
    locked.save(update_fields=[*STEP_FIELDS, "version"])
    if locked.trashed_at or locked.status != Content.Status.PUBLISHED:
        # What is not public any more does not come back by changes that were once scheduled.
        WorkingRevision.objects.of(locked).update(publish_at=None)
    _finish(locked, verb, by=by, reason=verb)
    content.refresh_from_db()
    return content


def _release(content: Content, at: datetime | None, *, by: User | None) -> None:
    # An import brings what was public before: nobody is there who could mend it.
    if by is not None:
        checks.require_publishable(content)
    content.publish(at)


def _store(
    content: Content,
    stored: Content | None,
    *,
    at: datetime,
    slug_suffix: str,
    derived: dict[str, Any] | None,
) -> None:
    clean_texts(content)
    content.language = content.language.lower().replace("_", "-")
    if stored and stored.status == Content.Status.PUBLISHED:
        content.check_body()
    if derived:
        for name in DERIVED_FIELDS:
            setattr(content, name, derived[name])
    elif stored is None or stored.body != content.body or stored.language != content.language:
        try:
            render_into(content)
        except ValueError as error:
            raise ValidationError({"body": str(error)}) from error
    content.updated_at = at
    content.version += 1
    _write(content, stored, slug_suffix=slug_suffix)


def _write(thing: models.Model, stored: models.Model | None, *, slug_suffix: str = "") -> None:
    """Write a thing with an address: a free slug, all rules, and the address it had before."""
    thing.slug = unicodedata.normalize("NFC", thing.slug)
    made_up = not thing.slug
    for attempts_left in reversed(range(SLUG_ATTEMPTS)):
        fill_slug(thing, suffix=slug_suffix)
        if stored is None or stored.slug != thing.slug:
            check_slug(thing)
        thing.full_clean(validate_unique=False)
        try:
            with transaction.atomic():
                thing.save()
            break
        except IntegrityError as error:
            # Another save took the address between our look and our write.
            if not made_up or not attempts_left:
                message = _("Something else has this address already.")
                raise ValidationError({"slug": message}) from error
            thing.slug = ""
    if stored is not None and stored.slug != thing.slug:
        _move(stored, thing)


def _move(before: models.Model, now: models.Model) -> None:
    """The address of `before` leads to `now`, whose own address leads nowhere else."""
    OldAddress.objects.forget(now.get_absolute_url(), now)
    OldAddress.objects.remember(before.get_absolute_url(), now, take_over=True)


def _checked_authors(
    stored: Post | None, authors: Sequence[User] | None, *, by: User | None
) -> list[User] | None:
    """The byline to write, None to leave it."""
    if authors is None:
        if stored is not None:
            return None
        authors = [by] if by is not None else []
    authors = list(dict.fromkeys(authors))
    if not authors:
        raise ValidationError(_("A post needs at least one author."))
    if by is not None and not policy.may_name_authors(by):
        policy.require(authors == (stored.byline if stored else [by]))
    return authors


def _checked_tags(tags: Iterable[Tag] | None) -> list[Tag] | None:
    if tags is None:
        return None
    tags = list(tags)
    if len(tags) > MAX_TAGS:
        raise ValidationError({"tags": _("A post has at most %d tags.") % MAX_TAGS})
    return tags


def _set_authors(post: Post, authors: list[User] | None) -> None:
    # A byline that was prefetched before would be the one of yesterday.
    getattr(post, "_prefetched_objects_cache", {}).clear()
    if authors is None or post.byline == authors:
        return
    post.post_authors.all().delete()
    PostAuthor.objects.bulk_create(
        PostAuthor(post=post, user=user, position=position) for position, user in enumerate(authors)
    )


def _finish(content: Content, verb: str, *, by: User | None, reason: str) -> None:
    kind = content._meta.model_name
    link = {kind: content}
    last = Revision.objects.filter(**link).aggregate(models.Max("number"))["number__max"] or 0
    Revision.objects.create(
        **link,
        number=last + 1,
        editor=by,
        reason=reason[: Revision._meta.get_field("reason").max_length],
        snapshot=content.snapshot(),
    )
    record(f"{kind}.{verb}", content, actor=by, payload={"version": content.version})
