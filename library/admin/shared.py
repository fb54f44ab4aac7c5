"""What the lists of images and of videos have in common."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db import transaction
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lib.admin import KEY
from library import collecting, policy, usage
from library.models import Collection
from library.settling import settled

MAX_COLLECTIONS = 100  # offered as a filter


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


class CollectionFilter(admin.SimpleListFilter):
    title = gettext_lazy("collection")
    parameter_name = "collection"

    def lookups(self, request, model_admin):
        return list(Collection.objects.values_list("pk", "name")[:MAX_COLLECTIONS])

    def queryset(self, request, queryset):
        value = self.value()
        if value is None:
            return queryset
        return queryset.filter(collections=value) if KEY.fullmatch(value) else queryset.none()


class CollectionActionForm(ActionForm):
    """Which collection the two actions mean."""

    collection = forms.ModelChoiceField(
        Collection.objects.all(), required=False, label=gettext_lazy("Collection:")
    )


class Collectable:
    """For the list of a ModelAdmin: a filter, and actions that sort many at once."""

    action_form = CollectionActionForm

    def get_actions(self, request):
        found = super().get_actions(request)
        if policy.may_collect(request.user):
            for name in ("put_into_collection", "take_out_of_collection"):
                found[name] = self.get_action(name)
        return found

    @admin.action(description=gettext_lazy("Put into the collection"))
    def put_into_collection(self, request, queryset):
        self._sort(request, queryset, collecting.put_into)

    @admin.action(description=gettext_lazy("Take out of the collection"))
    def take_out_of_collection(self, request, queryset):
        self._sort(request, queryset, collecting.take_out)

    def _sort(self, request: HttpRequest, queryset, change) -> None:
        key = request.POST.get("collection", "")
        collection = Collection.objects.filter(pk=key).first() if KEY.fullmatch(key) else None
        if collection is None:
            messages.error(request, _("Choose a collection beside the action."))
            return
        count = change(collection, queryset, by=request.user)
        text = ngettext(
            "%(count)d was sorted: %(name)s.", "%(count)d were sorted: %(name)s.", count
        )
        messages.success(request, text % {"count": count, "name": collection.name})


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

    def add_view(self, request, form_url="", extra_context=None):
        with settled():
            return super().add_view(request, form_url, extra_context)

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
