"""Changes to what is live: kept beside it, and moved into it at once, at a time, or never.

The row of a post or page is what the site serves. A save of something live goes beside it, and
neither a page nor a feed, search, the API or a cache learns of it: no event is recorded. Publishing
the changes is a save like any other.

Changes with a time are published by the first read after it (`blog.middleware`, `blog.state`) or by
a job, whichever comes first: the clock decides, whether or not anything runs.
"""

import logging
from copy import copy
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import OperationalError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import User
from blog import policy
from blog.checks import require_publishable
from blog.diffs import changes
from blog.merging import STATE, TIMES, MergeConflict, from_snapshot, merge_snapshots
from blog.models import Content, Post, PostAuthor, WorkingRevision, WorkingSave
from blog.refusals import keep_refusal
from blog.rendering import DERIVED_FIELDS
from blog.services import StaleVersion, save_content
from lib.markdown import RENDERER_VERSION
from library import usage
from library.models import ImageUse

logger = logging.getLogger(__name__)

MAX_DUE_AT_ONCE = 20  # published by one read; the next one goes on
REASON = "changes published"

Snapshot = dict[str, Any]


# --- reading ----------------------------------------------------------------------------


def of(content: Content) -> WorkingRevision | None:
    """The changes that wait beside `content`. One query."""
    found = WorkingRevision.objects.of(content)
    return found.select_related("last__editor", "scheduled_by").first()


def for_preview(content: Content) -> Content:
    """`content` as it will be when its changes are published; itself when there are none."""
    row = of(content)
    if row is None:
        return content
    shown = copy(content)
    links = _fill(shown, row.last.snapshot)
    for name in DERIVED_FIELDS:
        setattr(shown, name, row.derived[name])
    if isinstance(shown, Post):
        byline = [
            PostAuthor(post=shown, user=user, position=place)
            for place, user in enumerate(links.get("authors", content.byline))
        ]
        shown._prefetched_objects_cache = {"post_authors": byline, "tags": links["tags"]}
    return shown


def sides(content: Content, row: WorkingRevision) -> tuple[Snapshot, Snapshot]:
    """What is live, and what it would be; with their fields in one order."""
    live = content.snapshot()
    return live, {**live, **row.last.snapshot, **{name: live[name] for name in STATE}}


def saves_of(content: Content) -> models.QuerySet:
    """Every save of changes beside `content`, newest first, without the texts."""
    return content.working_saves.select_related("editor").defer("snapshot").order_by("-number")


# --- changing ---------------------------------------------------------------------------


@transaction.atomic
def keep_changes(
    content: Content,
    values: Snapshot,
    *,
    by: User,
    number: int | None = None,
    started_from: int | None = None,
    reason: str = "saved",
) -> WorkingRevision | None:
    """Keep `values`, the fields of a snapshot or some of them, beside the live `content`.

    `number` is the save that the editor started from (0: there was none; None: whichever is
    the last), `started_from` the version of the row; what others did since is merged.
    Returns None when nothing differs from what is live (any more).
    Raises MergeConflict, StaleVersion, ValidationError, PermissionDenied.
    """
    live = _locked(content)
    policy.require(policy.may_edit(by, live))
    row = of(live)
    if row is None and not live.is_published:
        raise ValidationError(_("It is not public: it can be changed itself."))
    full = _merged(live, row, values, number=number, started_from=started_from)
    _require_byline(live, row, full, by=by)
    tried, snapshot = _tried(live, full)
    if not changes(live.snapshot(), snapshot):
        if row is not None:
            _forget(live, row)
        return None
    if row is not None and row.publish_at is not None:
        policy.require(policy.may_publish(by, live))
        require_publishable(tried)
    link = {live._meta.model_name: live}
    last = WorkingSave.objects.filter(**link).aggregate(models.Max("number"))["number__max"] or 0
    saved = WorkingSave.objects.create(
        **link,
        number=last + 1,
        started_from=live.version,
        editor=by,
        reason=reason[: WorkingSave._meta.get_field("reason").max_length],
        snapshot=snapshot,
    )
    row = row or WorkingRevision(**link)
    row.last, row.refusal = saved, ""
    row.derived = {name: getattr(tried, name) for name in DERIVED_FIELDS}
    row.save()
    _keep_uses(tried)
    return row


@transaction.atomic
def publish_changes(
    content: Content,
    *,
    by: User,
    values: Snapshot | None = None,
    number: int | None = None,
    started_from: int | None = None,
    reason: str = "",
) -> Content:
    """Move the changes into the row: those that are kept, or `values` (as in `keep_changes`).

    Raises NotPublishable when the checks refuse, and what `keep_changes` raises.
    """
    live = _locked(content)
    policy.require(policy.may_publish(by, live))
    row = of(live)
    if row is None and values is None:
        raise ValidationError(_("There are no changes to publish."))
    full = _merged(live, row, values or {}, number=number, started_from=started_from)
    _require_byline(live, row, full, by=by)
    reason = reason or (row.last.reason if row and row.last.reason != "saved" else REASON)
    _apply(live, row, full, by=by, reason=reason)
    require_publishable(live)
    return live


@transaction.atomic
def take_over_changes(
    content: Content,
    values: Snapshot,
    *,
    by: User,
    number: int | None = None,
    started_from: int | None = None,
    reason: str = "saved",
) -> Content:
    """Save `values` into the row itself, with the changes that were kept beside it: for what is
    not live any more, or will not be when this transaction ends."""
    live = _locked(content)
    policy.require(policy.may_edit(by, live))
    row = of(live)
    full = _merged(live, row, values, number=number, started_from=started_from)
    _require_byline(live, row, full, by=by)
    _apply(live, row, full, by=by, reason=reason)
    return live


@transaction.atomic
def schedule_changes(content: Content, at: datetime | None, *, by: User) -> WorkingRevision:
    """Have the changes published by themselves `at` a time to come; None: not by themselves.

    All rules and checks are asked now: nobody is there who could mend it then.
    """
    live = _locked(content)
    policy.require(policy.may_publish(by, live))
    row = of(live)
    if row is None:
        raise ValidationError(_("There are no changes to publish."))
    if at is not None:
        if at <= timezone.now():
            raise ValidationError({"publish_at": _("Give a time in the future, or publish them.")})
        if not live.is_published:
            raise ValidationError(_("It is not public: it can be changed itself."))
        tried, _snapshot = _tried(live, _merged(live, row, {}))
        require_publishable(tried)
    row.publish_at, row.scheduled_by, row.refusal = at, by if at else None, ""
    row.save(update_fields=["publish_at", "scheduled_by", "refusal"])
    step = "scheduled" if at else "unscheduled"
    kind, detail = live._meta.model_name, {"at": at.isoformat()} if at else {}
    audit.note(f"{kind}.changes_{step}", actor=by, subject=live, detail=detail)
    return row


@transaction.atomic
def discard_changes(content: Content, *, by: User) -> None:
    """Forget the changes; their saves stay in the history. Done already when there are none."""
    live = _locked(content)
    policy.require(policy.may_edit(by, live))
    row = of(live)
    if row is not None:
        _forget(live, row)
        audit.note(f"{live._meta.model_name}.changes_discarded", actor=by, subject=live)


# --- when their time has come -----------------------------------------------------------


def publish_due(at: datetime | None = None) -> int:
    """Publish the changes whose time has come at `at` (now when None); how many.

    Any number of processes may call it at once: each change is published by one of them, and
    the others wait for it. Never raises: what a reader asked for is shown in any case.
    """
    at = at or timezone.now()
    due = WorkingRevision.objects.due(at).order_by("publish_at", "pk")
    try:
        keys = list(due.values_list("pk", flat=True)[:MAX_DUE_AT_ONCE])
    except OperationalError:
        logger.warning("Changes that are due could not be looked for.", exc_info=True)
        return 0
    return sum(_publish_one(key, at) for key in keys)


def _publish_one(key: int, at: datetime) -> bool:
    try:
        with transaction.atomic():
            return _publish_locked(key, at)
    except OperationalError:  # Locked for long, or the connection is gone: the next read tries.
        logger.warning("Changes that are due wait for the database.", exc_info=True)
    except Exception as error:
        # Whatever it is, it would be so at the next read, too: nobody could read anything.
        logger.exception("Changes could not be published at their time.")
        keep_refusal(key, at, error)
    return False


def _publish_locked(key: int, at: datetime) -> bool:
    row = WorkingRevision.objects.filter(pk=key).first()
    if row is None:
        return False
    live = _locked(row.subject)
    # Asked again under the lock: another process may have published them, or somebody moved them.
    row = of(live)
    if row is None or row.publish_at is None or row.publish_at > at:
        return False
    full = _merged(live, row, {})
    _apply(live, row, full, by=row.scheduled_by, reason=REASON, at=row.publish_at)
    return True


# --- steps ------------------------------------------------------------------------------


def _locked(content: Content) -> Content:
    """The row itself: whoever changes it, or what is beside it, has this lock."""
    locked = type(content).objects.select_for_update().get(pk=content.pk)
    if locked.trashed_at:
        raise ValidationError(_("Take it out of the bin first."))
    return locked


def _state(content: Content) -> Snapshot:
    """What changes by its own functions only."""
    snapshot = content.snapshot()
    return {name: snapshot[name] for name in STATE}


def _merged(
    live: Content,
    row: WorkingRevision | None,
    values: Snapshot,
    *,
    number: int | None = None,
    started_from: int | None = None,
) -> Snapshot:
    """All fields: `values` over what is kept, merged with what others kept since `number`, and
    with what became of the row since `started_from`. Raises MergeConflict, StaleVersion."""
    present = row.last.number if row else 0
    head, base_version = live.snapshot(), live.version
    if row is not None:
        head, base_version = row.last.snapshot, row.last.started_from
    if number is not None and number != present:
        base = _save(live, number) if number else _revision(live, started_from)
        merge = merge_snapshots(base.snapshot, values, head)
        if merge.overlaps:
            raise MergeConflict(
                merge, base, theirs=head, from_version=base_version, from_number=present
            )
        values = merge.values
        started_from = max(base_version, started_from or 0) if row else live.version
    full = {**head, **values, **_state(live)}
    started_from = base_version if started_from is None else started_from
    if started_from != live.version:
        base, theirs = _revision(live, started_from), live.snapshot()
        merge = merge_snapshots(base.snapshot, full, theirs)
        # Who wrote a draft that is public by now has to know. What is beside it was meant for that.
        state_changed = row is None and any(base.snapshot[name] != theirs[name] for name in STATE)
        if merge.overlaps or state_changed:
            sides = {"theirs": theirs, "from_version": live.version, "from_number": present}
            raise MergeConflict(merge, base, **sides, state_changed=state_changed)
        full = {**theirs, **merge.values}
    return full


def _revision(live: Content, number: int | None):
    return _known(live.revisions.filter(number=number or 0).first())


def _save(live: Content, number: int) -> WorkingSave:
    return _known(live.working_saves.filter(number=number).first())


def _known(base):
    """`base`, unless nobody knows what it was. Raises StaleVersion."""
    if base is None:
        raise StaleVersion(_("Somebody else has saved this since you opened it."))
    return base


def _require_byline(live: Content, row: WorkingRevision | None, full: Snapshot, *, by: User):
    """Only who may name authors changes the byline, here as elsewhere."""
    before = row.last.snapshot if row else live.snapshot()
    if full.get("authors") not in (before.get("authors"), live.snapshot().get("authors")):
        policy.require(policy.may_name_authors(by))


def _fill(content: Content, values: Snapshot) -> dict[str, Any]:
    """Set the fields of `content` to `values`; returns its tags and authors."""
    given = from_snapshot({name: values[name] for name in values.keys() - {*STATE}}, by=None)
    links = {name: given.pop(name) for name in ("tags", "authors") if name in given}
    if values.get("authors") == []:
        links["authors"] = []  # which is refused, and not passed over
    for name, value in given.items():
        if name in TIMES and value is not None:
            value = value.astimezone(UTC)
        setattr(content, name, value)
    return links


def _tried(live: Content, full: Snapshot) -> tuple[Content, Snapshot]:
    """`live` as it would be with `full`: saved, so that every rule is asked, and taken back."""
    tried = copy(live)
    with transaction.atomic():
        save_content(tried, by=None, **_fill(tried, full))
        snapshot = tried.snapshot()
        transaction.set_rollback(True)
    return tried, snapshot


def _apply(
    live: Content,
    row: WorkingRevision | None,
    full: Snapshot,
    *,
    by: User | None,
    reason: str,
    at: datetime | None = None,
) -> None:
    """Save `full` into the row, and forget what was beside it."""
    derived = None
    if row is not None and row.derived["renderer_version"] == RENDERER_VERSION:
        text = row.last.snapshot
        if all(text[name] == full[name] for name in ("body", "language")):
            derived = row.derived
    if at is not None:
        at = max(at, live.updated_at)
    links = _fill(live, full)
    said = {"by": by, "is_allowed": True, "reason": reason, "at": at, "derived": derived}
    save_content(live, **said, **links)
    if row is not None:
        _forget(live, row)


def _forget(live: Content, row: WorkingRevision) -> None:
    row.delete()
    usage.keep(live._meta.model_name, live.pk, ImageUse.Place.WORKING)


def _keep_uses(tried: Content) -> None:
    """Images that only the changes use are not deleted meanwhile."""
    kind, covers = tried._meta.model_name, filter(None, [tried.cover_id])
    usage.keep(kind, tried.pk, ImageUse.Place.WORKING, text=tried.body, image_ids=covers)
