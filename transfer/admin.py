from django.contrib import admin

from transfer.models import ImportedItem


@admin.register(ImportedItem)
class ImportedItemAdmin(admin.ModelAdmin):
    """What came from where; to look at, not to change."""

    list_display = ["path", "source", "post", "page", "imported_at"]
    list_select_related = ["post", "page"]
    list_filter = ["source"]
    search_fields = ["path", "post__title", "page__title"]
    show_full_result_count = False

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
