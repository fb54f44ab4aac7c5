"""People and their roles in the admin. What one may comes with the role, and with that alone."""

from collections import Counter
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import policy, services
from accounts.doors import sessions
from accounts.doors.recovery import remove_second_factors
from accounts.doors.resets import send_reset
from accounts.forms import NewUserForm, OneTimePasswordForm, UserForm
from accounts.models import PersonalToken, Role, User
from accounts.tokens import families_of
from lib.admin import QuickList, RefusalsAreFormErrors


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request, model_admin):
        return [*Role.choices, ("reader", _("Reader"))]

    def queryset(self, request, queryset):
        if self.value() == "reader":
            return queryset.filter(is_staff=False)
        if self.value() in Role.values:
            return queryset.filter(groups__name=self.value())
        return queryset


@admin.register(User)
class UserAdmin(QuickList, RefusalsAreFormErrors, DjangoUserAdmin):
    form = UserForm
    add_form = NewUserForm
    add_form_template = None
    change_password_form = OneTimePasswordForm
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    list_display = ["username", "display_name", "email", "role_name", "is_active", "last_login"]
    list_filter = [RoleFilter, "is_active"]
    search_fields = ["username", "display_name", "email_key"]
    ordering = ["username"]
    sortable_by = ["username"]
    show_facets = admin.ShowFacets.NEVER
    filter_horizontal = []
    readonly_fields = ["last_login", "date_joined", "factors", "signed_in", "leaves"]
    actions = ["activate", "deactivate", "sign_out", "send_reset", "remove_factors"]
    fieldsets = [
        (None, {"fields": ["username", "email", "password", "role"]}),
        (_("Profile"), {"fields": ["display_name", "bio", "website", "language", "time_zone"]}),
        (
            _("Access"),
            {"fields": ["is_active", "must_change_password", "factors", "signed_in"]},
        ),
        (_("Important dates"), {"fields": ["last_login", "date_joined", "leaves"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": ["username", "email", "display_name", "role", "password1", "password2"],
                "description": _("The password has to be changed at the first visit."),
            },
        ),
    ]

    # --- who may ----------------------------------------------------------------------

    def has_view_permission(self, request, obj=None) -> bool:
        # Editors choose authors by name without seeing the list of people and their addresses.
        match = request.resolver_match
        if match and match.url_name == "autocomplete" and obj is None:
            return request.user.has_perm("accounts.choose_user")
        return super().has_view_permission(request, obj)

    def has_change_permission(self, request, obj=None) -> bool:
        if obj is None:
            return super().has_change_permission(request)
        return policy.may_manage(request.user, obj)

    def has_delete_permission(self, request, obj=None) -> bool:
        if obj is None:
            return super().has_delete_permission(request)
        return policy.may_delete(request.user, obj)

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not request.user.is_superuser:
            return fieldsets
        # A field that is not in the fieldsets is not in the form: only superusers make superusers.
        return [
            (name, {**options, "fields": [*options["fields"], "is_superuser"]})
            if "is_active" in options["fields"]
            else (name, options)
            for name, options in fieldsets
        ]

    # --- the list ---------------------------------------------------------------------

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("role"))
    def role_name(self, user: User) -> str:
        return user.role.label if user.role else _("Reader")

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description=_("Let the selected people sign in"), permissions=["change"])
    def activate(self, request, queryset) -> None:
        self._set_active(request, queryset, True)

    @admin.action(description=_("Deactivate the selected accounts"), permissions=["change"])
    def deactivate(self, request, queryset) -> None:
        self._set_active(request, queryset, False)

    @admin.action(description=_("Sign the selected people out everywhere"), permissions=["change"])
    def sign_out(self, request, queryset) -> None:
        def act(user: User) -> None:
            services.sign_out_everywhere(user, by=request.user)
            if user == request.user:
                request.user.token_version = user.token_version
                sessions.keep_this_one(request)  # everywhere else, that is

        self._each(request, queryset, act)

    @admin.action(
        description=_("Mail the selected people a link to choose a new password"),
        permissions=["change"],
    )
    def send_reset(self, request, queryset) -> None:
        self._each(request, queryset, lambda user: send_reset(user, request, by=request.user))

    @admin.action(
        description=_("Remove the second factors of the selected people"), permissions=["change"]
    )
    def remove_factors(self, request, queryset) -> None:
        self._each(request, queryset, lambda user: remove_second_factors(user, by=request.user))

    def _set_active(self, request, queryset, active: bool) -> None:
        self._each(
            request, queryset, lambda user: services.set_active(user, active, by=request.user)
        )

    def _each(self, request, queryset, act: Callable[[User], object]) -> None:
        """Do it to each that it may be done to; say for which others it may not, and why."""
        done = 0
        for user in queryset:
            try:
                act(user)
                done += 1
            except (ValidationError, PermissionDenied) as error:
                reason = " ".join(getattr(error, "messages", [str(error)]))
                self.message_user(request, f"{user.username}: {reason}", messages.ERROR)
        if done:
            text = ngettext("%d account changed.", "%d accounts changed.", done) % done
            self.message_user(request, text, messages.SUCCESS)

    @admin.display(description=_("second factors"))
    def factors(self, user: User) -> str:
        kinds = Counter(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        return ", ".join(
            f"{Authenticator.Type(kind).label} ({number})" for kind, number in sorted(kinds.items())
        ) or _("none")

    @admin.display(description=_("signed in"))
    def signed_in(self, user: User) -> str:
        browsers, apps = len(sessions.alive(user)), len(families_of(user))
        tokens = PersonalToken.objects.in_use().filter(user=user).count()
        return _("Browsers: %(browsers)d, apps: %(apps)d, personal tokens: %(tokens)d") % {
            "browsers": browsers,
            "apps": apps,
            "tokens": tokens,
        }

    @admin.display(description=_("will be deleted"))
    def leaves(self, user: User) -> str:
        if user.erased_at or not user.delete_at:
            return "-"
        return date_format(timezone.localtime(user.delete_at), "DATETIME_FORMAT")

    # --- changes ----------------------------------------------------------------------

    def save_model(self, request, user, form, change) -> None:
        if not change:
            user.must_change_password = True
        services.save_user(user, by=request.user, role=form.cleaned_data["role"])

    def save_related(self, request, form, formsets, change) -> None:
        """The role was saved with the account."""

    def user_change_password(self, request, id, form_url=""):
        if str(id) == str(request.user.pk):
            return redirect("admin:password_change")

        class Form(self.change_password_form):
            by = request.user

        # This admin object serves all requests: the form with the person goes on a copy.
        view = type(self)(self.model, self.admin_site)
        view.change_password_form = Form
        return super(UserAdmin, view).user_change_password(request, id, form_url)

    def get_deleted_objects(self, objs, request):
        # The stock page would list everything that hangs on a person before refusing.
        return [str(user) for user in objs], {self.opts.verbose_name_plural: len(objs)}, set(), []

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return redirect("admin:accounts_user_change", object_id)

    def delete_model(self, request, user) -> None:
        services.delete_user(user, by=request.user)


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(QuickList, admin.ModelAdmin):
    """Read-only: roles and what they may do come from migrations."""

    list_display = ["name", "people", "what_for"]
    ordering = ["id"]
    fields = ["name", "people", "may"]
    readonly_fields = fields

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(user_count=models.Count("user"))

    @admin.display(description=_("people"))
    def people(self, group: Group) -> int:
        return group.user_count

    @admin.display(description=_("for"))
    def what_for(self, group: Group) -> str:
        return PURPOSES.get(group.name, "")

    @admin.display(description=_("may"))
    def may(self, group: Group) -> str:
        return "\n".join(group.permissions.order_by("name").values_list("name", flat=True))

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


PURPOSES = {
    Role.CONTRIBUTOR.value: _("Writes drafts and submits them for review."),
    Role.AUTHOR.value: _("Writes and publishes own posts."),
    Role.EDITOR.value: _("Edits and publishes everything."),
    Role.ADMINISTRATOR.value: _("Everything, people and the site included."),
}
