"""What posts and pages share in the admin: every save and every step goes through the services."""

from datetime import datetime

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import NoReverseMatch, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from blog import policy, services, trash, working
from blog.admin.bulk import BulkSteps
from blog.admin.history import HistoryPages
from blog.admin.merging import MergesStaleSaves
from blog.admin.presence import ShowsPresence
from blog.admin.translations import LinksTranslations
from blog.admin.working import SCHEDULE, KeepsChangesBeside
from blog.admin.writing import WritingDesk
from blog.checks import publish_report
from blog.models import Content, WorkingRevision
from blog.models.content import HEAVY_FIELDS
from lib.admin import QuickList, RefusalsAreFormErrors

# Buttons of the form that do more than save.
STEPS = {
    "_publish": services.publish_content,
    "_submit": services.submit_content,
    "_unpublish": services.unpublish_content,
}
CHECK = "_check"
# After these the report of the checks is told.
CHECKED = {CHECK, "_publish"}


class StateFilter(admin.SimpleListFilter):
    """The derived state; the bin is shown only when it is asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return Content.State.choices

    def queryset(self, request, queryset):
        if self.value() in Content.State.values:
            return queryset.in_state(Content.State(self.value()))
        return queryset.filter(trashed_at__isnull=True)


class ContentChangeList(ChangeList):
    def get_queryset(self, request, exclude_parameters=None):
        found = super().get_queryset(request, exclude_parameters).defer(*HEAVY_FIELDS)
        beside = {self.model._meta.model_name: models.OuterRef("pk")}
        return found.annotate(is_reworked=models.Exists(WorkingRevision.objects.filter(**beside)))


class ContentAdmin(
    KeepsChangesBeside,
    LinksTranslations,
    BulkSteps,
    WritingDesk,
    ShowsPresence,
    HistoryPages,
    MergesStaleSaves,
    QuickList,
    RefusalsAreFormErrors,
    admin.ModelAdmin,
):
    change_form_template = "admin/blog/content_form.html"
    change_list_template = "admin/blog/content_list.html"
    delete_confirmation_template = "admin/blog/content_delete.html"
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    ordering = ["-updated_at", "-id"]
    search_fields = ["title", "slug"]
    search_help_text = _("Words of the title or the address.")
    sortable_by = ["changed"]
    show_facets = admin.ShowFacets.NEVER  # each would be a count of the whole table

    # --- who may ----------------------------------------------------------------------

    def get_queryset(self, request):
        return super().get_queryset(request).editable_by(request.user)

    def has_change_permission(self, request, obj=None) -> bool:
        # What lies in the bin is looked at, and restored before it is changed.
        return super().has_change_permission(request, obj) and not (obj and obj.trashed_at)

    def has_delete_permission(self, request, obj=None) -> bool:
        """The way to the bin; from there, for ever."""
        if obj is not None and obj.trashed_at:
            return policy.may_delete(request.user, obj)
        return super().has_change_permission(request, obj)

    def has_publish_permission(self, request) -> bool:
        return request.user.has_perm("blog.publish_content")

    # --- the list ---------------------------------------------------------------------

    def get_changelist(self, request, **kwargs):
        return ContentChangeList

    def changelist_view(self, request, extra_context=None):
        in_bin = request.GET.get(StateFilter.parameter_name) == Content.State.TRASHED
        bin_days = settings.TRASH_DAYS if in_bin else 0
        shown = {"bin_days": bin_days, "undo": self.undoable(request)}
        return super().changelist_view(request, {**(extra_context or {}), **shown})

    @admin.display(description=_("state"))
    def state(self, content: Content) -> str:
        if getattr(content, "is_reworked", False):
            return _("%(state)s, with unpublished changes") % {"state": content.state_label}
        return content.state_label

    @admin.display(description=_("published"))
    def published(self, content: Content) -> str:
        return _short(content.published_at)

    @admin.display(description=_("last change"), ordering="updated_at")
    def changed(self, content: Content) -> str:
        return _short(content.updated_at)

    # --- the form ---------------------------------------------------------------------

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        (name, first), *others = fieldsets
        hidden = ["reason", "opened_version", "opened_working"]
        return [
            (name, {**first, "fields": [*first["fields"], *hidden]}),
            *self.working_fieldsets(obj),
            *others,
        ]

    def get_changeform_initial_data(self, request):
        site_language = {"language": request.site.language}
        return {**site_language, **super().get_changeform_initial_data(request)}

    def view_on_site(self, content: Content) -> str | None:
        try:
            return None if content.trashed_at else content.get_absolute_url()
        except NoReverseMatch:  # a slug just typed, and refused
            return None

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        user, editable = request.user, obj is None or self.has_change_permission(request, obj)
        status = obj.status if obj else Content.Status.DRAFT
        may_publish = policy.may_publish(user, obj) if obj else self.has_publish_permission(request)
        context.update(
            may_save=editable,
            may_publish=editable and may_publish,
            **self.working_context(context["adminform"].form),
            may_submit=editable and status == Content.Status.DRAFT,
            may_unpublish=editable
            and status != Content.Status.DRAFT
            and policy.may_unpublish(user, obj),
            may_restore=obj is not None and obj.trashed_at is not None,
            gone_at=trash.goes_at(obj) if obj else None,
        )
        context.update(self.conflict_context(request))
        context.update(self.desk_context(request, obj))
        context.update(self.translations_context(request, obj))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request, content, form, change) -> None:
        """Saved in save_related, together with what hangs on it: one save, one revision."""

    def save_related(self, request, form, formsets, change) -> None:
        for formset in formsets:
            formset.save(commit=False)  # only so that the log has its words
        links = self.get_links(request, form, formsets)
        reason = form.cleaned_data.get("reason") or "saved"
        done = self.save_beside(request, form, links, reason) if change else None
        if done is None:
            links = self.merged_links(request, form, links)
            services.save_content(form.instance, by=request.user, reason=reason, **links)
        self.save_translations(request, form)
        self.settle_autosave(request, form.instance)
        for button, step in STEPS.items():
            if button in request.POST and button not in (done or ()):
                step(form.instance, by=request.user)
                self.message_user(request, self._told(form.instance), messages.SUCCESS)
        if CHECKED & request.POST.keys():
            self._tell_findings(request, form.instance)

    def get_links(self, request, form, formsets) -> dict:
        """What the service is told besides the row: authors and tags, where there are any."""
        return {}

    def _tell_findings(self, request, content: Content) -> None:
        """What the checks before publication say of what was just saved."""
        stored = type(content).objects.get(pk=content.pk)
        report = publish_report(working.for_preview(stored))
        for finding in report:
            text = f"{finding.level.label}: {finding.message}"
            self.message_user(request, text, messages.WARNING)
        if not report and CHECK in request.POST:
            self.message_user(request, _("The checks find nothing."), messages.SUCCESS)

    def _told(self, content: Content) -> str:
        if content.is_scheduled:
            when = date_format(timezone.localtime(content.published_at), "DATETIME_FORMAT")
            return _("It will be published at %(when)s.") % {"when": when}
        return _("Its state is now: %(state)s.") % {"state": content.state_label}

    def response_add(self, request, obj, post_url_continue=None):
        return super().response_add(self._staying(request), obj, post_url_continue)

    def response_change(self, request, obj):
        return super().response_change(self._staying(request), obj)

    def _staying(self, request: HttpRequest) -> HttpRequest:
        """After a step the writer stays at the text."""
        if (STEPS.keys() | CHECKED | {SCHEDULE}) & request.POST.keys():
            request.POST = request.POST.copy()
            request.POST["_continue"] = "1"
        return request

    # --- the bin -----------------------------------------------------------------------

    def get_urls(self):
        info = self.opts.app_label, self.opts.model_name
        restore = path(
            "<int:object_id>/restore/",
            self.admin_site.admin_view(require_POST(self.restore_view)),
            name="{}_{}_restore".format(*info),
        )
        return [restore, *super().get_urls()]

    def restore_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        content = self.get_object(request, str(object_id))
        if content is None:
            raise Http404
        self.take_step(request, [content], "restore")
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", content.pk)

    def get_deleted_objects(self, objs, request):
        # The stock page would list every revision.
        return [str(content) for content in objs], {}, set(), []

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except ValidationError as error:  # somebody else was quicker
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def delete_model(self, request, content) -> None:
        request.for_ever = content.trashed_at is not None
        step = services.delete_content if request.for_ever else services.trash_content
        step(content, by=request.user)

    def response_delete(self, request, obj_display, obj_id):
        text = _("“%s” is deleted for ever.") if request.for_ever else _("“%s” is in the bin.")
        self.message_user(request, text % obj_display, messages.SUCCESS)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


def _short(moment: datetime | None) -> str:
    """`moment` in the site's zone, in a form as narrow as a column and the same in any language."""
    return date_format(timezone.localtime(moment), "Y-m-d H:i") if moment else "–"
