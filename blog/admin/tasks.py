"""The editorial to-do list in the admin."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from blog import policy, todo
from blog.models import Post, Task
from lib.admin import QuickList, RefusalsAreFormErrors

MAX_TASKS_PER_ACTION = 500


class TaskForm(forms.ModelForm):
    """A task; it carries the version the person started from."""

    opened_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    class Meta:
        model = Task
        fields = ["title", "description", "completed", "assignee", "post", "due"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "opened_version" in self.fields:
            self.fields["opened_version"].initial = self.instance.version


class WhoseFilter(admin.SimpleListFilter):
    title = _("whose")
    parameter_name = "whose"

    def lookups(self, request, model_admin):
        return [("mine", _("For me")), ("nobody", _("For nobody yet")), ("by-me", _("Made by me"))]

    def queryset(self, request, queryset):
        if self.value() == "mine":
            return queryset.filter(assignee=request.user)
        if self.value() == "nobody":
            return queryset.filter(assignee=None)
        return queryset.filter(created_by=request.user) if self.value() == "by-me" else queryset


class DoneFilter(admin.SimpleListFilter):
    """What is done is shown only when it is asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("done", _("Done")), ("all", _("All"))]

    def choices(self, changelist):
        open_, *others = super().choices(changelist)
        return [{**open_, "display": _("To do")}, *others]

    def queryset(self, request, queryset):
        if self.value() == "all":
            return queryset
        return queryset.filter(completed=self.value() == "done")


@admin.register(Task)
class TaskAdmin(QuickList, RefusalsAreFormErrors, admin.ModelAdmin):
    form = TaskForm
    list_display = ["title", "assignee", "about", "when", "completed"]
    list_select_related = ["assignee"]
    list_filter = [DoneFilter, WhoseFilter]
    search_fields = ["title", "description"]
    autocomplete_fields = ["post"]
    sortable_by = ["when", "title"]
    actions = ["complete", "reopen"]
    show_facets = admin.ShowFacets.NEVER

    # --- who may ----------------------------------------------------------------------

    def get_queryset(self, request):
        return Task.objects.visible_to(request.user)

    def has_module_permission(self, request) -> bool:
        return policy.may_make_tasks(request.user)

    def has_view_permission(self, request, obj=None) -> bool:
        return policy.may_make_tasks(request.user)

    has_add_permission = has_module_permission

    def has_change_permission(self, request, obj=None) -> bool:
        if obj is None:
            return policy.may_make_tasks(request.user)
        return policy.may_edit_task(request.user, obj)

    def has_delete_permission(self, request, obj=None) -> bool:
        if obj is None:
            return policy.may_make_tasks(request.user)
        return policy.may_delete_task(request.user, obj)

    # --- the list ---------------------------------------------------------------------

    def get_ordering(self, request):
        return Task.objects.most_urgent_first().query.order_by

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        keys = {task.post_id for task in changelist.result_list} - {None}
        visible = Post.objects.visible_to(request.user).only("pk", "title")
        request.posts_of_tasks = visible.in_bulk(keys) if keys else {}
        for task in changelist.result_list:
            task.shown_post = request.posts_of_tasks.get(task.post_id)
        return changelist

    @admin.display(description=_("post"))
    def about(self, task: Task) -> str:
        return task.shown_post.title if task.shown_post else "–"

    @admin.display(description=_("due"), ordering="due")
    def when(self, task: Task) -> str:
        if task.due is None:
            return "–"
        day = date_format(task.due, "Y-m-d")
        return format_html("<strong>{} ({})</strong>", day, _("late")) if task.is_overdue else day

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description=_("Mark as done"))
    def complete(self, request, queryset) -> None:
        self._set_all(request, queryset, completed=True)

    @admin.action(description=_("Open again"))
    def reopen(self, request, queryset) -> None:
        self._set_all(request, queryset, completed=False)

    def _set_all(self, request, queryset, *, completed: bool) -> None:
        done = 0
        for task in queryset[:MAX_TASKS_PER_ACTION]:
            try:
                todo.set_completed(task, completed, by=request.user)
                done += 1
            except (ValidationError, PermissionDenied) as error:
                reason = " ".join(getattr(error, "messages", [str(error)]))
                self.message_user(request, f"“{task.title}”: {reason}", messages.ERROR)
        if done:
            told = ngettext_lazy("%d task changed.", "%d tasks changed.") % done
            self.message_user(request, told, messages.SUCCESS)

    # --- the form ---------------------------------------------------------------------

    def get_form(self, request, obj=None, change=False, **kwargs):
        request.task = obj
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request, obj=None):
        names = ["title", "description", "assignee", "post", "due", "completed"]
        if obj is not None and obj.post_id:
            visible = Post.objects.visible_to(request.user)
            if not visible.filter(pk=obj.post_id).exists():
                names.remove("post")  # It stays, and is not shown to who may not open it.
        if obj is not None and self.has_change_permission(request, obj):
            names.append("opened_version")
        return [(None, {"fields": names})]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "assignee":
            kwargs["queryset"] = todo.choices_for(request.user, getattr(request, "task", None))
        if db_field.name == "post":
            kwargs["queryset"] = Post.objects.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, task, form, change) -> None:
        todo.save_task(
            task, by=request.user, expected_version=form.cleaned_data.get("opened_version")
        )

    def delete_model(self, request, task) -> None:
        todo.delete_task(task, by=request.user)
