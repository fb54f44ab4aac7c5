"""What was typed and not saved: kept within seconds, offered when one comes back, then forgotten.

Nothing here touches a post or page. A row belongs to the person who typed it and to nobody else.
"""

import json
import re
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from blog.models import Autosave, Content
from lib.text import check_text

KEPT_FOR = timedelta(days=30)
MAX_PER_PERSON = 100  # open forms; the oldest goes
MAX_BYTES = 2_500_000  # of JSON: a text of 1 MB, however it is escaped, and the other fields
MAX_FIELDS = 1_000
_KEY = re.compile(r"[0-9a-f]{32}")


def keep(
    content: Content | type[Content], text: str, *, key: str, version: int, by: User
) -> Autosave:
    """Keep the fields of one open form, `text` being their JSON, in the place of what it held.

    `content` is what is edited, or its class for a new draft; the caller has asked whether `by`
    may. A form that was saved or thrown away meanwhile stays so: the answer's `is_done` tells.
    Raises ValidationError for what is no form.
    """
    fields = _checked(text)
    if not _KEY.fullmatch(key):
        raise ValidationError(_("This is not the name of a form."))
    with transaction.atomic():
        row, is_new = Autosave.objects.select_for_update().get_or_create(
            user=by, key=key, defaults={**_of(content), "version": version, "fields": fields}
        )
        if not is_new and not row.is_done:
            row.fields, row.version, row.saved_at = fields, version, timezone.now()
            row.save(update_fields=["fields", "version", "saved_at"])
        if is_new:
            _drop_oldest(by)
    return row


def newest(content: Content | type[Content], *, by: User, but: str = "") -> Autosave | None:
    """The newest unsaved text of `by` for `content` (a class: for a new draft), if there is one.

    `but` is the key of the form that asks.
    """
    rows = Autosave.objects.unsaved().filter(user=by, **_of(content)).exclude(key=but)
    return rows.order_by("-saved_at", "-pk").first()


def done(keys: Collection[str], *, by: User) -> list[str]:
    """Those of the forms `keys` whose texts were saved or thrown away."""
    rows = Autosave.objects.filter(user=by, key__in=list(keys)[:MAX_PER_PERSON], is_done=True)
    return list(rows.values_list("key", flat=True))


def settle(content: Content | type[Content], key: str, *, by: User) -> None:
    """The form `key` is saved, or thrown away: forget its text.

    Saving a post or page settles what the same person had typed into it before.
    """
    mine = Autosave.objects.filter(user=by)
    if not isinstance(content, type):
        mine.filter(**_of(content)).update(is_done=True, fields={})
    if _KEY.fullmatch(key):
        mine.update_or_create(
            user=by,
            key=key,
            defaults={"is_done": True, "fields": {}, "saved_at": timezone.now()},
            create_defaults={**_of(content), "is_done": True},
        )


def drop_old() -> int:
    """Delete what nobody came back to in 30 days; how many."""
    return Autosave.objects.filter(saved_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _of(content: Content | type[Content]) -> dict[str, Any]:
    """The columns that say what a row is about."""
    kind = content._meta.model_name
    links = {"post": None, "page": None}
    if not isinstance(content, type):
        links[kind] = content
    return {"kind": kind, **links}


def _checked(text: str) -> dict[str, dict[str, list[str]]]:
    """The fields that `text` holds: lists of texts by name, twice."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise ValidationError(_("This is too much to keep."))
    try:
        check_text(text)
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValidationError(_("This is no form.")) from error
    if not isinstance(given, dict):
        raise ValidationError(_("This is no form."))
    checked = {}
    for part in ("values", "labels"):
        named = given.get(part, {})
        if not isinstance(named, dict) or len(named) > MAX_FIELDS:
            raise ValidationError(_("This is no form."))
        for name, texts in named.items():
            if not isinstance(texts, list) or not all(_is_text(text) for text in (name, *texts)):
                raise ValidationError(_("This is no form."))
        checked[part] = named
    return checked


def _is_text(text: object) -> bool:
    """Whether a database can store it: JSON may spell what the text itself may not hold."""
    if not isinstance(text, str):
        return False
    try:
        check_text(text)
    except ValueError:
        return False
    return True


def _drop_oldest(user: User) -> None:
    keys = Autosave.objects.filter(user=user).order_by("-saved_at", "-pk").values_list("pk")
    Autosave.objects.filter(pk__in=[pk for (pk,) in keys[MAX_PER_PERSON:][:1_000]]).delete()
