from django.contrib import admin

from events.models import Event


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """Read-only: history is not edited."""

    list_display = ["created_at", "kind", "subject_type", "subject_id", "actor"]
    list_select_related = ["actor"]
    list_filter = ["kind"]
    search_fields = ["=subject_id", "kind"]
    show_full_result_count = False

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
