from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from lib.admin import QuickList
from transfer.models import BackupRun, ImportedItem


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


@admin.register(BackupRun)
class BackupRunAdmin(QuickList, admin.ModelAdmin):
    """Backups and restore drills of this machine; to look at."""

    list_display = ["started_at", "kind", "went_well", "rows", "files", "size", "error"]
    list_filter = ["kind"]

    @admin.display(description=_("went well"), boolean=True)
    def went_well(self, run: BackupRun) -> bool | None:
        return run.is_good if run.ended_at else None

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
