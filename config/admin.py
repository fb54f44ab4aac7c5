"""The admin site: Django's own, in our dress."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class InkstoneAdminSite(admin.AdminSite):
    site_header = _("Inkstone")
    site_title = _("Inkstone")
    index_title = _("Desk")
