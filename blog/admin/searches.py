"""What readers looked for in vain: a list to read, and to write the missing posts from."""

from django.contrib import admin

from blog.models import SearchMiss
from lib.admin import QuickList


@admin.register(SearchMiss)
class SearchMissAdmin(QuickList, admin.ModelAdmin):
    list_display = ["query", "count", "last_at"]
    list_display_links = None
    search_fields = ["query"]
    ordering = ["-count", "-last_at"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False
