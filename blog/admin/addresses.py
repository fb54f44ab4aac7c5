"""Old addresses in the admin: made and forgotten, never changed."""

from django.contrib import admin
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from blog import services
from blog.forms import OldAddressForm
from blog.models import Category, OldAddress, Page, Post, Series, Tag
from lib.admin import QuickList, RefusalsAreFormErrors


@admin.register(OldAddress)
class OldAddressAdmin(QuickList, RefusalsAreFormErrors, admin.ModelAdmin):
    form = OldAddressForm
    list_display = ["key", "target_link", "created_at"]
    search_fields = ["key"]
    sortable_by = ["key"]
    ordering = ["key"]

    def get_queryset(self, request):
        things = [
            *(model.objects.only("title", "slug") for model in (Post, Page)),
            *(model.objects.only("name", "slug") for model in (Category, Tag, Series)),
            User.objects.only("username", "display_name"),
        ]
        return super().get_queryset(request).prefetch_related(GenericPrefetch("target", things))

    def get_fields(self, request, obj=None):
        return ["path", "leads_to"] if obj is None else ["key", "target_link", "created_at"]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else self.get_fields(request, obj)

    @admin.display(description=_("leads to"))
    def target_link(self, address: OldAddress) -> str:
        if address.target is None:
            return "-"
        path = address.target.get_absolute_url()
        return format_html('<a href="{}">{}</a>', path, address.target)

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def save_model(self, request, address, form, change) -> None:
        data = form.cleaned_data
        made = services.add_old_address(data["path"], data["leads_to"], by=request.user)
        # The admin goes on with its own object.
        address.pk, address.key = made.pk, made.key

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_model(self, request, address) -> None:
        services.delete_old_address(address, by=request.user)
