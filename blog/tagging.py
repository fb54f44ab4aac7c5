"""Tags by the names that somebody types."""

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from blog.models import Tag
from blog.services import MAX_TAGS, save_term
from lib.text import slugify

# The comma of each script that people list things with.
COMMAS = re.compile(r"[,，、،\n]")


def split_names(text: str) -> list[str]:
    """The names in a list with commas, each once."""
    names = (" ".join(name.split()) for name in COMMAS.split(text))
    return list(dict.fromkeys(name for name in names if name))[:MAX_TAGS]


@transaction.atomic
def tags_named(names: Iterable[str], *, by: User) -> list[Tag]:
    """The tag of each name: by its name, by its name but for capitals, by its address; else a new
    one, made by `by`.

    Raises ValidationError for a name that cannot be one, PermissionDenied when `by` may not make
    tags.
    """
    found = []
    for name in names:
        tag = Tag.objects.filter(name=name).first() or Tag.objects.filter(name__iexact=name).first()
        if tag is None and (slug := slugify(name)):
            tag = Tag.objects.filter(slug=slug).first()
        found.append(tag or _make(name, by=by))
    return list(dict.fromkeys(found))


def _make(name: str, *, by: User) -> Tag:
    try:
        return save_term(Tag(name=name), by=by)
    except ValidationError as error:
        reason = " ".join(error.messages)
        raise ValidationError({"new_tags": f"“{name[:50]}”: {reason}"}) from error
