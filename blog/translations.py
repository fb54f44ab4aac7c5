"""Texts that say the same in different languages.

They share a group; each language is in it at most once. A group is not made or deleted: it is
there as long as texts name it. Who may see which of them is asked of the same querysets as ever.
"""

from collections.abc import Iterable
from uuid import UUID, uuid4

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from blog import policy
from blog.languages import own_name
from blog.models import Content, ContentQuerySet
from events.services import record

LINK_FIELDS = ("title", "slug", "language", "canonical_url", "visibility", "translation_group")


def translations_of(content: Content, user) -> list[Content]:
    """What `user` finds listed that says the same as `content`, by language. No query for what
    is linked with nothing."""
    if content.translation_group is None:
        return []
    others = type(content).objects.listed_for(user).linked_with(content)
    return list(others.only(*LINK_FIELDS).order_by("language"))


def announced(contents: ContentQuerySet) -> ContentQuerySet:
    """Those of `contents` that search engines are told of: for everyone, and at home here."""
    return contents.listed_for(AnonymousUser()).filter(canonical_url="")


def default_of(group: Iterable[Content], site_language: str) -> Content:
    """Which of a group (not empty) is for readers whose language is none of theirs: the one in
    the site's language, else the oldest. All of the group must agree."""
    return min(group, key=lambda content: (content.language != site_language, content.pk))


@transaction.atomic
def link_translation(content: Content, other: Content, *, by: User | None) -> None:
    """From now on `content` and `other`, with all that each is linked with, say the same.

    `by` may edit `content` and see `other`. Raises ValidationError when a language would be there
    twice, PermissionDenied when `by` may not.
    """
    if type(content) is not type(other) or content.pk == other.pk:
        raise ValidationError(_("Choose another text of the same kind, in another language."))
    mine, its = _locked(content, other)
    if by is not None:
        policy.require(policy.may_edit(by, mine))
        policy.require(type(other).objects.visible_to(by).filter(pk=other.pk).exists())
    if mine.trashed_at or its.trashed_at:
        raise ValidationError(_("Take it out of the bin first."))
    if mine.translation_group and mine.translation_group == its.translation_group:
        return
    group = its.translation_group or mine.translation_group or uuid4()
    ours, theirs = _members(mine), _members(its)
    if twice := {one.language for one in ours} & {one.language for one in theirs}:
        names = ", ".join(own_name(tag) for tag in sorted(twice))
        text = _("There would be two texts in one language: %(language)s.") % {"language": names}
        raise ValidationError(text)
    _move([*ours, *theirs], group, by=by)
    content.translation_group = other.translation_group = group


@transaction.atomic
def unlink_translation(content: Content, *, by: User | None) -> None:
    """From now on `content` is a translation of nothing; the others stay linked."""
    (stored,) = _locked(content)
    if by is not None:
        policy.require(policy.may_edit(by, stored))
    if stored.translation_group is not None:
        _move([stored], None, by=by)
    content.translation_group = None


def _locked(*contents: Content) -> list[Content]:
    """The rows, in this order; locked in the order of their keys, so that two never deadlock."""
    rows = type(contents[0]).objects.select_for_update().order_by("pk")
    found = {row.pk: row for row in rows.filter(pk__in=[content.pk for content in contents])}
    return [found[content.pk] for content in contents]


def _members(content: Content) -> list[Content]:
    return [content, *type(content).objects.linked_with(content)]


def _move(contents: list[Content], group: UUID | None, *, by: User | None) -> None:
    for content in contents:
        if content.translation_group == group:
            continue
        try:
            with transaction.atomic():
                content.translation_group = group
                content.save(update_fields=["translation_group"])
        except IntegrityError as error:  # Another took the language since we looked.
            text = _("It is linked with another text in this language.")
            raise ValidationError(text) from error
        kind = content._meta.model_name
        record(f"{kind}.updated", content, actor=by, payload={"changed": ["translations"]})
