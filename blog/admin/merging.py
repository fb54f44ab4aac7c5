"""A save from a form that somebody else overtook: merged, or shown with both and the base."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from blog import working
from blog.diffs import html_of, label_of, readable_changes, value_of
from blog.merging import (
    TIMES,
    MergeConflict,
    Overlap,
    editors_between,
    from_snapshot,
    merge_into,
    sent_values,
)
from blog.models import Content, WorkingRevision
from blog.rendering import DERIVED_FIELDS
from blog.services import StaleVersion
from lib.differences import word_diff


class MergesStaleSaves:
    """Mixed into the admin of posts and of pages."""

    def merged_links(self, request: HttpRequest, form, links: dict[str, Any]) -> dict[str, Any]:
        """What hangs on the row, after what others saved meanwhile was merged into the form's
        object and `links`.

        Called in the transaction of the save. Raises StaleVersion when that cannot be done.
        """
        content, opened = form.instance, form.cleaned_data.get("opened_version")
        if content.pk is None or opened is None:
            return links
        stored = self.model.objects.select_for_update().get(pk=content.pk)
        if stored.version == opened:
            return links
        merge = merge_into(stored, sent_values(content, links), opened)
        for name in DERIVED_FIELDS:  # of the text that is stored now, not when this request began
            setattr(content, name, getattr(stored, name))
        for name, value in from_snapshot(merge.values, by=request.user).items():
            if name in ("tags", "authors"):
                links[name] = value
            else:
                setattr(content, name, value)
        names = ", ".join(editors_between(stored, opened, stored.version)) or _("Somebody")
        text = _("%(name)s saved this while you were writing. Both changes are in it now.")
        self.message_user(request, text % {"name": names}, messages.WARNING)
        return links

    def before_refusal(self, request: HttpRequest, object_id, error: ValidationError) -> None:
        """All sides are in view after a stale save, and what does not overlap is in the form:
        the next save starts from what is stored."""
        if not isinstance(error, StaleVersion):
            return
        request.stored = self.get_object(request, unquote(object_id))
        if request.stored is None:
            raise Http404
        request.conflict = error if isinstance(error, MergeConflict) else None
        request.POST = request.POST.copy()
        row = working.of(request.stored)
        self._go_on(request, row)
        if request.conflict:
            for field, value in request.conflict.merge.values.items():
                _fill_in(request.POST, field, value)

    def _go_on(self, request: HttpRequest, row: WorkingRevision | None) -> None:
        """The form starts from what both sides are by now."""
        version, number = request.stored.version, 0
        if row is not None:
            version, number = row.last.started_from, row.last.number
        if request.conflict:
            version, number = request.conflict.from_version, request.conflict.from_number
            if row is not None and request.conflict.theirs == row.last.snapshot:
                request.their_save = row.last
        request.POST["opened_version"] = str(version)
        request.POST["opened_working"] = str(number)

    def conflict_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the form's template shows after a stale save; empty otherwise."""
        stored: Content | None = getattr(request, "stored", None)
        if stored is None:
            return {}
        last = getattr(request, "their_save", None)
        last = last or stored.revisions.select_related("editor").first()
        context = {"stored": stored, "last_revision": last}
        if conflict := request.conflict:
            base, theirs = conflict.base.snapshot, conflict.theirs
            context |= {
                "base": conflict.base,
                "state_changed": conflict.state_changed,
                "overlaps": [
                    side for overlap in conflict.merge.overlaps for side in self._sides(overlap)
                ],
                "their_changes": readable_changes(base, theirs, self.model),
            }
        return context

    def _sides(self, overlap: Overlap) -> list[dict[str, Any]]:
        """Each stretch that both changed: the text of each side, and what each did to the base."""
        label = label_of(self.model, overlap.field)
        found = []
        for part in overlap.parts or [overlap]:
            base, mine, theirs = (
                value_of(self.model, overlap.field, value)
                for value in (part.base, part.mine, part.theirs)
            )
            found.append(
                {
                    "label": label,
                    "base": base,
                    "mine": mine,
                    "theirs": theirs,
                    "mine_html": html_of(word_diff(base, mine), whole=True),
                    "theirs_html": html_of(word_diff(base, theirs), whole=True),
                }
            )
        return found


def _fill_in(data: QueryDict, field: str, value: Any) -> None:
    """Put the `value` of a snapshot into what a browser sent."""
    name = field.removesuffix("_id")
    if field == "authors":
        return  # A byline that changed makes its table stale, which says so itself.
    if isinstance(value, list):
        data.setlist(name, [str(key) for key in value])
    elif field in TIMES:
        moment = timezone.localtime(parse_datetime(value)) if value else None
        data[f"{name}_0"] = f"{moment:%Y-%m-%d}" if moment else ""
        data[f"{name}_1"] = f"{moment:%H:%M:%S}" if moment else ""
    elif isinstance(value, bool):
        data.pop(name, None)
        if value:
            data[name] = "on"
    else:
        data[name] = "" if value is None else str(value)
