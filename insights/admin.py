"""The daily reports at the desk: to read, not to change."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from events.reporting import label_of
from insights.models import DailyReport
from lib.admin import QuickList


@admin.register(DailyReport)
class DailyReportAdmin(QuickList, admin.ModelAdmin):
    list_display = ["day", "posts_published", "failures_told", "created_at"]
    date_hierarchy = None
    fields = readonly_fields = ["day", "since", "until", "numbers", "created_at"]

    @admin.display(description=_("posts published"))
    def posts_published(self, report: DailyReport):
        return report.count_of("posts_published")

    @admin.display(description=_("failures"))
    def failures_told(self, report: DailyReport):
        return report.failures

    @admin.display(description=_("numbers"))
    def numbers(self, report: DailyReport):
        return format_html(
            "<dl>{}</dl>",
            format_html_join(
                "",
                "<dt>{}</dt><dd>{}{}</dd>",
                (
                    (label_of(line["key"]), line["count"], _details(line["details"]))
                    for line in report.lines
                ),
            ),
        )

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


def _details(details: list[list[str]]):
    """What was counted, as a list of links."""
    if not details:
        return ""
    items = (
        format_html('<li><a href="{}">{}</a></li>', path, text)
        if path
        else format_html("<li>{}</li>", text)
        for text, path in details
    )
    return format_html("<ul>{}</ul>", format_html_join("", "{}", ((item,) for item in items)))
