from django.contrib import admin

from events.models import Event, ScheduledJob
from lib.admin import QuickList


@admin.register(Event)
class EventAdmin(QuickList, admin.ModelAdmin):
    """Read-only: history is not edited."""

    list_display = ["created_at", "kind", "subject_type", "subject_id", "actor"]
    list_select_related = ["actor"]
    list_filter = ["kind"]
    search_fields = ["=subject_id", "kind"]
    ordering = ["-id"]
    sortable_by = []
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(ScheduledJob)
class ScheduledJobAdmin(admin.ModelAdmin):
    """What the clock started last; to look at."""

    list_display = ["name", "slot", "started_at", "ended_at", "tries", "error"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
