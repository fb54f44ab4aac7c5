"""What the lists of images and of videos have in common."""

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from library import policy, usage


class UseFilter(admin.SimpleListFilter):
    title = gettext_lazy("use")
    parameter_name = "use"

    def lookups(self, request, model_admin):
        return [("used", gettext_lazy("used")), ("unused", gettext_lazy("not used"))]

    def queryset(self, request, queryset):
        match self.value():
            case "used":
                return queryset.filter(is_used=True)
            case "unused":
                return queryset.filter(is_used=False)
        return queryset


class KeptWhileUsed:
    """What something shows is not deleted; the page says where it is shown.

    For a ModelAdmin whose queryset is annotated with `is_used`. A text that began to show it
    between the question and the answer is told the same way.
    """

    def remove(self, thing, *, by) -> None:
        """Delete one by its service. Raises ProtectedError."""
        raise NotImplementedError

    def has_change_permission(self, request, obj=None):
        if obj is None:
            return policy.may_see(request.user)
        return policy.may_describe(request.user, obj)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            context["uses"] = usage.of(obj, request.user)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_deleted_objects(self, objs, request):
        found, counts, lacking, protected = super().get_deleted_objects(objs, request)
        for thing in objs:
            uses = usage.of(thing, request.user)
            protected += [
                format_html('{}: <a href="{}">{}</a>, {}', thing, use.url, use.title, use.place)
                for use in uses.shown
            ]
            if uses.hidden:
                text = ngettext(
                    "%(image)s: %(count)d place that you cannot open",
                    "%(image)s: %(count)d places that you cannot open",
                    uses.hidden,
                )
                protected.append(text % {"image": thing, "count": uses.hidden})
        return found, counts, lacking, protected

    def delete_model(self, request, obj):
        self.remove(obj, by=request.user)

    @transaction.atomic
    def delete_queryset(self, request, queryset):
        for thing in queryset:
            self.remove(thing, by=request.user)

    def delete_view(self, request, object_id, extra_context=None):
        return self._unless_used(request, super().delete_view, object_id, extra_context)

    def changelist_view(self, request, extra_context=None):
        return self._unless_used(request, super().changelist_view, extra_context)

    def _unless_used(self, request: HttpRequest, view, *args) -> HttpResponse:
        try:
            return view(request, *args)
        except ProtectedError:
            text = _("Nothing was deleted: a text that was saved just now shows it.")
            messages.error(request, text)
            return HttpResponseRedirect(request.get_full_path())

    @admin.display(description=gettext_lazy("use"))
    def use_state(self, thing) -> str:
        if thing.is_used:
            return _("used")
        return format_html('<em class="unused">{}</em>', _("not used"))
