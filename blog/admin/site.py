"""The settings of the site: one row, so no list."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse

from blog import services
from blog.admin.levels import SiteForm
from blog.models import Site
from lib.admin import QuickList, RefusalsAreFormErrors


@admin.register(Site)
class SiteAdmin(QuickList, RefusalsAreFormErrors, admin.ModelAdmin):
    form = SiteForm
    fields = ["name", "tagline", "description", "language", "posts_per_page", "publish_checks"]
    view_on_site = False

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        site, _ = Site.objects.get_or_create(pk=1)
        return HttpResponseRedirect(reverse("admin:blog_site_change", args=[site.pk]))

    def save_model(self, request, site, form, change) -> None:
        services.save_site(site, by=request.user)

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
