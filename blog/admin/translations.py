"""The same text in other languages, on the writing screen: what there is, and one more."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from blog.languages import own_name
from blog.models import Content, Revision
from blog.translations import link_translation, unlink_translation


class LinksTranslations:
    """A mixin for the admin class of posts or of pages."""

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        others = self.model.objects.visible_to(request.user)
        # Django's own search of texts: a revision is what else has a link to a post and to a page.
        link = Revision._meta.get_field(self.opts.model_name)
        tolerant = self._tolerant

        class LinkingForm(form):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                if obj is None or obj.translation_group is None:
                    del self.fields["unlink_translations"]
                field = self.fields["translation_of"]
                field.queryset = others.exclude(pk=obj.pk) if obj else others
                field.widget = AutocompleteSelect(link, admin.site, choices=field.choices)
                tolerant(field)

        return LinkingForm

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if not self.has_change_permission(request, obj):
            return fieldsets
        fields = ["translation_of"]
        if obj is not None and obj.translation_group is not None:
            fields.append("unlink_translations")
        return [*fieldsets, (_("Translations"), {"fields": fields, "classes": ["collapse"]})]

    def save_translations(self, request: HttpRequest, form) -> None:
        """Called in the transaction that saves what was typed, after it."""
        other = form.cleaned_data.get("translation_of")
        if form.cleaned_data.get("unlink_translations"):
            unlink_translation(form.instance, by=request.user)
        if other is not None:
            link_translation(form.instance, other, by=request.user)

    def translations_context(self, request: HttpRequest, obj: Content | None) -> dict[str, Any]:
        """What the screen shows: those that are there, and where a new one begins."""
        if obj is None or obj.pk is None:
            return {}
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        mine = self.get_queryset(request).linked_with(obj).order_by("language")
        editable = [
            {
                "title": other.title,
                "language": own_name(other.language),
                "tag": other.language,
                "state": other.state_label,
                "url": reverse(f"{name}_change", args=[other.pk]),
            }
            for other in mine.defer("body", "body_html", "body_text", "headings")
        ]
        return {
            "translations": editable,
            "translate_url": f"{reverse(f'{name}_add')}?translation_of={obj.pk}",
        }
