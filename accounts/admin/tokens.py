"""Tokens in the admin: who has which, when they were used, and ending them. No secrets are here."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import policy, tokens
from accounts.models import PersonalToken, TokenFamily
from lib.admin import QuickList


class ReadOnly(QuickList, admin.ModelAdmin):
    """Looked at and ended, by those who manage the person."""

    actions = ["end"]
    sortable_by = []
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ["user"]
    search_fields = ["=user__username"]
    search_help_text = _("A username.")

    # Tokens belong to people: whoever sees those sees these.
    def has_module_permission(self, request) -> bool:
        return request.user.has_perm("accounts.view_user")

    def has_view_permission(self, request, obj=None) -> bool:
        return request.user.has_perm("accounts.view_user")

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def has_end_permission(self, request) -> bool:
        return request.user.has_perm("accounts.change_user")

    def get_queryset(self, request) -> QuerySet:
        return super().get_queryset(request).in_use()

    @admin.action(description=_("End the selected tokens"), permissions=["end"])
    def end(self, request, queryset) -> None:
        ended = 0
        for one in queryset.select_related("user"):
            if policy.may_manage(request.user, one.user):
                self.end_one(one, request)
                ended += 1
            else:
                text = _("You may not end tokens of %(name)s.") % {"name": one.user.username}
                self.message_user(request, text, messages.ERROR)
        if ended:
            text = ngettext("%d token has ended.", "%d tokens have ended.", ended) % ended
            self.message_user(request, text, messages.SUCCESS)

    def end_one(self, one, request) -> None:
        raise NotImplementedError


@admin.register(PersonalToken)
class PersonalTokenAdmin(ReadOnly):
    list_display = ["name", "user", "may", "last_used_at", "last_address", "expires_at"]
    fields = ["user", "name", "may", "hint", "created_at", "expires_at"]
    fields += ["last_used_at", "last_address"]
    readonly_fields = fields

    @admin.display(description=_("scopes"))
    def may(self, token: PersonalToken) -> str:
        return ", ".join(token.scopes)

    def end_one(self, one: PersonalToken, request) -> None:
        tokens.revoke_personal_token(one, by=request.user, request=request)


@admin.register(TokenFamily)
class TokenFamilyAdmin(ReadOnly):
    list_display = ["user", "device", "address", "created_at", "last_used_at", "expires_at"]
    fields = list_display
    readonly_fields = fields

    def end_one(self, one: TokenFamily, request) -> None:
        tokens.end_family(one, by=request.user, request=request)
