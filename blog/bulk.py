"""One step for many posts or pages: what it would do, doing it, and taking it back."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from blog import services
from blog.models import Content
from blog.services import StaleVersion

STEPS: dict[str, Callable[..., Content]] = {
    "publish": services.publish_content,
    "unpublish": services.unpublish_content,
    "submit": services.submit_content,
    "trash": services.trash_content,
    "restore": services.restore_content,
}


@dataclass(frozen=True)
class Effect:
    """What a step does to one item: the state it comes to, or the reason why it does nothing."""

    content: Content  # as it was before
    after: Content | None = None
    reason: str = ""


def foresee(contents: Iterable[Content], step: str, *, by: User) -> list[Effect]:
    """What `step` would do to each of `contents`. It is done, looked at and rolled back: what is
    told is what the services say."""
    return [_tried(content, step, by=by, seen=None, keep=False) for content in contents]


def take(
    contents: Iterable[Content], step: str, *, by: User, seen: dict[int, int] | None = None
) -> list[Effect]:
    """Take `step` for each of `contents`, in a transaction of its own.

    `seen` has the version of each that was seen when this was decided; what was changed since is
    left alone, with that reason.
    """
    return [_tried(content, step, by=by, seen=seen, keep=True) for content in contents]


def _tried(
    content: Content, step: str, *, by: User, seen: dict[int, int] | None, keep: bool
) -> Effect:
    after = copy.copy(content)
    try:
        with transaction.atomic():
            if seen is not None:
                _refuse_changed(content, seen.get(content.pk))
            STEPS[step](after, by=by)
            transaction.set_rollback(not keep)
    except (ValidationError, PermissionDenied) as error:
        return Effect(content, reason=_reason(error))
    return Effect(content, after)


def _refuse_changed(content: Content, version: int | None) -> None:
    kept = type(content).objects.select_for_update().filter(pk=content.pk, version=version)
    if not kept.values("pk"):
        raise StaleVersion(_("Somebody else has saved this meanwhile."))


# --- taking it back -----------------------------------------------------------------------


def memory_of(effects: Iterable[Effect]) -> list[dict[str, Any]]:
    """What must be known to take it back, as JSON values: the version it left, and what was."""
    return [
        {
            "pk": effect.content.pk,
            "version": effect.after.version,
            **{
                name: value.isoformat() if isinstance(value, datetime) else value
                for name in services.STEP_FIELDS
                for value in [getattr(effect.content, name)]
            },
        }
        for effect in effects
        if effect.after is not None
    ]


def undo(model: type[Content], memory: Iterable[dict[str, Any]], *, by: User) -> list[Effect]:
    """Put back each item of `memory_of` that nobody has changed since and `by` still may."""
    entries = {entry["pk"]: entry for entry in memory}
    effects = []
    for content in model.objects.editable_by(by).filter(pk__in=entries).order_by("pk"):
        entry = entries.pop(content.pk)
        before = {
            name: datetime.fromisoformat(entry[name])
            if entry[name] and name != "status"
            else entry[name]
            for name in services.STEP_FIELDS
        }
        after = copy.copy(content)
        try:
            services.put_back(after, before, by=by, expected_version=entry["version"])
        except (ValidationError, PermissionDenied) as error:
            effects.append(Effect(content, reason=_reason(error)))
        else:
            effects.append(Effect(content, after))
    return effects


def _reason(error: Exception) -> str:
    return " ".join(getattr(error, "messages", [str(error)]))
