"""Pages in the admin."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from blog.admin.content import ContentAdmin, StateFilter
from blog.forms import ContentForm
from blog.models import Page


@admin.register(Page)
class PageAdmin(ContentAdmin):
    form = ContentForm
    autocomplete_fields = ["cover"]
    list_display = ["title", "state", "menu_position", "published", "changed"]
    list_filter = [StateFilter, "visibility"]
    fieldsets = [
        (None, {"fields": ["title", "subtitle", "body"]}),
        (_("Where"), {"fields": ["slug", "menu_position", "excerpt", "cover"]}),
        (_("When and for whom"), {"fields": ["published_at", "unpublish_at", "visibility"]}),
        (
            _("Language and search engines"),
            {
                "fields": ["language", "seo_title", "seo_description", "canonical_url"],
                "classes": ["collapse"],
            },
        ),
    ]
