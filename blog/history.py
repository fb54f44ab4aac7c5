"""Former texts, and the way back to them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from blog import policy
from blog.models import Category, Content, Post, Revision, Series, Tag
from blog.services import save_content
from library.models import Image

# A restored text is not published, taken down or thrown away by being restored.
STATE_FIELDS = {"status", "published_at", "unpublish_at", "trashed_at"}
LINKS = {"cover_id": Image, "category_id": Category, "series_id": Series}


@transaction.atomic
def restore_revision(content: Content, revision: Revision, *, by: User) -> Content:
    """Give `content` the text, title, terms and byline that it had in `revision`.

    Its state and times stay as they are. What it was linked with and is gone stays away. Who may
    not name authors leaves the byline as it is.
    Raises ValidationError when it cannot be stored, its address given to something else say.
    """
    content = type(content).objects.select_for_update().get(pk=content.pk)
    policy.require(policy.may_edit(by, content))
    if revision.subject != content:
        raise ValidationError(_("This is a revision of something else."))
    links: dict[str, Any] = {}
    for field, value in revision.snapshot.items():
        if field in STATE_FIELDS:
            continue
        if field == "tags":
            links["tags"] = list(Tag.objects.filter(pk__in=value))
        elif field == "authors":
            links["authors"] = people(value) if policy.may_name_authors(by) else None
        elif field in LINKS and not LINKS[field].objects.filter(pk=value).exists():
            setattr(content, field, None)
        else:
            setattr(content, field, value)
    if not isinstance(content, Post):
        links = {}
    reason = _("restored revision %(number)d") % {"number": revision.number}
    return save_content(content, by=by, reason=str(reason), **links)


def revisions_of(content: Content) -> models.QuerySet:
    """The history of `content`, newest first, without the texts."""
    return content.revisions.select_related("editor").defer("snapshot").order_by("-number")


def people(keys: list[int]) -> list[User] | None:
    """The people in this order; None when none of them is left."""
    found = User.objects.in_bulk(keys)
    return [found[key] for key in keys if key in found] or None
