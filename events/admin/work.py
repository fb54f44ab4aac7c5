"""Work that is done later: what waits, what was given up and why, and another try."""

from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.models import Mail, Receipt
from events.queueing import nudge
from events.tasks import sweep
from lib.admin import QuickList

PROGRESS = [
    *("state", "planned_at", "due_at", "started_at", "done_at", "late_by"),
    *("tries", "crashes", "error"),
]


class ReadOnly:
    """To look at."""

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class WorkAdmin(ReadOnly, QuickList, admin.ModelAdmin):
    """Rows of work; what was given up can be run again."""

    list_filter = ["state"]
    ordering = ["-id"]
    sortable_by = []
    show_facets = admin.ShowFacets.NEVER
    actions = ["run_again"]

    def has_repeat_permission(self, request) -> bool:
        """Who may change such rows may have them run again."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    @admin.display(description=_("late by"))
    def late_by(self, work) -> str:
        """How long after its planned time it was begun."""
        if work.lateness is None:
            return "–"
        return str(work.lateness).partition(".")[0]

    @admin.action(description=_("Run again what was given up"), permissions=["repeat"])
    def run_again(self, request, queryset) -> None:
        count = sum(work.run_again() for work in queryset.parked())
        nudge(sweep)
        if count:
            text = ngettext("%d is run again.", "%d are run again.", count) % count
            messages.success(request, text)
        else:
            messages.warning(request, _("None of these was given up."))


@admin.register(Receipt)
class ReceiptAdmin(WorkAdmin):
    """What handlers did about events."""

    list_display = ["planned_at", "handler", "event", "state", "tries", "late_by", "error"]
    list_filter = ["state", "handler"]
    list_select_related = ["event"]
    search_fields = ["=event__subject_id", "handler"]
    fields = ["event", "handler", *PROGRESS]


@admin.register(Mail)
class MailAdmin(WorkAdmin):
    """Messages: to whom and what for. What one said is shown until it is sent only."""

    list_display = ["planned_at", "kind", "to", "state", "tries", "late_by", "error"]
    list_filter = ["state", "kind"]
    search_fields = ["=to", "kind"]
    # Not the text: it may hold a link that signs in.
    fields = ["kind", "to", "recipient", "language", "subject", *PROGRESS]
    list_select_related = ["recipient"]
