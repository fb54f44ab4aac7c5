"""The audit trail in the admin: read-only, and quick with a hundred thousand rows."""

import ipaddress
import json
from datetime import date, datetime, time, timedelta

from django.contrib import admin
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry, User
from lib.admin import QuickList
from lib.text import clean_text


class TextFilter(admin.SimpleListFilter):
    """A filter with a field to type in, beside the list."""

    template = "admin/text_filter.html"
    input_type = "text"

    def lookups(self, request, model_admin):
        return [("", "")]  # Django leaves out a filter without choices.

    def choices(self, changelist):
        kept = changelist.get_filters_params().items()
        yield {
            "value": self.value() or "",
            "type": self.input_type,
            "others": [
                (name, values[-1] if isinstance(values, list) else values)
                for name, values in kept
                if name != self.parameter_name
            ],
        }

    def queryset(self, request, queryset):
        text = clean_text(self.value() or "").strip()[:100]
        return self.matching(queryset, text) if text else queryset

    def matching(self, queryset: QuerySet, text: str) -> QuerySet:
        raise NotImplementedError


class ActorFilter(TextFilter):
    title, parameter_name = _("username"), "who"

    def matching(self, queryset, text):
        known = User.objects.named(text).values_list("username", flat=True).first()
        return queryset.filter(actor_name=known or text)


class AddressFilter(TextFilter):
    title, parameter_name = _("address"), "from"

    def matching(self, queryset, text):
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return queryset.none()
        return queryset.filter(address=str(getattr(address, "ipv4_mapped", None) or address))


class DayFilter(TextFilter):
    input_type = "date"

    def day(self, text: str) -> datetime | None:
        """The beginning of the day `text` (2026-05-01) in the site's zone, None if it is none."""
        try:
            return timezone.make_aware(datetime.combine(date.fromisoformat(text), time.min))
        except (ValueError, OverflowError):
            return None


class SinceFilter(DayFilter):
    title, parameter_name = _("first day"), "since"

    def matching(self, queryset, text):
        day = self.day(text)
        return queryset.filter(at__gte=day) if day else queryset.none()


class UntilFilter(DayFilter):
    title, parameter_name = _("last day"), "until"

    def matching(self, queryset, text):
        day = self.day(text)
        try:
            return queryset.filter(at__lt=day + timedelta(days=1)) if day else queryset.none()
        except OverflowError:
            return queryset  # 9999-12-31 is after everything.


class ActionFilter(admin.SimpleListFilter):
    title, parameter_name = _("action"), "action"

    def lookups(self, request, model_admin):
        # One probe of the index per kind of action, not a walk over all rows.
        found, last = [], ""
        while last is not None and len(found) < 100:
            rest = AuditEntry.objects.filter(action__gt=last).order_by("action")
            last = rest.values_list("action", flat=True).first()
            if last:
                found.append((last, last))
        return found

    def queryset(self, request, queryset):
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(QuickList, admin.ModelAdmin):
    list_display = ["at", "actor_name", "action", "what", "address"]
    list_display_links = ["at"]
    list_filter = [ActionFilter, ActorFilter, AddressFilter, SinceFilter, UntilFilter]
    search_fields = ["=subject_id", "=request_id"]
    search_help_text = _("The id of a subject or of a request.")
    ordering = ["-id"]
    sortable_by = []
    show_facets = admin.ShowFacets.NEVER
    fields = [
        *("at", "actor", "actor_name", "action", "subject_type", "subject_id", "subject_label"),
        *("address", "device", "request_id", "told"),
    ]
    readonly_fields = fields

    @admin.display(description=_("subject"))
    def what(self, entry: AuditEntry) -> str:
        name = entry.subject_label or entry.subject_id
        return f"{entry.subject_type.rpartition('.')[2]} {name}".strip() or "-"

    @admin.display(description=_("detail"))
    def told(self, entry: AuditEntry) -> str:
        return format_html(
            "<pre>{}</pre>", json.dumps(entry.detail, indent=2, ensure_ascii=False, sort_keys=True)
        )

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
