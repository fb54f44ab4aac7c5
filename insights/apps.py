from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightsConfig(AppConfig):
    name = "insights"
    verbose_name = _("Insights")

    def ready(self) -> None:
        from events import schedule
        from events.schedule import daily_at
        from insights import lines
        from insights.reports import REPORT_HOUR, make_due_report

        lines.register_lines()
        schedule.register("daily_report", _("Daily report"), daily_at(REPORT_HOUR), make_due_report)
