"""Collections in the admin."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from lib.admin import QuickList, RefusalsAreFormErrors
from library import policy
from library.collecting import delete_collection, save_collection
from library.models import Collection


@admin.register(Collection)
class CollectionAdmin(RefusalsAreFormErrors, QuickList, admin.ModelAdmin):
    """Names; what is in them is sorted in the lists of images and of videos."""

    list_display = ["name", "image_count", "video_count", "created_at"]
    search_fields = ["name"]
    fields = ["name"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_counts()

    def has_module_permission(self, request):
        return policy.may_see(request.user)

    def has_view_permission(self, request, obj=None):
        return policy.may_see(request.user)

    def has_add_permission(self, request):
        return policy.may_collect(request.user)

    def has_change_permission(self, request, obj=None):
        return policy.may_collect(request.user)

    def has_delete_permission(self, request, obj=None):
        return policy.may_delete(request.user)

    def save_model(self, request, obj, form, change):
        save_collection(obj, by=request.user)

    def delete_model(self, request, obj):
        delete_collection(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for collection in queryset:
            delete_collection(collection, by=request.user)

    @admin.display(description=_("images"), ordering="images_in_it")
    def image_count(self, collection: Collection) -> str:
        return _link("image", collection, collection.images_in_it)

    @admin.display(description=_("videos"), ordering="videos_in_it")
    def video_count(self, collection: Collection) -> str:
        return _link("video", collection, collection.videos_in_it)


def _link(model: str, collection: Collection, count: int) -> str:
    """To those of the list that are in it."""
    address = reverse(f"admin:library_{model}_changelist")
    return format_html('<a href="{}?collection={}">{}</a>', address, collection.pk, count)
