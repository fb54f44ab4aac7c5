"""Webhooks in the admin: endpoints, their log, another try."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from events import webhooks
from events.admin.work import PROGRESS, ReadOnly, WorkAdmin
from events.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from events.queueing import nudge
from events.webhook_tasks import deliver_webhooks
from lib.admin import QuickList, RefusalsAreFormErrors


class EndpointForm(forms.ModelForm):
    kinds = forms.CharField(
        label=_("Kinds of events"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=_("Such as post.live, post.* or *; with spaces between them."),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["url", "description", "kinds"]
        widgets = {"url": forms.URLInput(attrs={"size": 60})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["kinds"] = " ".join(self.instance.kinds)

    def clean_kinds(self) -> list[str]:
        return self.cleaned_data["kinds"].replace(",", " ").split()


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(RefusalsAreFormErrors, QuickList, admin.ModelAdmin):
    """Programs that are told of events."""

    form = EndpointForm
    list_display = ["__str__", "kinds_text", "owner", "paused_at", "failing_since"]
    list_select_related = ["owner"]
    search_fields = ["url", "description"]
    ordering = ["-id"]
    sortable_by = []
    show_facets = admin.ShowFacets.NEVER
    actions = ["ping", "rotate", "pause", "resume"]
    facts = [
        *("secret", "old_secret_until", "owner", "created_at"),
        *("paused_at", "pause_reason", "failing_since", "failures"),
    ]

    def get_fields(self, request, obj=None):
        return [*EndpointForm.Meta.fields, *(self.facts if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        return self.facts if obj else []

    def save_model(self, request, obj, form, change):
        webhooks.save_endpoint(obj, by=request.user)

    def delete_model(self, request, obj):
        webhooks.delete_endpoint(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for endpoint in queryset:
            webhooks.delete_endpoint(endpoint, by=request.user)

    @admin.display(description=_("kinds of events"))
    def kinds_text(self, endpoint: WebhookEndpoint) -> str:
        return " ".join(endpoint.kinds)

    @admin.action(description=_("Send a test"), permissions=["change"])
    def ping(self, request, queryset) -> None:
        for endpoint in queryset[:10]:
            attempt = webhooks.ping_endpoint(endpoint, by=request.user)
            if attempt.error:
                messages.error(request, f"{endpoint}: {attempt.error}")
            else:
                text = _("%(webhook)s answered %(status)d in %(seconds)s seconds.")
                answer = {"status": attempt.status, "seconds": attempt.seconds}
                messages.success(request, text % {"webhook": endpoint, **answer})

    @admin.action(
        description=_("Make a new secret (the former one works for a day)"), permissions=["change"]
    )
    def rotate(self, request, queryset) -> None:
        for endpoint in queryset:
            webhooks.rotate_secret(endpoint, by=request.user)
            text = _("%s has a new secret: open it to read it.") % endpoint
            messages.success(request, text)

    @admin.action(description=_("Pause"), permissions=["change"])
    def pause(self, request, queryset) -> None:
        for endpoint in queryset:
            webhooks.pause_endpoint(endpoint, by=request.user)

    @admin.action(description=_("Resume, and send what waited"), permissions=["change"])
    def resume(self, request, queryset) -> None:
        for endpoint in queryset:
            webhooks.resume_endpoint(endpoint, by=request.user)
        nudge(deliver_webhooks)


class AttemptInline(ReadOnly, admin.TabularInline):
    model = WebhookAttempt
    extra = 0
    fields = ["at", "status", "seconds", "error", "request", "answered"]
    readonly_fields = fields

    def has_view_permission(self, request, obj=None) -> bool:
        """Whoever may see the delivery."""
        return True

    @admin.display(description=_("request headers"))
    def request(self, attempt: WebhookAttempt) -> str:
        return _lines(attempt.request_headers)

    @admin.display(description=_("answer"))
    def answered(self, attempt: WebhookAttempt) -> str:
        return _lines({**attempt.answer_headers, "": attempt.answer})


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(WorkAdmin):
    """The log: what was sent to whom, and what was answered."""

    list_display = ["planned_at", "endpoint", "kind", "subject", "state", "tries", "error"]
    list_filter = ["state", ("endpoint", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["endpoint"]
    search_fields = ["=message_id", "=subject"]
    fields = ["endpoint", "message_id", "kind", "subject", "body", *PROGRESS]
    inlines = [AttemptInline]
    actions = ["replay"]

    @admin.action(description=_("Send again"), permissions=["repeat"])
    def replay(self, request, queryset) -> None:
        for delivery in queryset:
            try:
                webhooks.replay(delivery, by=request.user)
            except ValidationError as error:
                messages.error(request, f"{delivery}: {error.message}")
            else:
                messages.success(request, _("%s is sent again.") % delivery)
        nudge(deliver_webhooks)


def _lines(pairs: dict[str, str]) -> str:
    return format_html_join(
        "",
        "<div>{}{}</div>",
        ((f"{name}: " if name else "", value) for name, value in pairs.items()),
    )
